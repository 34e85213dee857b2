package codec

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"
)

// Variables of a function are to be after a crash what they were before it. JSON says of nearly all of them what they are.
// A value of which it does not, with a NaN somewhere, half a character of UTF-8, a time with a zone, an int in an any, is
// written in another form, by reflection: {"wfe:exact": form}.
//
//	string, []byte          "text"; ["base64"] where it is no UTF-8; bytes "base64"
//	number                  1.5, "NaN", "+Inf", "-Inf"
//	pointer, slice, array   null, [form], [form, form]
//	map                     [[key, form], [key, form]], sorted by what the keys are written as
//	struct                  {"Field": form}, with the fields that are not zero by their Go names
//	time.Time               [seconds, nanoseconds, "zone", offset, "abbreviation"]
//	any                     null, {"type": form}
//	other                   what it makes of itself, by MarshalJSON or MarshalText

// exactMember is the one member of a value in the other form.
const exactMember = "wfe:exact"

var exactOpen = []byte(`{"` + exactMember + `":`)

// Exact returns c for values each of which is to be read again as it was written. Only those that JSON does not bring back
// are written otherwise than by c.
func Exact[T any](c Codec[T]) Codec[T] {
	loss := LossOf(reflect.TypeFor[T](), false)
	out := c
	out.Append = func(b []byte, v *T) ([]byte, error) {
		start := len(b)
		value := reflect.ValueOf(v).Elem()
		var err error
		if loss == nil || !loss(value) {
			if b, err = c.Append(b, v); err == nil && !bytes.HasPrefix(b[start:], exactOpen) {
				return b, nil
			}
		}
		exact, exactErr := appendExact(append(b[:start], exactOpen...), value, 0)
		switch {
		case exactErr == nil:
			return append(exact, '}'), nil
		case err != nil:
			return exact, err
		}
		return exact, encodingError(c.name, exact[start+len(exactOpen):], exactErr)
	}
	out.Decode = func(b []byte, v *T) error {
		if !bytes.HasPrefix(b, exactOpen) {
			return c.Decode(b, v)
		}
		d := Decoder{data: b}
		for name := d.FirstField(); name != nil; name = d.NextField() {
			decodeExact(&d, reflect.ValueOf(v).Elem())
		}
		return d.finish(c.name, b)
	}
	return out
}

func appendExact(b []byte, v reflect.Value, depth int) ([]byte, error) {
	if depth > MaxDepth {
		return b, ErrDepth
	}
	t := v.Type()
	switch {
	case t == timeType:
		return appendExactTime(b, *timeOf(v)), nil
	case t != rawType && marshalsItself(t):
		return appendOwn(b, v)
	}
	switch t.Kind() {
	case reflect.Bool:
		return AppendBool(b, v.Bool()), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return AppendInt(b, v.Int()), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return AppendUint(b, v.Uint()), nil
	case reflect.Float32, reflect.Float64:
		return appendExactFloat(b, v.Float(), t.Bits()), nil
	case reflect.String:
		return appendExactText(b, v.String()), nil
	case reflect.Interface:
		return appendExactAny(b, v, depth)
	case reflect.Pointer:
		if v.IsNil() {
			return append(b, "null"...), nil
		}
		b, err := appendExact(append(b, '['), v.Elem(), depth+1)
		return append(b, ']'), err
	case reflect.Slice, reflect.Array:
		return appendExactList(b, v, depth)
	case reflect.Map:
		return appendExactMap(b, v, depth)
	case reflect.Struct:
		return appendExactStruct(b, v, depth)
	}
	return b, fmt.Errorf("a %s cannot be saved", t)
}

// appendOwn appends what v makes of itself.
func appendOwn(b []byte, v reflect.Value) ([]byte, error) {
	p := reflect.New(v.Type())
	p.Elem().Set(v)
	return AppendAny(b, p.Interface())
}

func appendExactFloat(b []byte, v float64, bits int) []byte {
	if number, err := appendFloat(b, v, bits); err == nil {
		return number
	}
	return append(strconv.AppendFloat(append(b, '"'), v, 'g', -1, bits), '"')
}

func appendExactText(b []byte, s string) []byte {
	if utf8.ValidString(s) {
		return appendString(b, s)
	}
	return append(AppendBytes(append(b, '['), []byte(s)), ']')
}

// appendExactTime appends the zone by its name, as "Local"; one of an offset alone has that, and its abbreviation.
func appendExactTime(b []byte, t time.Time) []byte {
	zone, offset := t.Zone()
	location := t.Location().String()
	if location == "UTC" && t.Location() != time.UTC { // a zone of its own that is called so
		location = ""
	}
	b = append(AppendInt(append(b, '['), t.Unix()), ',')
	b = append(AppendInt(b, t.Nanosecond()), ',')
	b = append(appendExactText(b, location), ',')
	b = append(AppendInt(b, offset), ',')
	return append(appendExactText(b, zone), ']')
}

func appendExactList(b []byte, v reflect.Value, depth int) (_ []byte, err error) {
	slice := v.Kind() == reflect.Slice
	switch {
	case slice && v.IsNil():
		return append(b, "null"...), nil
	case slice && v.Type().Elem().Kind() == reflect.Uint8:
		return AppendBytes(b, v.Bytes()), nil
	}
	b = append(b, '[')
	for i := range v.Len() {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = appendExact(b, v.Index(i), depth+1); err != nil {
			return b, err
		}
	}
	return append(b, ']'), nil
}

func appendExactMap(b []byte, v reflect.Value, depth int) (_ []byte, err error) {
	if v.IsNil() {
		return append(b, "null"...), nil
	}
	type entry struct {
		key   []byte
		value reflect.Value
	}
	var entries []entry
	for at := v.MapRange(); at.Next(); {
		key, err := appendExactKey(nil, at.Key(), depth)
		if err != nil {
			return b, err
		}
		entries = append(entries, entry{key, at.Value()})
	}
	slices.SortFunc(entries, func(a, b entry) int { return bytes.Compare(a.key, b.key) })
	b = append(b, '[')
	for i, e := range entries {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, '['), e.key...), ',')
		if b, err = appendExact(b, e.value, depth+1); err != nil {
			return b, err
		}
		b = append(b, ']')
	}
	return append(b, ']'), nil
}

// appendExactKey appends the key of a map: one that marshals itself does so as a text.
func appendExactKey(b []byte, key reflect.Value, depth int) ([]byte, error) {
	if key.Kind() != reflect.String && marshalsItself(key.Type()) {
		return appendOwn(b, key)
	}
	return appendExact(b, key, depth+1)
}

func appendExactStruct(b []byte, v reflect.Value, depth int) (_ []byte, err error) {
	b = append(b, '{')
	comma := false
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if field.Name == "_" || isZero(v.Field(i)) {
			continue
		}
		if !field.IsExported() && (!field.Anonymous || field.Type.Kind() == reflect.Pointer) {
			return b, fmt.Errorf("the field %s of a %s is not exported, so it cannot be saved", field.Name, v.Type())
		}
		if comma {
			b = append(b, ',')
		}
		comma = true
		b = append(appendString(b, field.Name), ':')
		if b, err = appendExact(b, v.Field(i), depth+1); err != nil {
			return b, err
		}
	}
	return append(b, '}'), nil
}

// anyTypes are the types that may be in an any, by their names.
var anyTypes = named(
	false, "", 0, int8(0), int16(0), int32(0), int64(0), uint(0), uint8(0), uint16(0), uint32(0), uint64(0), uintptr(0), float32(0), 0.0,
	[]any{}, map[string]any{}, []string{}, []int{}, []float64{}, []bool{}, []byte{}, map[string]string{}, map[string]int{}, map[string]float64{}, map[string]bool{},
	time.Time{}, time.Duration(0), json.Number(""), json.RawMessage{},
)

func named(values ...any) map[string]reflect.Type {
	out := map[string]reflect.Type{}
	for _, v := range values {
		out[reflect.TypeOf(v).String()] = reflect.TypeOf(v)
	}
	return out
}

func appendExactAny(b []byte, v reflect.Value, depth int) ([]byte, error) {
	if v.IsNil() {
		return append(b, "null"...), nil
	}
	t := v.Elem().Type()
	if anyTypes[t.String()] != t {
		return b, fmt.Errorf("there is a %s in an interface, which nothing says how to read again", t)
	}
	b = append(appendString(append(b, '{'), t.String()), ':')
	b, err := appendExact(b, v.Elem(), depth+1)
	return append(b, '}'), err
}
