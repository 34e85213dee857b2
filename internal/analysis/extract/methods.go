package extract

import (
	"go/types"

	"github.com/wfegen/wfe/internal/analysis/model"
)

// methodsOf looks for the methods that encoding/json looks for.
func methodsOf(typ types.Type) (out model.Methods) {
	switch typ.(type) {
	case *types.Named, *types.Struct, *types.Interface: // an anonymous struct may have promoted ones
	default:
		return out
	}
	bytes, err := types.NewSlice(types.Typ[types.Byte]), types.Universe.Lookup("error").Type()
	marshal := func(s *types.Signature) bool { return hasTypes(s.Params()) && hasTypes(s.Results(), bytes, err) }
	unmarshal := func(s *types.Signature) bool { return hasTypes(s.Params(), bytes) && hasTypes(s.Results(), err) }
	isZero := func(s *types.Signature) bool {
		return hasTypes(s.Params()) && hasTypes(s.Results(), types.Typ[types.Bool])
	}
	for _, m := range []struct {
		name string
		fits func(*types.Signature) bool
		to   *model.Receiver
	}{
		{"MarshalJSON", marshal, &out.MarshalJSON},
		{"UnmarshalJSON", unmarshal, &out.UnmarshalJSON},
		{"MarshalText", marshal, &out.MarshalText},
		{"UnmarshalText", unmarshal, &out.UnmarshalText},
		{"IsZero", isZero, &out.IsZero},
	} {
		receiver, sel := method(typ, m.name)
		if sel == nil || !m.fits(sel.Type().(*types.Signature)) {
			continue
		}
		*m.to = receiver
		if len(sel.Index()) > 1 && m.name != "IsZero" && out.Promoted == "" {
			out.Promoted = typ.Underlying().(*types.Struct).Field(sel.Index()[0]).Name()
		}
	}
	return out
}

// method finds a method of a type or of a pointer to it, promoted ones included.
func method(typ types.Type, name string) (model.Receiver, *types.Selection) {
	if sel := types.NewMethodSet(typ).Lookup(nil, name); sel != nil {
		return model.OnValue, sel
	}
	if types.IsInterface(typ) {
		return model.Absent, nil
	}
	if sel := types.NewMethodSet(types.NewPointer(typ)).Lookup(nil, name); sel != nil {
		return model.OnPointer, sel
	}
	return model.Absent, nil
}

func hasTypes(t *types.Tuple, want ...types.Type) bool {
	if t.Len() != len(want) {
		return false
	}
	for i, w := range want {
		if !types.Identical(t.At(i).Type(), w) {
			return false
		}
	}
	return true
}

// isNamed reports whether typ is the type with a name and package path.
func isNamed(typ types.Type, path, name string) bool {
	named, ok := types.Unalias(typ).(*types.Named)
	return ok && named.Obj().Name() == name && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == path
}
