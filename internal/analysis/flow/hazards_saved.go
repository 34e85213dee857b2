package flow

import (
	"go/types"
	"reflect"
	"slices"
	"strings"
)

// why says why a type cannot be saved.
type why struct {
	is   string // an error
	hint string
}

const anError = "an error"

// unsavable returns why a variable of a type cannot be saved, nil if it can. What lies in fields of structs may be what data
// may have.
func (h *hazards) unsavable(t types.Type) *why {
	if p, ok := types.Unalias(t).(*types.Pointer); ok && isRuntime(p.Elem(), "Failure") {
		return nil
	}
	return h.unsaved(t, map[types.Type]bool{}, false)
}

func (h *hazards) unsaved(t types.Type, seen map[types.Type]bool, inField bool) *why {
	if seen[t] {
		return nil
	}
	seen[t] = true
	name := types.TypeString(t, types.RelativeTo(h.Pkg))
	if n, ok := types.Unalias(t).(*types.Named); ok {
		if w := h.named(n, name); w != nil {
			return w
		}
		if marshals(n) {
			return nil
		}
	}
	if _, ok := types.Unalias(t).(*types.TypeParam); ok {
		return &why{"of a type that is not known", "write the function for one type"}
	}
	switch u := t.Underlying().(type) {
	case *types.Signature:
		return &why{"a function", "call it before, and keep what it returns; or declare it as a function of the package"}
	case *types.Chan:
		return &why{"a channel", "keep the values, and wait for events by wfe.WaitFor"}
	case *types.Interface:
		switch {
		case isError(t):
			return &why{anError, "use it before the next call, or in what that is given; for later keep its text, in a string, and make an error of that where it is needed, errors.New(text)"}
		case u.NumMethods() > 0:
			return &why{"an interface, " + name, "keep a value of a struct or basic type"}
		}
	case *types.Pointer:
		if !inField {
			return &why{"a pointer, " + name, "keep the value, or the index or key by which it is found again"}
		}
		return h.unsaved(u.Elem(), seen, true)
	case *types.Slice:
		return h.unsaved(u.Elem(), seen, inField)
	case *types.Array:
		return h.unsaved(u.Elem(), seen, inField)
	case *types.Map:
		if w := h.unsavedKey(u.Key(), name); w != nil {
			return w
		}
		return h.unsaved(u.Elem(), seen, inField)
	case *types.Struct:
		return h.unsavedField(t, u, seen, name)
	case *types.Basic:
		if u.Info()&types.IsComplex != 0 || u.Kind() == types.UnsafePointer {
			return &why{"of type " + name, "keep numbers, strings, structs and slices of these"}
		}
	}
	return nil
}

// unsavedKey returns why a map with keys of type key cannot be saved: in JSON they are texts.
func (h *hazards) unsavedKey(key types.Type, m string) *why {
	if n, ok := types.Unalias(key).(*types.Named); ok {
		if w := h.named(n, m); w != nil {
			return w
		}
		if marshalsAs(n, "Text") {
			return nil
		}
	}
	if b, ok := key.Underlying().(*types.Basic); ok && b.Info()&(types.IsString|types.IsInteger) != 0 {
		return nil
	}
	return &why{"of type " + m + ", and a key is saved as a text", "use keys that are strings or integers, or of a type with MarshalText and UnmarshalText"}
}

// named returns why a declared type cannot be used in generated code.
func (h *hazards) named(n *types.Named, name string) *why {
	obj := n.Obj()
	switch {
	case obj.Pkg() == nil:
		return nil
	case obj.Parent() != nil && obj.Parent() != obj.Pkg().Scope():
		return &why{"of type " + name + ", which is declared in a function", "declare the type in the package"}
	case obj.Pkg() != h.Pkg && !obj.Exported():
		return &why{"of type " + name + ", which this package cannot name", "keep what is needed of it in a type of this package"}
	}
	return nil
}

func (h *hazards) unsavedField(t types.Type, st *types.Struct, seen map[types.Type]bool, name string) *why {
	for i := range st.NumFields() {
		f := st.Field(i)
		tag := reflect.StructTag(st.Tag(i))
		if f.Name() == "_" || slices.Contains(strings.Split(tag.Get("wfe"), ","), "inject") {
			continue
		}
		if !f.Exported() && !f.Embedded() {
			return &why{"of type " + name + ", and its field " + f.Name() + " is not exported, so it would be lost", h.hiddenHint(t, f)}
		}
		if w := h.unsaved(f.Type(), seen, true); w != nil {
			return &why{"of type " + name + ", and its field " + f.Name() + " is " + w.is, "keep what is needed of it in variables of their own"}
		}
	}
	return nil
}

// hiddenHint says what to do about a field of a type that is not exported.
func (h *hazards) hiddenHint(t types.Type, f *types.Var) string {
	if f.Pkg() == h.Pkg {
		return "export the field, or keep what is needed in variables of their own"
	}
	if m := types.NewMethodSet(types.NewPointer(t)).Lookup(nil, "String"); m != nil && m.Type().(*types.Signature).Params().Len() == 0 {
		return "keep its text, before the call, as in s := x.String(): that can be saved"
	}
	return "keep what is needed of it, before the call, in variables of their own"
}

// marshals reports whether a type says itself how it is saved.
func marshals(n *types.Named) bool { return marshalsAs(n, "JSON") || marshalsAs(n, "Text") }

func marshalsAs(n *types.Named, form string) bool {
	ms := types.NewMethodSet(types.NewPointer(n))
	return ms.Lookup(nil, "Marshal"+form) != nil && ms.Lookup(nil, "Unmarshal"+form) != nil
}
