package check

import (
	"go/token"

	"github.com/wfegen/wfe/internal/analysis/model"
)

// place is where in the source a type is used, and how one gets there.
type place struct {
	path string // Order.Items[].Price
	pos  token.Position
}

// saved checks that data, events, inputs, outputs and elements can be saved.
func (c *checker) saved() {
	for _, d := range c.pkg.Data {
		c.value(d.Type, place{d.Name, d.Pos})
	}
	for _, e := range c.pkg.Events {
		c.value(e.Type, place{e.Name, e.Pos})
	}
	for _, s := range c.pkg.Steps {
		c.stepFields(s)
		if s.Run == model.RunBranches {
			c.value(s.Item, place{c.short(s.Item), s.Pos})
		}
	}
	for _, w := range c.pkg.Workflows {
		c.elements(w.Graph)
	}
}

// elements checks what the loops of a workflow run for: the elements of wfe.Each are saved when the loop is reached.
func (c *checker) elements(g *model.Graph) {
	if g == nil {
		return
	}
	for i := range g.Nodes {
		if n := &g.Nodes[i]; n.Elem != 0 {
			c.value(n.Elem, place{c.short(n.Elem), n.Pos})
		}
	}
}

// stepFields checks the fields of a step: only inputs and outputs are saved, but an unexported field has to say why it is
// there.
func (c *checker) stepFields(s *model.Step) {
	c.clashes(c.types.At(s.Type), place{s.Name, s.Pos})
	saved := map[string]bool{}
	for _, m := range s.Record.Members {
		saved[m.Selector()] = true
	}
	for _, f := range s.Fields {
		at := c.at(f, place{s.Name, s.Pos})
		switch {
		case f.Mark() == model.BadMark:
			c.report(badTag(f, at))
		case f.Role == model.RoleIn, f.Role == model.RoleOut:
			if f.Embedded && !saved[f.Selector()] {
				c.report(embeddedMarshaler(at, s.Name, f.Name))
				continue
			}
			c.value(f.Type, at)
		case f.Role == model.RoleInject && !c.types.At(f.Type).Nameable:
			c.report(unnameable(f, at, c.types.Short(f.Type, c.pkg.Path)))
		case f.Role == model.RoleNone && c.foreign(s, f):
			c.report(foreignUnexported(at, c.types.Short(c.parent(s, f), c.pkg.Path), f.Name))
		case f.Role == model.RoleNone:
			c.report(unexportedStepField(f, at))
		}
	}
}

// parent returns the struct that declares a field of a step.
func (c *checker) parent(s *model.Step, f model.Field) model.TypeID {
	if len(f.Path) < 2 {
		return s.Type
	}
	return f.Path[len(f.Path)-2].Type
}

func (c *checker) foreign(s *model.Step, f model.Field) bool {
	t := c.types.At(c.parent(s, f))
	return t.Pkg != "" && t.Pkg != c.pkg.Path
}

// at goes on to a field. The position stays that of the way there, when the field is declared elsewhere.
func (c *checker) at(f model.Field, from place) place {
	to := place{from.path + "." + f.Name, from.pos}
	if c.own(f.Pos.Filename) {
		to.pos = f.Pos
	}
	return to
}

// value checks a type that is to be saved. What it holds is looked into once.
func (c *checker) value(id model.TypeID, at place) {
	t := c.types.At(id)
	encodes, decodes := ownForm(t.Encode), ownForm(t.Decode)
	switch {
	case t.Kind == model.Invalid:
		return // the compiler's error is reported
	case t.Methods.Promoted != "" && len(t.Fields) > 1 && (encodes || decodes):
		c.report(promotedMarshaler(at, c.short(id), t.Methods.Promoted))
		return
	case encodes != decodes && t.Kind != model.Interface:
		c.report(halfMarshaler(at, c.short(id), encodes))
		return
	case encodes:
		return
	}
	switch t.Kind {
	case model.Chan, model.Func, model.Complex64, model.Complex128, model.UnsafePointer:
		c.report(notSerialisable(at, c.short(id)))
	case model.Interface:
		if !t.Empty {
			c.report(notSerialisable(at, c.short(id)))
		}
	case model.Map:
		if key := c.types.At(t.Key); key.Kind != model.Invalid && (key.KeyEncode == model.KeyNone || key.KeyDecode == model.KeyNone) {
			c.report(badMapKey(at, c.short(t.Key)))
		}
		c.element(t, at, "[]")
	case model.Slice, model.Array:
		c.element(t, at, "[]")
	case model.Pointer:
		c.element(t, at, "")
	case model.Struct:
		if !c.seen[id] {
			c.seen[id] = true
			c.fields(t, at)
		}
	}
}

func (c *checker) short(id model.TypeID) string { return c.types.Short(id, c.pkg.Path) }

// element goes on to what a type is made of. A named type that is made of itself is looked into once.
func (c *checker) element(t *model.Type, at place, step string) {
	if t.Named() {
		if c.seen[t.ID] {
			return
		}
		c.seen[t.ID] = true
	}
	c.value(t.Elem, place{at.path + step, at.pos})
}

// ownForm reports whether a type is not encoded by its kind, but in a way of its own.
func ownForm(f model.Form) bool {
	switch f {
	case model.FormTime, model.FormRaw, model.FormNumber, model.FormJSON, model.FormText:
		return true
	}
	return false
}

// fields checks the fields of a struct that is to be saved.
func (c *checker) fields(t *model.Type, at place) {
	foreign := t.Pkg != "" && t.Pkg != c.pkg.Path
	c.clashes(t, at)
	lost := ""
	for _, f := range t.Fields {
		if f.Name == "_" || f.Hidden() && f.Mark() == model.NoMark {
			continue
		}
		to := c.at(f, at)
		if f.Embedded && c.structBehind(f.Type) != nil {
			to.path = at.path // its fields are promoted
		}
		if !foreign && f.Mark() != model.NoMark {
			c.report(tagOffStep(f, to))
		}
		switch {
		case f.Exported || f.Embedded && c.types.At(f.Type).Kind == model.Struct:
			c.value(f.Type, to)
		case foreign:
			if lost == "" {
				lost = f.Name
			}
		case f.Embedded && c.structBehind(f.Type) != nil:
			c.report(embeddedUnexportedPointer(to, f.Name))
		default:
			c.report(unexportedField(to))
		}
	}
	if lost != "" {
		c.report(foreignUnexported(at, c.short(t.ID), lost))
	}
}

// structBehind returns the struct that a type is or points to.
func (c *checker) structBehind(id model.TypeID) *model.Type {
	t := c.types.At(id)
	if t.Kind == model.Pointer {
		t = c.types.At(t.Elem)
	}
	if t.Kind != model.Struct {
		return nil
	}
	return t
}

func (c *checker) clashes(t *model.Type, at place) {
	if t.Object == nil {
		return
	}
	for _, clash := range t.Object.Clashes {
		c.report(sameJSONName(clash, c.at(clash.Fields[len(clash.Fields)-1], at)))
	}
	for _, m := range t.Object.Members {
		if m.Name == "wfe:vars" {
			c.report(variablesName(m, at))
		}
	}
}
