package extract

import (
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/types/typeutil"

	"github.com/wfegen/wfe/internal/analysis/model"
)

// table numbers types. A type is entered with its structure at once; what depends on other entries being complete is
// filled in by finish.
type table struct {
	fset    *token.FileSet
	own     *types.Package
	docs    map[token.Pos]string
	ids     typeutil.Map
	types   model.Types
	source  []types.Type // as types
	invalid bool         // a type with an error has been entered
}

func newTable(fset *token.FileSet, own *types.Package, docs map[token.Pos]string) *table {
	return &table{fset: fset, own: own, docs: docs, types: make(model.Types, 1), source: make([]types.Type, 1)}
}

// id returns the number of a type, and enters it when it is new.
func (t *table) id(typ types.Type) model.TypeID {
	typ = types.Unalias(typ)
	if id, ok := t.ids.At(typ).(model.TypeID); ok {
		return id
	}
	id := model.TypeID(len(t.types))
	t.ids.Set(typ, id)
	t.types = append(t.types, model.Type{})
	t.source = append(t.source, typ)
	entry := t.structure(typ)
	entry.ID, entry.Kind = id, kindOf(typ)
	if entry.Kind == model.Invalid {
		t.invalid = true
	}
	entry.Comparable = types.Comparable(typ)
	t.types[id] = entry
	return id
}

// structure describes a type by its name and by what its underlying type is made of.
func (t *table) structure(typ types.Type) (e model.Type) {
	switch typ := typ.(type) {
	case *types.Named:
		obj := typ.Obj()
		e.Name = obj.Name()
		if obj.Pkg() != nil {
			e.Pkg, e.PkgName = obj.Pkg().Path(), obj.Pkg().Name()
		}
		for arg := range typ.TypeArgs().Types() {
			e.Args = append(e.Args, t.id(arg))
		}
	case *types.Basic:
		e.Name = kindOf(typ).String()
	}
	switch u := typ.Underlying().(type) {
	case *types.Pointer:
		e.Elem = t.id(u.Elem())
	case *types.Slice:
		e.Elem = t.id(u.Elem())
	case *types.Array:
		e.Elem, e.Len = t.id(u.Elem()), u.Len()
	case *types.Map:
		e.Key, e.Elem = t.id(u.Key()), t.id(u.Elem())
	case *types.Chan:
		e.Elem, e.Dir = t.id(u.Elem()), [...]string{"chan", "chan<-", "<-chan"}[u.Dir()]
	case *types.Signature:
		e.Sigs = []model.Signature{t.signature("", u)}
	case *types.Interface:
		e.Empty = u.Empty()
		for m := range u.Methods() {
			e.Sigs = append(e.Sigs, t.signature(m.Name(), m.Signature()))
		}
		slices.SortFunc(e.Sigs, func(a, b model.Signature) int { return strings.Compare(a.Name, b.Name) })
	case *types.Struct:
		for i := range u.NumFields() {
			e.Fields = append(e.Fields, t.field(u.Field(i), u.Tag(i), nil))
		}
	}
	return e
}

func (t *table) signature(name string, s *types.Signature) model.Signature {
	out := model.Signature{Name: name, Variadic: s.Variadic()}
	for v := range s.Params().Variables() {
		out.Params = append(out.Params, t.id(v.Type()))
	}
	for v := range s.Results().Variables() {
		out.Results = append(out.Results, t.id(v.Type()))
	}
	return out
}

// field describes a field that is reached through the embedded fields before it.
func (t *table) field(v *types.Var, tag string, before []model.Elem) model.Field {
	return model.Field{
		Name: v.Name(), Type: t.id(v.Type()), Tag: tag, Embedded: v.Embedded(), Exported: v.Exported(),
		Doc: t.docs[v.Pos()], Pos: t.fset.Position(v.Pos()), Path: append(slices.Clip(before), t.elem(v)),
	}
}

func (t *table) elem(v *types.Var) model.Elem {
	_, pointer := types.Unalias(v.Type()).(*types.Pointer)
	return model.Elem{Name: v.Name(), Type: t.id(v.Type()), Pointer: pointer && v.Embedded()}
}

func kindOf(typ types.Type) model.Kind {
	switch u := typ.Underlying().(type) {
	case *types.Basic:
		if u.Kind() >= types.Bool && u.Kind() <= types.Complex128 {
			return model.Bool + model.Kind(u.Kind()-types.Bool)
		}
		switch u.Kind() {
		case types.String:
			return model.String
		case types.UnsafePointer:
			return model.UnsafePointer
		}
	case *types.Pointer:
		return model.Pointer
	case *types.Slice:
		return model.Slice
	case *types.Array:
		return model.Array
	case *types.Map:
		return model.Map
	case *types.Struct:
		return model.Struct
	case *types.Interface:
		if _, param := types.Unalias(typ).(*types.TypeParam); !param {
			return model.Interface
		}
	case *types.Chan:
		return model.Chan
	case *types.Signature:
		return model.Func
	}
	return model.Invalid
}
