package gen

import (
	"cmp"
	"encoding"
	"encoding/json"
	"go/token"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/wfegen/wfe/internal/analysis/model"
)

// table makes the model of types out of what reflection says about them, so that the emission of codecs is tested against
// encoding/json alone. Where the two tables could differ, the model's package comment counts.
type table struct {
	own    string // path of the package it is made for
	types  model.Types
	ids    map[reflect.Type]model.TypeID
	codecs []model.TypeID
}

func newTable(own string) *table {
	return &table{own: own, types: make(model.Types, 1), ids: map[reflect.Type]model.TypeID{}}
}

var kinds = map[reflect.Kind]model.Kind{
	reflect.Bool: model.Bool, reflect.Int: model.Int, reflect.Int8: model.Int8, reflect.Int16: model.Int16,
	reflect.Int32: model.Int32, reflect.Int64: model.Int64, reflect.Uint: model.Uint, reflect.Uint8: model.Uint8,
	reflect.Uint16: model.Uint16, reflect.Uint32: model.Uint32, reflect.Uint64: model.Uint64,
	reflect.Uintptr: model.Uintptr, reflect.Float32: model.Float32, reflect.Float64: model.Float64,
	reflect.String: model.String, reflect.Pointer: model.Pointer, reflect.Slice: model.Slice, reflect.Array: model.Array,
	reflect.Map: model.Map, reflect.Struct: model.Struct, reflect.Interface: model.Interface, reflect.Chan: model.Chan,
}

// add returns the id of a type, after filling in its entry and those of what it is made of.
func (tb *table) add(rt reflect.Type) model.TypeID {
	if id, ok := tb.ids[rt]; ok {
		return id
	}
	id := model.TypeID(len(tb.types))
	tb.ids[rt] = id
	tb.types = append(tb.types, model.Type{ID: id, Nameable: true}) // until it is known, of a type that holds itself
	t := model.Type{ID: id, Kind: kinds[rt.Kind()], Name: rt.Name(), Pkg: rt.PkgPath(), Nameable: true}
	if base, args, generic := strings.Cut(t.Name, "["); generic {
		t.Name = base
		for _, arg := range []reflect.Type{reflect.TypeFor[string](), sliceOf[args]} {
			t.Args = append(t.Args, tb.add(arg))
		}
	}
	t.PkgName = t.Pkg[strings.LastIndex(t.Pkg, "/")+1:]
	if t.Pkg != "" && t.Pkg != tb.own && !token.IsExported(t.Name) {
		t.Nameable = false
	}
	part := func(rt reflect.Type) model.TypeID {
		id := tb.add(rt)
		if t.Name == "" && !tb.types.At(id).Nameable {
			t.Nameable = false
		}
		return id
	}
	switch rt.Kind() {
	case reflect.Pointer, reflect.Slice:
		t.Elem = part(rt.Elem())
	case reflect.Array:
		t.Elem, t.Len = part(rt.Elem()), int64(rt.Len())
	case reflect.Map:
		t.Elem, t.Key = part(rt.Elem()), part(rt.Key())
	case reflect.Interface:
		t.Empty = rt.NumMethod() == 0
	}
	if rt.Kind() != reflect.Pointer {
		t.Methods = methods(rt)
	}
	t.Encode = form(rt, t.Methods.MarshalJSON, t.Methods.MarshalText, false)
	t.Decode = form(rt, t.Methods.UnmarshalJSON, t.Methods.UnmarshalText, true)
	if !t.Nameable && t.Encode == model.FormKind && t.Decode == model.FormKind {
		t.Encode, t.Decode = model.FormStd, model.FormStd
	}
	if rt.Kind() == reflect.Struct && (t.Encode == model.FormKind || t.Decode == model.FormKind) {
		if t.Nameable {
			for i := range rt.NumField() {
				sf := rt.Field(i)
				t.Fields = append(t.Fields, model.Field{Name: sf.Name, Type: tb.add(sf.Type), Tag: string(sf.Tag), Embedded: sf.Anonymous, Exported: sf.IsExported()})
			}
			t.Object = tb.object(rt, id)
		}
	}
	t.KeyEncode, t.KeyDecode = keys(rt)
	t.AddrMatters = tb.addrMatters(rt)
	t.Ident = ident(rt, id)
	if t.Object != nil {
		t.Object.Ident = t.Ident
	}
	composite := t.Kind == model.Struct || t.Name != "" && (t.Kind == model.Slice || t.Kind == model.Array || t.Kind == model.Map || t.Kind == model.Pointer)
	if composite && t.Nameable && (t.Encode == model.FormKind || t.Decode == model.FormKind) {
		tb.codecs = append(tb.codecs, id)
	}
	tb.types[id] = t
	return id
}

// sliceOf maps the arguments of the zoo's one generic type to the second of them.
var sliceOf = map[string]reflect.Type{}

func ident(rt reflect.Type, id model.TypeID) string {
	name, _, _ := strings.Cut(rt.Name(), "[")
	if name == "" {
		name = "Type" + string(rune('A'+int(id)%26))
	}
	pkg := rt.PkgPath()[strings.LastIndex(rt.PkgPath(), "/")+1:]
	if pkg == "codeczoo" {
		pkg = ""
	}
	name = pkg + name
	return strings.ToUpper(name[:1]) + name[1:]
}

func methods(rt reflect.Type) model.Methods {
	has := func(iface reflect.Type) model.Receiver {
		switch {
		case rt.Implements(iface):
			return model.OnValue
		case reflect.PointerTo(rt).Implements(iface):
			return model.OnPointer
		}
		return model.Absent
	}
	return model.Methods{
		MarshalJSON: has(reflect.TypeFor[json.Marshaler]()), UnmarshalJSON: has(reflect.TypeFor[json.Unmarshaler]()),
		MarshalText: has(reflect.TypeFor[encoding.TextMarshaler]()), UnmarshalText: has(reflect.TypeFor[encoding.TextUnmarshaler]()),
		IsZero: has(reflect.TypeFor[interface{ IsZero() bool }]()),
	}
}

func form(rt reflect.Type, asJSON, asText model.Receiver, decode bool) model.Form {
	switch {
	case rt == reflect.TypeFor[time.Time]():
		return model.FormTime
	case rt == reflect.TypeFor[json.RawMessage]():
		return model.FormRaw
	case rt == reflect.TypeFor[json.Number]():
		return model.FormNumber
	case asJSON != model.Absent:
		return model.FormJSON
	case asText != model.Absent:
		return model.FormText
	case rt.Kind() == reflect.Interface:
		return model.FormStd
	case rt.Kind() == reflect.Slice && rt.Elem().Kind() == reflect.Uint8:
		if m := methods(rt.Elem()); decode || m.MarshalJSON == model.Absent && m.MarshalText == model.Absent {
			return model.FormBytes
		}
	case rt.Kind() == reflect.Chan:
		return model.FormNone
	}
	return model.FormKind
}

func keys(rt reflect.Type) (encode, decode model.KeyForm) {
	if rt.Kind() == reflect.Pointer {
		return model.KeyNone, model.KeyNone
	}
	plain := model.KeyNone
	switch k := kinds[rt.Kind()]; {
	case k == model.String:
		plain = model.KeyString
	case k.Int():
		plain = model.KeyInt
	case k.Uint():
		plain = model.KeyUint
	}
	encode, decode = plain, plain
	m := methods(rt)
	if m.MarshalText == model.OnValue && plain != model.KeyString {
		encode = model.KeyText
	}
	if m.UnmarshalText != model.Absent {
		decode = model.KeyText
	}
	return encode, decode
}

func (tb *table) addrMatters(rt reflect.Type) bool {
	m := methods(rt)
	if rt.Kind() != reflect.Pointer && (m.MarshalJSON == model.OnPointer || m.MarshalText == model.OnPointer) {
		return true
	}
	if m.MarshalJSON != model.Absent || m.MarshalText != model.Absent {
		return false
	}
	switch rt.Kind() {
	case reflect.Array:
		return tb.addrMatters(rt.Elem())
	case reflect.Struct:
		for i := range rt.NumField() {
			if rt.Field(i).Type.Kind() != reflect.Pointer && tb.addrMatters(rt.Field(i).Type) {
				return true
			}
		}
	}
	return false
}

// object resolves the members of a struct as encoding/json does.
func (tb *table) object(rt reflect.Type, id model.TypeID) *model.Object {
	type candidate struct {
		model.Member
		index  []int
		tagged bool
	}
	var all []candidate
	var walk func(rt reflect.Type, index []int, path []model.Elem)
	walk = func(rt reflect.Type, index []int, path []model.Elem) {
		for i := range rt.NumField() {
			sf := rt.Field(i)
			ft := sf.Type
			if sf.Anonymous && ft.Kind() == reflect.Pointer {
				ft = ft.Elem()
			}
			if !sf.IsExported() && !(sf.Anonymous && ft.Kind() == reflect.Struct) || sf.Tag.Get("json") == "-" {
				continue
			}
			name, options, _ := strings.Cut(sf.Tag.Get("json"), ",")
			if !validName(name) {
				name = ""
			}
			at := append(slices.Clone(index), i)
			elem := model.Elem{Name: sf.Name, Type: tb.add(sf.Type)}
			if sf.Anonymous && name == "" && ft.Kind() == reflect.Struct {
				elem.Pointer = sf.Type.Kind() == reflect.Pointer
				walk(ft, at, append(slices.Clone(path), elem))
				continue
			}
			c := candidate{index: at, tagged: name != ""}
			c.Name, c.Type, c.Path = cmp.Or(name, sf.Name), elem.Type, append(slices.Clone(path), elem)
			for option := range strings.SplitSeq(options, ",") {
				c.OmitEmpty = c.OmitEmpty || option == "omitempty"
				c.OmitZero = c.OmitZero || option == "omitzero"
				c.Quoted = c.Quoted || option == "string"
			}
			if ft = sf.Type; ft.Kind() == reflect.Pointer && ft.Name() == "" {
				ft = ft.Elem()
			}
			c.Quoted = c.Quoted && scalar(kinds[ft.Kind()]) != ""
			all = append(all, c)
		}
	}
	walk(rt, nil, nil)
	o := &model.Object{Type: id}
	for i, c := range all {
		wins := true
		for j, other := range all {
			if i == j || other.Name != c.Name {
				continue
			}
			if len(other.index) < len(c.index) || len(other.index) == len(c.index) && (other.tagged || !c.tagged) {
				wins = false
			}
		}
		if wins {
			o.Members = append(o.Members, c.Member)
		}
	}
	return o
}

func validName(s string) bool {
	for _, c := range s {
		if !strings.ContainsRune("!#$%&()*+-./:;<=>?@[]^_{|}~ ", c) && !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			return false
		}
	}
	return s != ""
}
