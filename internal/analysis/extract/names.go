package extract

import (
	"cmp"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/wfegen/wfe/internal/analysis/model"
)

// Kebab turns a Go name into the form that definitions store: a dash before an upper-case letter after a lower-case letter
// or digit, and before the last of a run of capitals that a lower-case letter follows. HTTPServer2Go is http-server2-go.
func Kebab(name string) string {
	runes := []rune(name)
	var b strings.Builder
	for i, r := range runes {
		if i > 0 && unicode.IsUpper(r) {
			before := runes[i-1]
			runEnds := unicode.IsUpper(before) && i+1 < len(runes) && unicode.IsLower(runes[i+1])
			if unicode.IsLower(before) || unicode.IsDigit(before) || runEnds {
				b.WriteByte('-')
			}
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// lowerCamel makes a parameter's name of a type's: HTTPClient is httpClient.
func lowerCamel(name string) string {
	runes := []rune(name)
	for i, r := range runes {
		if !unicode.IsUpper(r) || i > 0 && i+1 < len(runes) && unicode.IsLower(runes[i+1]) {
			break
		}
		runes[i] = unicode.ToLower(r)
	}
	return string(runes)
}

func upperFirst(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}

func lowerFirst(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToLower(r)) + s[n:]
}

func isExported(name string) bool { return token.IsExported(name) }

// names are those that are not free any more.
type names map[string]bool

// newNames returns the names that no identifier of generated code may have, besides those of the package itself.
func newNames(more ...string) names {
	n := names{}
	for _, name := range types.Universe.Names() {
		n[name] = true
	}
	for _, name := range more {
		n[name] = true
	}
	return n
}

// free returns the first of name, name2, name3, ... whose variants are all free and no keyword, and takes them.
func (n names) free(name string, variants ...func(string) string) string {
	if len(variants) == 0 {
		variants = []func(string) string{func(s string) string { return s }}
	}
	for i := 1; ; i++ {
		try := name
		if i > 1 {
			try += strconv.Itoa(i)
		}
		taken := func(v func(string) string) bool { s := v(try); return n[s] || token.IsKeyword(s) }
		if slices.ContainsFunc(variants, taken) {
			continue
		}
		for _, v := range variants {
			n[v(try)] = true
		}
		return try
	}
}

// declares lists the names that users see in generated code, and finds those that the package has already.
func (w *work) declares() {
	add := func(name, what string, pos token.Position) {
		d := model.Declared{Name: name, For: what, Pos: pos}
		if obj := w.object(name); obj != nil {
			d.User = w.pos(obj.Pos())
		}
		w.out.Declares = append(w.out.Declares, d)
	}
	if len(w.out.Steps)+len(w.out.Events)+len(w.out.Workflows) > 0 {
		for _, name := range []string{"Steps", "NewSteps", "Register"} {
			add(name, "", token.Position{})
		}
	}
	for _, e := range w.out.Events {
		add(e.Publish, "event "+e.Name, e.Pos)
	}
	for _, f := range w.out.Workflows {
		add(f.Start, "workflow "+f.Func, f.Pos)
		add(f.Get, "workflow "+f.Func, f.Pos)
	}
	for _, b := range w.out.Builders {
		add(b.Name, "data "+strings.TrimSuffix(b.Name, "Builder"), b.Pos)
	}
	slices.SortStableFunc(w.out.Declares, func(a, b model.Declared) int { return cmp.Compare(a.Name, b.Name) })
}

// names chooses the identifiers that users do not see, so that they collide with nothing.
func (w *work) names() {
	w.imports()
	taken := newNames(w.out.Taken...)
	for _, d := range w.out.Declares {
		taken[d.Name] = true
	}
	for _, i := range w.out.Imports {
		taken[i.Name] = true
	}
	for _, name := range fixedImports() {
		taken[name] = true
	}
	for _, b := range w.out.Builders {
		base := strings.TrimSuffix(b.Name, "Builder")
		b.New = taken.free("new" + upperFirst(b.Name))
		b.Step = taken.free(base + "Step")
	}
	appendName := func(s string) string { return "append" + s }
	decodeName := func(s string) string { return "decode" + s }
	w.codecs()
	for _, id := range w.out.Codecs {
		t := w.out.Types.At(id)
		w.out.Types[id].Ident = taken.free(w.stem(t), appendName, decodeName)
		if t.Object != nil {
			t.Object.Ident = w.out.Types[id].Ident
		}
	}
	for _, s := range w.out.Steps {
		s.In.Ident = taken.free(upperFirst(s.Name)+"In", appendName, decodeName)
		s.Out.Ident = taken.free(upperFirst(s.Name)+"Out", appendName, decodeName)
	}
	slices.SortFunc(w.out.Codecs, func(a, b model.TypeID) int {
		return cmp.Compare(w.out.Types.At(a).Ident, w.out.Types.At(b).Ident)
	})
}

// fixedImports are the names under which generated code imports what every package needs.
func fixedImports() []string {
	return []string{"wfe", "codec", "definition", "context", "json", "time"}
}

// stem makes an identifier of a type: Order, MailReceipt for one of package mail, PairIntString for an instantiation.
func (w *work) stem(t *model.Type) string {
	var b strings.Builder
	if t.Name == "" {
		return upperFirst(t.Kind.String())
	}
	if t.Pkg != w.out.Path && t.Pkg != "" {
		b.WriteString(upperFirst(t.PkgName))
	}
	b.WriteString(upperFirst(t.Name))
	for _, arg := range t.Args {
		b.WriteString(w.stem(w.out.Types.At(arg)))
	}
	return b.String()
}

// codecs lists the types that get functions, by their names, so that equal idents are numbered alike in every run.
func (w *work) codecs() {
	seen := map[model.TypeID]bool{}
	var reach func(id model.TypeID)
	members := func(o *model.Object) {
		for _, m := range o.Members {
			reach(m.Type)
		}
	}
	reach = func(id model.TypeID) {
		if id == 0 || seen[id] {
			return
		}
		seen[id] = true
		t := w.out.Types.At(id)
		if t.Encode != model.FormKind && t.Decode != model.FormKind {
			return
		}
		composite := t.Kind == model.Slice || t.Kind == model.Array || t.Kind == model.Map || t.Kind == model.Pointer
		if t.Kind == model.Struct || composite && t.Named() {
			w.out.Codecs = append(w.out.Codecs, id)
		}
		reach(t.Key)
		reach(t.Elem)
		if t.Object != nil {
			members(t.Object)
		}
	}
	for _, d := range w.out.Data {
		reach(d.Type)
	}
	for _, e := range w.out.Events {
		reach(e.Type)
	}
	for _, b := range w.out.Builders {
		reach(b.Data)
	}
	for _, s := range w.out.Steps {
		members(&s.In)
		members(&s.Out)
	}
	slices.SortStableFunc(w.out.Codecs, func(a, b model.TypeID) int {
		return cmp.Compare(w.out.Types.String(a), w.out.Types.String(b))
	})
}

// imports lists the packages of all types.
func (w *work) imports() {
	byPath := map[string]string{}
	for i := range w.out.Types {
		if t := &w.out.Types[i]; t.Pkg != "" && t.Pkg != w.out.Path {
			byPath[t.Pkg] = t.PkgName
		}
	}
	for _, u := range w.out.Uses {
		byPath[u.Path] = u.Name
	}
	for path, name := range byPath {
		w.out.Imports = append(w.out.Imports, model.Import{Path: path, Name: name})
	}
	slices.SortFunc(w.out.Imports, func(a, b model.Import) int { return cmp.Compare(a.Path, b.Path) })
}
