package analysis_test

import (
	"fmt"
	"strings"

	"github.com/wfegen/wfe/internal/analysis/model"
)

// dump writes models for the section "want: model".
func dump(pkgs []*model.Package) string {
	var b strings.Builder
	for _, p := range pkgs {
		d := &dumper{&b, p}
		d.pkg()
	}
	return b.String()
}

type dumper struct {
	b *strings.Builder
	p *model.Package
}

func (d *dumper) line(indent int, format string, args ...any) {
	d.b.WriteString(strings.Repeat("\t", indent) + fmt.Sprintf(format, args...) + "\n")
}

func (d *dumper) pkg() {
	d.line(0, "package %s %s requested=%v", d.p.Name, d.p.Path, d.p.Requested)
	for _, x := range d.p.Data {
		d.line(1, "data %s %s", x.Name, d.object(d.p.Types.At(x.Type).Object))
	}
	for _, x := range d.p.Events {
		d.line(1, "event %s %q %s %s", x.Name, x.Event, x.Publish, d.object(d.p.Types.At(x.Type).Object))
	}
	for _, x := range d.p.Steps {
		d.step(x)
	}
	for _, x := range d.p.Deps {
		d.line(1, "dependency %s %s", x.Param, d.p.Types.Short(x.Type, d.p.Path))
		for _, f := range x.For {
			d.line(2, "%s.%s", f.Step.Name, f.Field.Selector())
		}
	}
	for _, x := range d.p.Builders {
		d.builder(x)
	}
	for _, x := range d.p.Workflows {
		d.line(1, "workflow %s %s@%d %s %s %s", x.Func, x.ID, x.Version, x.Builder.Name, x.Start, x.Get)
	}
	for _, x := range d.p.Uses {
		d.line(1, "use %s %s %s", x.Path, x.Name, x.Param)
	}
	for _, id := range d.p.Codecs {
		t := d.p.Types.At(id)
		d.line(1, "codec %s %s %s", t.Ident, d.p.Types.Short(id, d.p.Path), d.object(t.Object))
	}
	for _, x := range d.p.Imports {
		d.line(1, "import %s %q", x.Name, x.Path)
	}
}

func (d *dumper) step(s *model.Step) {
	d.line(1, "step %s %q method=%s run=%d undo=%v", s.Name, s.Step, s.Method, s.Run, s.Undo)
	d.line(2, "record %s %s", s.Record.Ident, d.object(&s.Record))
	if s.Policy.Set() || s.Policy.Timeout != nil {
		var parts []string
		if s.Policy.Retry != nil {
			parts = append(parts, fmt.Sprint("retry=", *s.Policy.Retry))
		}
		if s.Policy.Backoff != nil {
			parts = append(parts, fmt.Sprint("backoff=", *s.Policy.Backoff))
		}
		if s.Policy.Factor != nil {
			parts = append(parts, fmt.Sprint("factor=", *s.Policy.Factor))
		}
		if s.Policy.MaxBackoff != nil {
			parts = append(parts, fmt.Sprint("max=", *s.Policy.MaxBackoff))
		}
		if s.Policy.Jitter != nil {
			parts = append(parts, fmt.Sprint("jitter=", *s.Policy.Jitter))
		}
		if s.Policy.Timeout != nil {
			parts = append(parts, fmt.Sprint("timeout=", *s.Policy.Timeout))
		}
		d.line(2, "policy %s then=%q", strings.Join(parts, " "), s.Policy.OnError)
	}
	if c := s.Compensate; c != nil {
		d.line(2, "compensate %s %s rest %s", c.Step, wires(c.Wires), fields(c.Rest))
	}
}

func (d *dumper) builder(b *model.Builder) {
	d.line(1, "builder %s %s %s over %s", b.Name, b.New, b.Step, d.p.Types.Short(b.Data, d.p.Path))
	for _, m := range b.Methods {
		d.line(2, "%s in %s need %s out %s unsaved %s undo %s", m.Name, wires(m.In), fields(m.Need), wires(m.Out), fields(m.Unsaved), wires(m.Undo))
	}
	for _, l := range b.Loops {
		d.line(2, "%s %q over %s of %s", l.Name, l.ID, l.From.Selector(), d.p.Types.Short(l.Elem, d.p.Path))
	}
}

func (d *dumper) object(o *model.Object) string {
	if o == nil {
		return ""
	}
	var out []string
	for _, m := range o.Members {
		s := fmt.Sprintf("%s:%s %s", m.Name, m.Selector(), d.p.Types.Short(m.Type, d.p.Path))
		t := d.p.Types.At(m.Type)
		if t.Encode != model.FormKind || t.Decode != model.FormKind {
			s += fmt.Sprintf(" form=%d/%d", t.Encode, t.Decode)
		}
		for _, o := range []struct {
			on   bool
			name string
		}{{m.OmitEmpty, "omitempty"}, {m.OmitZero, "omitzero"}, {m.Quoted, "string"}, {t.AddrMatters, "addr"}} {
			if o.on {
				s += "," + o.name
			}
		}
		out = append(out, s)
	}
	return "{" + strings.Join(out, "; ") + "}"
}

func wires(ws []model.Wire) string {
	var out []string
	for _, w := range ws {
		out = append(out, w.To.Selector()+"<-"+w.From.Selector())
	}
	return fmt.Sprint(out)
}

func fields(fs []model.Field) string {
	var out []string
	for _, f := range fs {
		out = append(out, f.Selector())
	}
	return fmt.Sprint(out)
}
