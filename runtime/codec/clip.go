package codec

import (
	"reflect"
	"time"
)

// clipper returns what takes from a decoded T what no text says: from its slices the room that they have behind their elements,
// from its times the zone of the machine. It is nil where a T holds neither. Generated code decodes so too: whoever appends to a
// slice twice gets two, however it came to be.
func clipper(t reflect.Type) func(v any) {
	if !clips(t, map[reflect.Type]bool{}) {
		return nil
	}
	return func(v any) { clip(reflect.ValueOf(v).Elem(), MaxDepth) }
}

func clips(t reflect.Type, seen map[reflect.Type]bool) bool {
	if seen[t] {
		return false
	}
	seen[t] = true
	if t == timeType {
		return true
	}
	switch t.Kind() {
	case reflect.Slice, reflect.Interface:
		return true
	case reflect.Array, reflect.Pointer, reflect.Map:
		return clips(t.Elem(), seen)
	case reflect.Struct:
		for i := range t.NumField() {
			if f := t.Field(i); (f.IsExported() || f.Anonymous) && clips(f.Type, seen) {
				return true
			}
		}
	}
	return false
}

// clip clips v, which can be set, and what is in it.
func clip(v reflect.Value, depth int) {
	if depth == 0 {
		return
	}
	if v.Type() == timeType {
		if v.CanSet() {
			v.Set(reflect.ValueOf(elsewhere(v.Interface().(time.Time))))
		}
		return
	}
	switch v.Kind() {
	case reflect.Slice:
		if v.Cap() > v.Len() {
			v.Set(v.Slice3(0, v.Len(), v.Len()))
		}
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return
		}
		fallthrough
	case reflect.Array:
		for i := range v.Len() {
			clip(v.Index(i), depth-1)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Field(i); f.CanSet() || v.Type().Field(i).Anonymous && f.Kind() == reflect.Struct {
				clip(f, depth-1)
			}
		}
	case reflect.Pointer:
		if !v.IsNil() {
			clip(v.Elem(), depth-1)
		}
	case reflect.Interface:
		if !v.IsNil() {
			v.Set(clipped(v.Elem(), depth))
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			v.SetMapIndex(k, clipped(v.MapIndex(k), depth))
		}
	}
}

// clipped returns a copy of v that is clipped.
func clipped(v reflect.Value, depth int) reflect.Value {
	out := reflect.New(v.Type()).Elem()
	out.Set(v)
	clip(out, depth-1)
	return out
}
