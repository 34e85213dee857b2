package codec

import (
	"encoding"
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// unsupported returns where in v the first value is that JSON has none for, as ".items[3].qty", and what generated code would
// say of it; the error is nil where none is found. encoding/json does not say where.
func unsupported(v reflect.Value, depth int) (path string, err error) {
	if depth > MaxDepth {
		return "", ErrDepth
	}
	t := v.Type()
	switch {
	case t == timeType:
		_, err = AppendTime(nil, *timeOf(v))
		return "", err
	case t == rawType:
		_, err = AppendRaw(nil, v.Bytes())
		return "", err
	case t == reflect.TypeFor[json.Number]():
		_, err = AppendNumber(nil, json.Number(v.String()))
		return "", err
	case marshalsItself(t):
		return "", unsupportedOwn(v)
	}
	switch t.Kind() {
	case reflect.Float32, reflect.Float64:
		_, err = appendFloat(nil, v.Float(), t.Bits())
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			return unsupported(v.Elem(), depth+1)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			if path, err = unsupported(v.Index(i), depth+1); err != nil {
				return "[" + strconv.Itoa(i) + "]" + path, err
			}
		}
	case reflect.Map:
		return unsupportedIn(v, depth)
	case reflect.Struct:
		for i := range t.NumField() {
			field := t.Field(i)
			if out := leftOut(field); hidden(field) || out != nil && out(v.Field(i)) {
				continue
			}
			if path, err = unsupported(v.Field(i), depth+1); err != nil {
				return memberPath(field) + path, err
			}
		}
	}
	return "", err
}

// memberPath is the way to a field by its name in JSON; empty for an embedded struct, whose fields are those of the one around.
func memberPath(field reflect.StructField) string {
	name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
	switch {
	case name != "":
		return "." + name
	case field.Anonymous:
		return ""
	}
	return "." + field.Name
}

// unsupportedIn looks at the values of a map, in the order of their keys.
func unsupportedIn(v reflect.Value, depth int) (string, error) {
	type entry struct {
		key   string
		value reflect.Value
	}
	var entries []entry
	for at := v.MapRange(); at.Next(); {
		key := at.Key()
		switch {
		case key.Kind() == reflect.String:
			entries = append(entries, entry{key.String(), at.Value()})
		case key.CanInt():
			entries = append(entries, entry{strconv.FormatInt(key.Int(), 10), at.Value()})
		case key.CanUint():
			entries = append(entries, entry{strconv.FormatUint(key.Uint(), 10), at.Value()})
		}
	}
	slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(a.key, b.key) })
	for _, e := range entries {
		if path, err := unsupported(e.value, depth+1); err != nil {
			name := AppendString(nil, e.key)
			return "." + string(name[1:len(name)-1]) + path, err
		}
	}
	return "", nil
}

// unsupportedOwn asks v what it makes of itself.
func unsupportedOwn(v reflect.Value) (err error) {
	if !v.CanInterface() || v.Kind() == reflect.Pointer && v.IsNil() {
		return nil
	}
	p := reflect.New(v.Type())
	p.Elem().Set(v)
	switch own := p.Interface().(type) {
	case json.Marshaler:
		_, err = AppendMarshaler(nil, own)
	case encoding.TextMarshaler:
		_, err = AppendTextMarshaler(nil, own)
	}
	return err
}
