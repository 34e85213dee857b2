package extract

import (
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/types/typeutil"

	"github.com/wfegen/wfe/internal/analysis/model"
)

// table numbers types. What is saved is entered with its structure (id); of what is only mentioned, such as the type of a
// dependency, the name is enough (mention), so that the insides of half the standard library stay out. What depends on
// other entries being complete is filled in by finish.
type table struct {
	fset    *token.FileSet
	own     *types.Package
	docs    map[token.Pos]string
	ids     typeutil.Map
	types   model.Types
	source  []types.Type // as types
	deep    []bool       // entered with their structure
	invalid bool         // a type with an error has been entered
}

func newTable(fset *token.FileSet, own *types.Package, docs map[token.Pos]string) *table {
	return &table{fset: fset, own: own, docs: docs, types: make(model.Types, 1), source: make([]types.Type, 1), deep: make([]bool, 1)}
}

// id returns the number of a type, and enters it with its structure when that is not there yet.
func (t *table) id(typ types.Type) model.TypeID {
	typ = types.Unalias(typ)
	id := t.mention(typ)
	if t.deep[id] {
		return id
	}
	if m := methodsOf(typ); m.MarshalJSON+m.MarshalText > 0 && m.UnmarshalJSON+m.UnmarshalText > 0 && t.foreign(typ) {
		return id // what it is made of is its own business
	}
	t.deep[id] = true
	entry := t.types[id]
	t.structure(&entry, typ, t.id)
	t.types[id] = entry
	return id
}

func (t *table) foreign(typ types.Type) bool {
	named, ok := typ.(*types.Named)
	return ok && named.Obj().Pkg() != t.own
}

// mention returns the number of a type, and enters it as far as its name needs when it is not there yet.
func (t *table) mention(typ types.Type) model.TypeID {
	typ = types.Unalias(typ)
	if endless(typ, maxArgs) {
		typ = types.Typ[types.Invalid]
	}
	if id, ok := t.ids.At(typ).(model.TypeID); ok {
		return id
	}
	id := model.TypeID(len(t.types))
	t.ids.Set(typ, id)
	entry := model.Type{ID: id, Kind: kindOf(typ), Comparable: types.Comparable(typ)}
	t.types = append(t.types, entry)
	t.source = append(t.source, typ)
	t.deep = append(t.deep, false)
	t.invalid = t.invalid || entry.Kind == model.Invalid
	switch typ := typ.(type) {
	case *types.Named:
		obj := typ.Obj()
		entry.Name = obj.Name()
		if obj.Pkg() != nil {
			entry.Pkg, entry.PkgName = obj.Pkg().Path(), obj.Pkg().Name()
		}
		for arg := range typ.TypeArgs().Types() {
			entry.Args = append(entry.Args, t.mention(arg))
		}
	case *types.Basic:
		entry.Name = entry.Kind.String()
	default:
		t.structure(&entry, typ, t.mention)
	}
	t.types[id] = entry
	return id
}

// maxArgs bounds how deep instantiations are nested in each other.
const maxArgs = 20

// endless reports whether a type is an instantiation of instantiations deeper than left: one that holds a larger one of
// itself, as type K[T any] struct{ Next *K[K[T]] } does. The compiler refuses it, and has no end either.
func endless(typ types.Type, left int) bool {
	if left < 0 {
		return true
	}
	named, ok := types.Unalias(typ).(*types.Named)
	if !ok {
		return false
	}
	for arg := range named.TypeArgs().Types() {
		if endless(arg, left-1) {
			return true
		}
	}
	return false
}

// structure describes what a type is made of.
func (t *table) structure(e *model.Type, typ types.Type, enter func(types.Type) model.TypeID) {
	switch u := typ.Underlying().(type) {
	case *types.Pointer:
		e.Elem = enter(u.Elem())
	case *types.Slice:
		e.Elem = enter(u.Elem())
	case *types.Array:
		e.Elem, e.Len = enter(u.Elem()), u.Len()
	case *types.Map:
		e.Key, e.Elem = enter(u.Key()), enter(u.Elem())
	case *types.Chan:
		e.Elem, e.Dir = t.mention(u.Elem()), [...]string{"chan", "chan<-", "<-chan"}[u.Dir()]
	case *types.Signature:
		e.Sigs = []model.Signature{t.signature("", u)}
	case *types.Interface:
		e.Empty, e.Sigs = u.Empty(), nil
		for m := range u.Methods() {
			e.Sigs = append(e.Sigs, t.signature(m.Name(), m.Signature()))
		}
		slices.SortFunc(e.Sigs, func(a, b model.Signature) int { return strings.Compare(a.Name, b.Name) })
	case *types.Struct:
		e.Fields = nil
		for i := range u.NumFields() {
			f := t.field(u.Field(i), u.Tag(i), nil)
			if f.Mark() != model.MarkInject && !f.Hidden() && (f.Exported || f.Embedded) {
				enter(u.Field(i).Type())
			}
			e.Fields = append(e.Fields, f)
		}
	}
}

func (t *table) signature(name string, s *types.Signature) model.Signature {
	out := model.Signature{Name: name, Variadic: s.Variadic()}
	for v := range s.Params().Variables() {
		out.Params = append(out.Params, t.mention(v.Type()))
	}
	for v := range s.Results().Variables() {
		out.Results = append(out.Results, t.mention(v.Type()))
	}
	return out
}

// field describes a field that is reached through the embedded fields before it.
func (t *table) field(v *types.Var, tag string, before []model.Elem) model.Field {
	return model.Field{
		Name: v.Name(), Type: t.mention(v.Type()), Tag: tag, Embedded: v.Embedded(), Exported: v.Exported(),
		Doc: t.docs[v.Pos()], Pos: t.fset.PositionFor(v.Pos(), false), Path: append(slices.Clip(before), t.elem(v)),
	}
}

func (t *table) elem(v *types.Var) model.Elem {
	_, pointer := types.Unalias(v.Type()).(*types.Pointer)
	return model.Elem{Name: v.Name(), Type: t.mention(v.Type()), Pointer: pointer && v.Embedded()}
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
