// Package explain says in words how a type of the user's is saved and wired, and which settings hold for it and where they
// come from. It looks at models only, and does not judge them.
package explain

import (
	"fmt"
	"go/token"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/wfegen/wfe/internal/analysis/directive"
	"github.com/wfegen/wfe/internal/analysis/model"
)

// Type returns what there is to say about the types of a name: Order, order.Order or example.com/shop/order.Order. There is
// one text for each type. Files writes the name of a file for people.
func Type(pkgs []*model.Package, name string, files func(string) string) []string {
	var out []string
	for _, pkg := range pkgs {
		for id := range pkg.Types {
			t := pkg.Types.At(model.TypeID(id))
			if id == 0 || !t.Named() || !called(t, name) || t.Pkg != pkg.Path && isMarked(pkgs, t) {
				continue
			}
			w := &text{pkg: pkg, files: files}
			w.about(t)
			out = append(out, w.String())
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Names returns the names of all types that can be asked for.
func Names(pkgs []*model.Package) []string {
	var out []string
	for _, pkg := range pkgs {
		for id := range pkg.Types {
			if t := pkg.Types.At(model.TypeID(id)); id > 0 && t.Named() {
				out = append(out, t.Name)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func called(t *model.Type, name string) bool {
	return name == t.Name || name == t.PkgName+"."+t.Name || name == t.Pkg+"."+t.Name
}

// isMarked reports whether the package that declares a type says all about it.
func isMarked(pkgs []*model.Package, t *model.Type) bool {
	return slices.ContainsFunc(pkgs, func(p *model.Package) bool { return p.Path == t.Pkg && p.Requested })
}

// text is what is written about one type.
type text struct {
	strings.Builder
	pkg   *model.Package
	files func(string) string
}

func (w *text) line(format string, args ...any) { fmt.Fprintf(w, format+"\n", args...) }

// table writes rows of cells, in columns.
func (w *text) table(rows [][]string) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		fmt.Fprintln(t, "    "+strings.Join(row, "\t"))
	}
	_ = t.Flush() // into memory
}

func (w *text) place(p token.Position) string {
	return fmt.Sprintf("%s:%d:%d", w.files(p.Filename), p.Line, p.Column)
}

func (w *text) about(t *model.Type) {
	marked := false
	for _, d := range w.pkg.Data {
		if d.Type == t.ID {
			marked = true
			w.line("%s is data of workflows: %s", t.Name, w.place(d.Pos))
		}
	}
	for _, e := range w.pkg.Events {
		if e.Type == t.ID {
			marked = true
			w.line("%s is the event %q, published by %s: %s", t.Name, e.Event, e.Publish, w.place(e.Pos))
		}
	}
	for _, s := range w.pkg.Steps {
		if s.Type == t.ID {
			w.step(s)
			return
		}
	}
	if !marked {
		w.line("%s is not marked, and saved as a part of what is", w.pkg.Types.Short(t.ID, ""))
	}
	w.saved(t)
	for _, b := range w.pkg.Builders {
		if b.Data == t.ID {
			w.builder(b)
		}
	}
}

// saved says how values of a type are written.
func (w *text) saved(t *model.Type) {
	if t.Object == nil || t.Encode != model.FormKind {
		w.line("  saved as %s", w.form(t))
		return
	}
	w.line("  saved as a JSON object, schema %s", w.pkg.Types.Fingerprint(t.Object))
	w.members(t.Object)
	for _, f := range t.Fields {
		if f.Hidden() {
			w.line("  not saved: %s, tagged json:\"-\"", f.Name)
		}
	}
}

func (w *text) members(o *model.Object) {
	var rows [][]string
	for _, m := range o.Members {
		form := w.form(w.pkg.Types.At(m.Type))
		switch {
		case m.Quoted:
			form += ", in quotes"
		case m.OmitEmpty:
			form += ", left out when empty"
		case m.OmitZero:
			form += ", left out when zero"
		}
		if w.secret(o, m) {
			form += ", secret: kept out of errors and logs"
		}
		rows = append(rows, []string{fmt.Sprintf("%q", m.Name), m.Selector(), w.pkg.Types.Short(m.Type, w.pkg.Path), form})
	}
	w.table(rows)
}

// secret reports whether a member, or a field that it is promoted through, is kept out of errors and logs.
func (w *text) secret(o *model.Object, m model.Member) bool {
	in := w.pkg.Types.At(o.Type)
	for _, elem := range m.Path {
		if in.Kind == model.Pointer {
			in = w.pkg.Types.At(in.Elem)
		}
		i := slices.IndexFunc(in.Fields, func(f model.Field) bool { return f.Name == elem.Name })
		if i >= 0 && in.Fields[i].Secret() {
			return true
		}
		in = w.pkg.Types.At(elem.Type)
	}
	return false
}

// form says what a type is in JSON.
func (w *text) form(t *model.Type) string {
	switch t.Encode {
	case model.FormBytes:
		return "a string in base64"
	case model.FormTime:
		return "a string as in RFC 3339"
	case model.FormRaw:
		return "the JSON that it holds"
	case model.FormNumber:
		return "a number"
	case model.FormJSON:
		return "what its MarshalJSON writes"
	case model.FormText:
		return "a string that its MarshalText writes"
	case model.FormStd:
		return "what encoding/json makes of it, by reflection"
	case model.FormNone:
		return "nothing: it has no form in JSON"
	}
	switch {
	case t.Kind == model.Bool:
		return "true or false"
	case t.Kind.Int(), t.Kind.Uint(), t.Kind.Float():
		return "a number"
	case t.Kind == model.String:
		return "a string"
	case t.Kind == model.Slice:
		return "an array, or null"
	case t.Kind == model.Array:
		return "an array"
	case t.Kind == model.Pointer:
		return "what it points to, or null"
	case t.Kind == model.Map:
		return "an object with sorted keys, or null"
	}
	return "an object"
}

func (w *text) builder(b *model.Builder) {
	w.line("  its workflows take *%s, with a method for each step", b.Name)
	var rows [][]string
	for _, m := range b.Methods {
		rows = append(rows, []string{m.Name, wiring(m)})
	}
	for _, l := range b.Loops {
		rows = append(rows, []string{l.Name, fmt.Sprintf("a loop over %s, with the id %s", l.From.Selector(), l.ID)})
	}
	w.table(rows)
}

// wiring says where the inputs of a step come from and where its outputs go.
func wiring(m *model.Method) string {
	var parts []string
	for _, in := range m.In {
		parts = append(parts, fmt.Sprintf("%s from %s", in.To.Selector(), in.From.Selector()))
	}
	for _, f := range m.Need {
		parts = append(parts, f.Selector()+" from the workflow")
	}
	for _, out := range m.Out {
		parts = append(parts, fmt.Sprintf("%s to %s", out.From.Selector(), out.To.Selector()))
	}
	for _, f := range m.Unsaved {
		parts = append(parts, f.Selector()+" to where the workflow says with Out, else nowhere")
	}
	if len(parts) == 0 {
		return "nothing to wire"
	}
	return strings.Join(parts, ", ")
}

func (w *text) step(s *model.Step) {
	w.line("%s is the step %q: %s", s.Name, s.Step, w.place(s.Pos))
	switch {
	case s.Run == model.RunSteers:
		w.line("  its Run steers the workflow")
	case s.Run == model.RunNone:
		w.line("  it has no usable Run")
	}
	switch {
	case s.Compensate != nil:
		w.line("  it is undone by the step %s", s.Compensate.Step)
	case s.Undo:
		w.line("  it is undone by its own Undo")
	case s.Asks:
		w.line("  it leaves nothing to undo: compensate=none, %s", w.place(s.Keys["compensate"]))
	default:
		w.line("  it has no compensation")
	}
	for _, f := range s.Inject {
		w.line("  %s %s is injected, by NewSteps", f.Name, w.pkg.Types.Short(f.Type, w.pkg.Path))
	}
	w.line("  inputs and outputs are saved as a JSON object, schema %s", w.pkg.Types.Fingerprint(&s.Record))
	w.members(&s.Record)
	for _, b := range w.pkg.Builders {
		for _, m := range b.Methods {
			if m.Step == s {
				w.line("  %s.%s wires %s", b.Name, m.Name, wiring(m))
			}
		}
	}
	w.settings(s)
}

// settings says what holds for a step, and who says so.
func (w *text) settings(s *model.Step) {
	w.line("  settings, where a workflow says nothing else with OnError")
	var rows [][]string
	for _, v := range directive.Verbs() {
		if v.Name != "defaults" {
			continue
		}
		for _, k := range v.Keys {
			value, from := setting(s.Policy, k.Name), "the runtime's default"
			if at, ok := s.Keys[k.Name]; ok {
				from = "its directive, " + w.place(at)
			} else if at, ok := s.Defaults[k.Name]; ok {
				from = "the package's defaults, " + w.place(at)
			} else {
				value = k.Default
			}
			rows = append(rows, []string{k.Name, value, from})
		}
	}
	w.table(rows)
}

// setting is the value of a key in a policy.
func setting(p model.Policy, key string) string {
	switch key {
	case "retry":
		if p.Retry != nil && *p.Retry == model.Unlimited {
			return directive.Unlimited
		}
		return show(p.Retry)
	case "backoff":
		return show(p.Backoff)
	case "factor":
		return show(p.Factor)
	case "max-backoff":
		return show(p.MaxBackoff)
	case "jitter":
		return show(p.Jitter)
	case "on-error":
		return string(p.OnError)
	case "timeout":
		return show(p.Timeout)
	}
	return ""
}

func show[T any](v *T) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(*v)
}
