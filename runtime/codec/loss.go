package codec

import (
	"encoding"
	"encoding/json"
	"math"
	"math/big"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// A Loss reports whether JSON brings back another value than v: a text that is not UTF-8, an int in an any, a field tagged
// json:"-", an empty slice that omitempty leaves out, a time of another zone than UTC. What JSON has no value for at all, as a
// NaN, is no loss but an error. A nil Loss is of a type none of whose values are lost.
type Loss func(v reflect.Value) bool

// LossOf returns the Loss of a type. What types with methods to marshal themselves lose nobody knows; ownLose is what is
// taken for it.
func LossOf(t reflect.Type, ownLose bool) Loss {
	f := lossFinder{ownLose, map[reflect.Type]*lossAt{}}
	loss := f.of(t)
	if loss == nil {
		return nil
	}
	return func(v reflect.Value) bool { return loss(v, MaxDepth) }
}

// LossOfField is LossOf for a field of the struct t. It is given values of t.
func LossOfField(t reflect.Type, field int, ownLose bool) Loss {
	f := lossFinder{ownLose, map[reflect.Type]*lossAt{}}
	loss := f.ofField(t, field)
	if loss == nil {
		return nil
	}
	return func(v reflect.Value) bool { return loss(v, MaxDepth) }
}

// lossAt is a Loss, and how much deeper it may go: what holds itself does not encode.
type lossAt func(v reflect.Value, depth int) bool

type lossFinder struct {
	ownLose bool
	known   map[reflect.Type]*lossAt
}

func (f *lossFinder) of(t reflect.Type) lossAt {
	if known := f.known[t]; known != nil {
		return func(v reflect.Value, depth int) bool { return depth > 0 && (*known)(v, depth-1) }
	}
	if !f.loses(t, map[reflect.Type]bool{}) {
		return nil
	}
	loss := new(lossAt)
	f.known[t] = loss
	*loss = f.build(t)
	return *loss
}

// loses reports whether a value of a type may be lost.
func (f *lossFinder) loses(t reflect.Type, seen map[reflect.Type]bool) bool {
	if seen[t] {
		return false
	}
	seen[t] = true
	switch {
	case faithful(t):
		return false
	case t == timeType || t == rawType:
		return true
	case marshalsItself(t):
		return f.ownLose
	}
	switch t.Kind() {
	case reflect.String, reflect.Interface:
		return true
	case reflect.Pointer:
		return nullable(t.Elem()) || f.loses(t.Elem(), seen)
	case reflect.Slice, reflect.Array:
		return f.loses(t.Elem(), seen)
	case reflect.Map:
		return f.loses(t.Key(), seen) || f.loses(t.Elem(), seen)
	case reflect.Struct:
		if clashes(t, map[string]bool{}) {
			return true
		}
		for field := range t.Fields() {
			if leftOut(field) != nil || !hidden(field) && f.loses(field.Type, seen) {
				return true
			}
		}
	}
	return false
}

func (f *lossFinder) build(t reflect.Type) lossAt {
	switch {
	case t == timeType:
		return func(v reflect.Value, _ int) bool { at := timeOf(v); return *at != at.UTC().Round(0) }
	case t == rawType:
		return func(v reflect.Value, _ int) bool {
			compact, err := AppendRaw(nil, v.Bytes())
			return err == nil && string(compact) != string(v.Bytes())
		}
	case marshalsItself(t):
		return func(reflect.Value, int) bool { return true }
	}
	switch t.Kind() {
	case reflect.String:
		number := t == reflect.TypeFor[json.Number]()
		return func(v reflect.Value, _ int) bool { return !utf8.ValidString(v.String()) || number && v.Len() == 0 }
	case reflect.Interface:
		return lossOfAny
	case reflect.Pointer:
		elem, null := f.of(t.Elem()), nullable(t.Elem())
		return func(v reflect.Value, depth int) bool {
			return !v.IsNil() && (null && v.Elem().IsNil() || elem != nil && elem(v.Elem(), depth))
		}
	case reflect.Slice, reflect.Array:
		elem := f.of(t.Elem())
		return func(v reflect.Value, depth int) bool {
			for i := range v.Len() {
				if elem(v.Index(i), depth) {
					return true
				}
			}
			return false
		}
	case reflect.Map:
		return f.ofMap(t)
	}
	return f.ofStruct(t)
}

func (f *lossFinder) ofMap(t reflect.Type) lossAt {
	key, elem := f.of(t.Key()), f.of(t.Elem())
	return func(v reflect.Value, depth int) bool {
		for at := v.MapRange(); at.Next(); {
			if key != nil && key(at.Key(), depth) || elem != nil && elem(at.Value(), depth) {
				return true
			}
		}
		return false
	}
}

func (f *lossFinder) ofStruct(t reflect.Type) lossAt {
	if clashes(t, map[string]bool{}) {
		return func(v reflect.Value, _ int) bool { return !isZero(v) }
	}
	var fields []lossAt
	for i := range t.NumField() {
		if loss := f.ofField(t, i); loss != nil {
			fields = append(fields, loss)
		}
	}
	return func(v reflect.Value, depth int) bool {
		return slices.ContainsFunc(fields, func(lost lossAt) bool { return lost(v, depth) })
	}
}

// ofField is given values of the struct t.
func (f *lossFinder) ofField(t reflect.Type, i int) lossAt {
	out, in := leftOut(t.Field(i)), lossAt(nil)
	if !hidden(t.Field(i)) {
		in = f.of(t.Field(i).Type)
	}
	if out == nil && in == nil {
		return nil
	}
	return func(v reflect.Value, depth int) bool {
		v = v.Field(i)
		if out != nil && out(v) {
			return !isZero(v)
		}
		return in != nil && in(v, depth)
	}
}

// hidden reports whether a field is no member in JSON.
func hidden(field reflect.StructField) bool {
	return field.Tag.Get("json") == "-" || !field.IsExported() && !field.Anonymous
}

// leftOut returns what says that a field is left out of the JSON; nil where it never is when it is something else than zero.
func leftOut(field reflect.StructField) func(v reflect.Value) bool {
	if hidden(field) {
		if field.Name == "_" {
			return nil
		}
		return func(reflect.Value) bool { return true }
	}
	_, options, _ := strings.Cut(field.Tag.Get("json"), ",")
	list := strings.Split(options, ",")
	empty, zero := slices.Contains(list, "omitempty"), slices.Contains(list, "omitzero")
	switch kind := field.Type.Kind(); {
	case empty && (kind == reflect.Slice || kind == reflect.Map):
		return func(v reflect.Value) bool { return v.Len() == 0 }
	case zero && (kind == reflect.Slice || kind == reflect.Map) && nullLost(field.Type):
		return reflect.Value.IsNil
	case empty && (kind == reflect.Float32 || kind == reflect.Float64):
		return func(v reflect.Value) bool { return v.Float() == 0 }
	case zero && kind != reflect.Pointer && kind != reflect.Interface && field.Type.Implements(reflect.TypeFor[interface{ IsZero() bool }]()):
		return func(v reflect.Value) bool { return v.Interface().(interface{ IsZero() bool }).IsZero() }
	case zero && (kind == reflect.Struct || kind == reflect.Array):
		return reflect.Value.IsZero
	}
	return nil
}

// nullLost reports whether a nil of a type is something else when it was written and read.
func nullLost(t reflect.Type) bool { return t == rawType }

// clashes reports whether two fields of a struct, or of what is embedded in it, have one name, so that JSON has one of them at most.
func clashes(t reflect.Type, names map[string]bool) bool {
	for field := range t.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		inner := field.Type
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		switch {
		case hidden(field):
			continue
		case field.Anonymous && name == "" && inner.Kind() == reflect.Struct && !marshalsItself(inner):
			if clashes(inner, names) {
				return true
			}
			continue
		case name == "":
			name = field.Name
		}
		if names[name] {
			return true
		}
		names[name] = true
	}
	return false
}

// isZero reports whether v is zero in all of its bits: a negative zero is not.
func isZero(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Float32, reflect.Float64:
		return math.Float64bits(v.Float()) == 0
	case reflect.Array:
		for i := range v.Len() {
			if !isZero(v.Index(i)) {
				return false
			}
		}
		return true
	case reflect.Struct:
		for i := range v.NumField() {
			if !isZero(v.Field(i)) {
				return false
			}
		}
		return true
	}
	return v.IsZero()
}

// lossOfAny is the Loss of what is in an interface: JSON brings back strings, float64s, bools, []any and map[string]any.
func lossOfAny(v reflect.Value, depth int) bool {
	if v.IsNil() {
		return false
	}
	return lostAny(v.Elem().Interface(), depth)
}

func lostAny(v any, depth int) bool {
	if depth == 0 {
		return false // which is an error
	}
	switch v := v.(type) {
	case nil, bool, float64:
		return false
	case string:
		return !utf8.ValidString(v)
	case []any:
		return v == nil || slices.ContainsFunc(v, func(e any) bool { return lostAny(e, depth-1) })
	case map[string]any:
		for key, e := range v {
			if !utf8.ValidString(key) || lostAny(e, depth-1) {
				return true
			}
		}
		return v == nil
	}
	return true
}

var (
	timeType = reflect.TypeFor[time.Time]()
	rawType  = reflect.TypeFor[json.RawMessage]()
)

// faithful reports whether a type of Go's library marshals itself so that nothing is lost.
func faithful(t reflect.Type) bool {
	return t == reflect.TypeFor[netip.Addr]() || t == reflect.TypeFor[big.Int]()
}

func marshalsItself(t reflect.Type) bool {
	if t.Kind() == reflect.Interface {
		return false
	}
	p := reflect.PointerTo(t)
	return p.Implements(reflect.TypeFor[json.Marshaler]()) || p.Implements(reflect.TypeFor[encoding.TextMarshaler]())
}

// nullable reports whether a value of the type may be a null in JSON.
func nullable(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Interface:
		return true
	}
	return false
}

// timeOf is the time that v is.
func timeOf(v reflect.Value) *time.Time {
	if v.CanAddr() && v.Addr().CanInterface() {
		return v.Addr().Interface().(*time.Time)
	}
	if !v.CanInterface() {
		return new(time.Time) // of a field that is not exported, which says enough
	}
	at := v.Interface().(time.Time)
	return &at
}
