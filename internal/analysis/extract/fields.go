package extract

import (
	"go/token"
	"go/types"
	"reflect"

	"github.com/wfegen/wfe/internal/analysis/model"
)

// fields reads the fields of a step, and returns their roles by selector.
func (w *work) fields(s *model.Step, named *types.Named) map[string]model.Role {
	f := &fieldWalk{work: w, step: s, outer: named, roles: map[string]model.Role{}}
	f.walk(named, nil)
	for _, field := range s.Fields {
		switch field.Role {
		case model.RoleIn:
			s.Inputs = append(s.Inputs, field)
		case model.RoleOut:
			s.Outputs = append(s.Outputs, field)
		case model.RoleInject:
			s.Inject = append(s.Inject, field)
		}
	}
	return f.roles
}

// fieldWalk goes through the fields of a step as Go promotes them.
type fieldWalk struct {
	*work
	step  *model.Step
	outer *types.Named
	roles map[string]model.Role
}

func (f *fieldWalk) walk(typ types.Type, before []model.Elem) {
	s := typ.Underlying().(*types.Struct)
	for i := range s.NumFields() {
		v, tag := s.Field(i), s.Tag(i)
		if v.Name() == "_" {
			continue
		}
		found, _, _ := types.LookupFieldOrMethod(f.outer, true, f.marked.pkg.Types, v.Name())
		visible := found == types.Object(v)
		if !visible && len(before) > 0 && (v.Exported() || v.Pkg() == f.marked.pkg.Types) {
			continue // hidden by another field, as Go rules
		}
		field := f.table.field(v, tag, before)
		if v.Pkg() != f.marked.pkg.Types {
			field.Pos = f.step.Pos // export data has lines only, and it is here that it can be mended
		}
		if inner, ok := embeddedStruct(v); ok && f.transparent(v, tag) {
			if field.Path[len(field.Path)-1].Pointer {
				f.report(embeddedPointer(field, f.step.Name))
				continue
			}
			f.walk(inner, field.Path)
			continue
		}
		field.Role = f.role(field, visible)
		f.step.Fields = append(f.step.Fields, field)
		f.roles[field.Selector()] = field.Role
	}
}

// transparent reports whether the fields of an embedded struct are fields of the step: it is itself no dependency, has no
// JSON name and no marshaller of its own.
func (f *fieldWalk) transparent(v *types.Var, tag string) bool {
	if !v.Embedded() {
		return false
	}
	if tag := (model.Field{Tag: tag}).Mark(); tag != model.NoMark {
		return false
	}
	json := reflect.StructTag(tag).Get("json")
	m := methodsOf(types.Unalias(v.Type()))
	return json == "" && m.MarshalJSON == model.Absent && m.MarshalText == model.Absent
}

// role decides what a field is to the step, and reports what cannot be.
func (f *fieldWalk) role(field model.Field, visible bool) model.Role {
	mark := field.Mark()
	switch {
	case mark == model.NoMark && field.Hidden():
		return model.RoleHidden
	case mark == model.NoMark && field.Exported:
		return model.RoleIn
	case mark == model.NoMark:
		return model.RoleNone
	case mark == model.MarkInject && !visible:
		f.report(unreachableField(field, f.step.Name))
		return model.RoleHidden
	case mark == model.MarkInject:
		return model.RoleInject
	case mark == model.MarkOut && field.Hidden():
		f.report(hiddenOutput(field, f.step.Name))
		return model.RoleHidden
	case mark == model.MarkOut && !field.Exported:
		f.report(unexportedOutput(field, f.step.Name))
		return model.RoleHidden
	case mark == model.MarkOut:
		return model.RoleOut
	}
	return model.RoleHidden // a tag that is not understood: package check reports those of all structs
}

// compensations connects steps with the steps that undo them.
func (w *work) compensations() {
	byName := map[string]stepType{}
	for _, m := range w.methods {
		byName[m.step.Name] = m
	}
	for _, m := range w.methods {
		c := m.step.Compensate
		if c == nil {
			continue
		}
		by, ok := byName[c.Step]
		if !ok {
			continue
		}
		c.By = by.step
		for _, in := range by.step.Inputs {
			if from, ok := w.source(m.named, in, byName[c.Step].named); ok && hasField(m.step, from) {
				c.Wires = append(c.Wires, model.Wire{To: in, From: from})
			} else {
				c.Rest = append(c.Rest, in)
			}
		}
	}
}

// hasField reports whether a field of a step is recorded, so that it is there when the step is undone.
func hasField(s *model.Step, field model.Field) bool {
	for _, f := range s.Fields {
		if f.Selector() == field.Selector() {
			return f.Role == model.RoleIn || f.Role == model.RoleOut
		}
	}
	return false
}

// source finds the field of a struct that has the name and the type of a field of another one. It has to be usable in this
// package, saved, and not behind an embedded pointer, which may be nil.
func (w *work) source(in *types.Named, want model.Field, of *types.Named) (model.Field, bool) {
	v, tag, path, ok := w.lookup(in, want.Name)
	if !ok || reflect.StructTag(tag).Get("json") == "-" {
		return model.Field{}, false
	}
	other, _, _, ok := w.lookup(of, want.Name)
	if !ok || !types.Identical(v.Type(), other.Type()) {
		return model.Field{}, false
	}
	for _, e := range path {
		if e.Pointer {
			return model.Field{}, false
		}
	}
	return w.table.field(v, tag, path), true
}

// lookup finds a field by Go's rules. The path is that of the embedded fields before it.
func (w *work) lookup(in *types.Named, name string) (v *types.Var, tag string, path []model.Elem, ok bool) {
	if !token.IsExported(name) && in.Obj().Pkg() != w.marked.pkg.Types {
		return nil, "", nil, false
	}
	obj, index, _ := types.LookupFieldOrMethod(in, true, w.marked.pkg.Types, name)
	v, ok = obj.(*types.Var)
	if !ok {
		return nil, "", nil, false
	}
	var typ types.Type = in
	for i, n := range index {
		if p, ok := types.Unalias(typ).(*types.Pointer); ok {
			typ = p.Elem()
		}
		s := typ.Underlying().(*types.Struct)
		tag, typ = s.Tag(n), s.Field(n).Type()
		if i < len(index)-1 {
			path = append(path, w.table.elem(s.Field(n)))
		}
	}
	return v, tag, path, true
}
