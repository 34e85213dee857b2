package extract

import (
	"go/types"
	"strings"

	"github.com/wfegen/wfe/internal/analysis/model"
)

// finish fills in what encoding/json does with each type. Types entered while it works are finished too.
func (t *table) finish() {
	for id := 1; id < len(t.types); id++ {
		if t.types[id].Kind == model.Struct && t.deep[id] {
			object := t.object(t.source[id])
			t.types[id].Object = &object
		}
	}
	nameable := map[model.TypeID]bool{}
	for id := 1; id < len(t.types); id++ {
		e := &t.types[id]
		e.Methods = methodsOf(t.source[id])
		e.Nameable = t.nameable(model.TypeID(id), nameable)
	}
	for id := 1; id < len(t.types); id++ {
		e := &t.types[id]
		e.Encode = t.form(e, e.Methods.MarshalJSON, e.Methods.MarshalText, false)
		e.Decode = t.form(e, e.Methods.UnmarshalJSON, e.Methods.UnmarshalText, true)
		e.KeyEncode, e.KeyDecode = keyForms(e)
	}
	for id := 1; id < len(t.types); id++ {
		e := &t.types[id]
		if e.Kind == model.Map && e.Key != 0 && e.Encode == model.FormKind && (t.types[e.Key].KeyEncode == model.KeyNone || t.types[e.Key].KeyDecode == model.KeyNone) {
			e.Encode, e.Decode = model.FormNone, model.FormNone
		}
		e.AddrMatters = t.addrMatters(model.TypeID(id), map[model.TypeID]bool{})
	}
}

// form decides how a type is encoded or decoded, given its methods for that.
func (t *table) form(e *model.Type, json, text model.Receiver, decode bool) model.Form {
	switch {
	case e.Pkg == "time" && e.Name == "Time":
		return model.FormTime
	case e.Pkg == "encoding/json" && e.Name == "RawMessage":
		return model.FormRaw
	case e.Pkg == "encoding/json" && e.Name == "Number":
		return model.FormNumber
	case e.Kind == model.Interface:
		return model.FormStd
	case e.Kind == model.Pointer && !e.Nameable:
		return model.FormStd
	case e.Kind == model.Pointer:
		return model.FormKind
	case json != model.Absent:
		return model.FormJSON
	case text != model.Absent:
		return model.FormText
	}
	switch e.Kind {
	case model.Invalid, model.Chan, model.Func, model.Complex64, model.Complex128, model.UnsafePointer:
		return model.FormNone
	}
	if !e.Nameable || e.Object != nil && t.unreachable(e.Object) {
		return model.FormStd
	}
	if e.Kind == model.Slice && e.Elem != 0 && t.types[e.Elem].Kind == model.Uint8 {
		m := t.types[e.Elem].Methods
		if decode || m.MarshalJSON == model.Absent && m.MarshalText == model.Absent {
			return model.FormBytes
		}
	}
	return model.FormKind
}

// unreachable reports whether a member cannot be selected in this package, because an embedded field on the way to it is
// another package's and unexported.
func (t *table) unreachable(o *model.Object) bool {
	for _, m := range o.Members {
		in := t.types[o.Type]
		for _, elem := range m.Path {
			if in.Kind == model.Pointer {
				in = t.types[in.Elem]
			}
			if !isExported(elem.Name) && in.Pkg != "" && in.Pkg != t.own.Path() {
				return true
			}
			in = t.types[elem.Type]
		}
	}
	return false
}

// keyForms decides how a value is written as the key of a map. Encoding takes the string of a string type even if it has
// a MarshalText, decoding prefers UnmarshalText.
func keyForms(e *model.Type) (encode, decode model.KeyForm) {
	byKind := model.KeyNone
	switch {
	case e.Kind == model.String:
		byKind = model.KeyString
	case e.Kind.Int():
		byKind = model.KeyInt
	case e.Kind.Uint():
		byKind = model.KeyUint
	}
	encode, decode = byKind, byKind
	if e.Methods.MarshalText == model.OnValue && byKind != model.KeyString {
		encode = model.KeyText
	}
	if e.Methods.UnmarshalText != model.Absent && e.Kind != model.Interface {
		decode = model.KeyText
	}
	return encode, decode
}

// addrMatters reports whether a type, or what it holds by value, has a marshaller on the pointer only. A type that holds
// itself by value is an error of the user's, and has been met before.
func (t *table) addrMatters(id model.TypeID, met map[model.TypeID]bool) bool {
	if met[id] {
		return false
	}
	met[id] = true
	e := &t.types[id]
	switch {
	case e.Encode == model.FormJSON:
		return e.Methods.MarshalJSON == model.OnPointer
	case e.Encode == model.FormText:
		return e.Methods.MarshalText == model.OnPointer
	case e.Encode != model.FormKind:
		return false
	case e.Kind == model.Array && e.Elem != 0:
		return t.addrMatters(e.Elem, met)
	case e.Object != nil:
		for _, m := range e.Object.Members {
			through := false
			for _, elem := range m.Path {
				through = through || elem.Pointer
			}
			if !through && t.addrMatters(m.Type, met) {
				return true
			}
		}
	}
	return false
}

// nameable reports whether source code of the own package can write a type.
func (t *table) nameable(id model.TypeID, known map[model.TypeID]bool) bool {
	if id == 0 {
		return true
	}
	if yes, ok := known[id]; ok {
		return yes
	}
	known[id] = true // for a type that is made of itself, what else it is made of decides
	e := &t.types[id]
	ok := true
	all := func(ids ...model.TypeID) {
		for _, id := range ids {
			ok = ok && t.nameable(id, known)
		}
	}
	if named, is := t.source[id].(*types.Named); is {
		ok = t.visible(named.Obj())
		all(e.Args...)
	} else {
		all(e.Elem, e.Key)
		for _, f := range e.Fields {
			all(f.Type)
			ok = ok && (f.Exported || e.Pkg == "") // fields of an anonymous struct belong to the package that wrote it
		}
		for _, s := range e.Sigs {
			all(s.Params...)
			all(s.Results...)
		}
		if s, is := t.source[id].(*types.Struct); is {
			for f := range s.Fields() {
				ok = ok && (f.Exported() || f.Pkg() == t.own)
			}
		}
	}
	known[id] = ok
	return ok
}

// visible reports whether the own package can name what another one declares.
func (t *table) visible(obj *types.TypeName) bool {
	pkg := obj.Pkg()
	switch {
	case pkg == nil, pkg.Path() == t.own.Path() && !obj.Pos().IsValid(): // variables of a function: generated code declares them
		return true
	case pkg.Scope().Lookup(obj.Name()) != obj:
		return false // local to a function
	case pkg.Path() == t.own.Path():
		return true
	}
	return obj.Exported() && pkg.Name() != "main" && internalVisible(pkg.Path(), t.own.Path())
}

// internalVisible reports whether a package may import path, as far as internal elements go.
func internalVisible(path, by string) bool {
	for i := 0; ; {
		at := strings.Index("/"+path[i:]+"/", "/internal/")
		if at < 0 {
			return true
		}
		parent := strings.TrimSuffix(path[:i+at], "/")
		if parent == "" || by != parent && !strings.HasPrefix(by, parent+"/") {
			return false
		}
		i += at + len("internal")
	}
}
