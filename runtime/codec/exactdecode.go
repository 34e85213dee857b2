package codec

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"time"
)

// decodeExact reads what appendExact has written into v, which is zero.
func decodeExact(d *Decoder, v reflect.Value) {
	t := v.Type()
	switch {
	case t == timeType:
		v.Set(reflect.ValueOf(decodeExactTime(d)))
		return
	case t != rawType && marshalsItself(t):
		DecodeAny(d, v.Addr().Interface())
		return
	}
	switch t.Kind() {
	case reflect.Bool:
		decodeAs(d, DecodeBool, v.SetBool)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		decodeAs(d, DecodeInt, v.SetInt)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		decodeAs(d, DecodeUint, v.SetUint)
	case reflect.Float32, reflect.Float64:
		decodeExactFloat(d, v)
	case reflect.String:
		v.SetString(decodeExactText(d))
	case reflect.Interface:
		decodeExactAny(d, v)
	case reflect.Pointer:
		if !d.Null() && d.FirstElem() {
			v.Set(reflect.New(t.Elem()))
			decodeExact(d, v.Elem())
			d.NextElem()
		}
	case reflect.Slice, reflect.Array:
		decodeExactList(d, v)
	case reflect.Map:
		decodeExactMap(d, v)
	case reflect.Struct:
		for name := d.FirstField(); name != nil; name = d.NextField() {
			if i := fieldNamed(t, string(name)); i >= 0 {
				decodeExact(d, v.Field(i))
			} else {
				d.Skip()
			}
		}
	default:
		d.Fail(fmt.Errorf("a %s cannot be read", t))
	}
}

// decodeAs reads a value into one of another type.
func decodeAs[T any](d *Decoder, decode func(d *Decoder, v *T), set func(T)) {
	var v T
	decode(d, &v)
	set(v)
}

// fieldNamed is the index of a field of the struct t by its name in Go; -1 for none that can be set.
func fieldNamed(t reflect.Type, name string) int {
	for i := range t.NumField() {
		if f := t.Field(i); f.Name == name && (f.IsExported() || f.Anonymous && f.Type.Kind() == reflect.Struct) {
			return i
		}
	}
	return -1
}

var errExact = errors.New("not a value in the form that " + exactMember + " has")

// expect reads on in an array whose length is known.
func (d *Decoder) expect(more bool) bool {
	if more != d.NextElem() {
		d.Fail(errExact)
	}
	return d.err == nil
}

func decodeExactFloat(d *Decoder, v reflect.Value) {
	switch {
	case d.next() != '"' && v.Kind() == reflect.Float32:
		decodeAs(d, DecodeFloat32, func(f float32) { v.SetFloat(float64(f)) })
		return
	case d.next() != '"':
		decodeAs(d, DecodeFloat64, v.SetFloat)
		return
	}
	var text string
	DecodeString(d, &text)
	switch text {
	case "NaN":
		v.SetFloat(math.NaN())
	case "+Inf":
		v.SetFloat(math.Inf(1))
	case "-Inf":
		v.SetFloat(math.Inf(-1))
	default:
		d.Fail(errExact)
	}
}

func decodeExactText(d *Decoder) (text string) {
	if d.next() != '[' {
		DecodeString(d, &text)
		return text
	}
	if !d.FirstElem() {
		d.Fail(errExact)
		return ""
	}
	var bytes []byte
	DecodeBytes(d, &bytes)
	d.expect(false)
	return string(bytes)
}

func decodeExactTime(d *Decoder) time.Time {
	var seconds, nanos int64
	var offset int
	if !d.FirstElem() {
		d.Fail(errExact)
		return time.Time{}
	}
	DecodeInt(d, &seconds)
	d.expect(true)
	DecodeInt(d, &nanos)
	d.expect(true)
	location := decodeExactText(d)
	d.expect(true)
	DecodeInt(d, &offset)
	d.expect(true)
	zone := decodeExactText(d)
	d.expect(false)
	if d.err != nil {
		return time.Time{}
	}
	t := time.Unix(seconds, nanos)
	switch location {
	case "UTC":
		return t.UTC()
	case "Local":
		return t
	}
	if loc, err := time.LoadLocation(location); err == nil && location != "" {
		if name, off := t.In(loc).Zone(); name == zone && off == offset {
			return t.In(loc)
		}
	}
	return t.In(time.FixedZone(zone, offset))
}

func decodeExactList(d *Decoder, v reflect.Value) {
	slice := v.Kind() == reflect.Slice
	switch {
	case slice && d.Null():
		return
	case slice && v.Type().Elem().Kind() == reflect.Uint8:
		decodeAs(d, DecodeBytes, v.SetBytes)
		return
	case slice:
		v.Set(reflect.MakeSlice(v.Type(), 0, 0))
	}
	n := 0
	for ok := d.FirstElem(); ok; ok = d.NextElem() {
		switch {
		case slice:
			v.Set(reflect.Append(v, reflect.Zero(v.Type().Elem())))
		case n >= v.Len():
			d.Skip()
			continue
		}
		decodeExact(d, v.Index(n))
		n++
	}
	if slice {
		v.Set(v.Slice3(0, v.Len(), v.Len()))
	}
}

func decodeExactMap(d *Decoder, v reflect.Value) {
	if d.Null() {
		return
	}
	v.Set(reflect.MakeMap(v.Type()))
	for ok := d.FirstElem(); ok; ok = d.NextElem() {
		if !d.FirstElem() {
			d.Fail(errExact)
			return
		}
		key, elem := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		if key.Kind() != reflect.String && marshalsItself(key.Type()) {
			DecodeAny(d, key.Addr().Interface())
		} else {
			decodeExact(d, key)
		}
		d.expect(true)
		decodeExact(d, elem)
		if !d.expect(false) {
			return
		}
		v.SetMapIndex(key, elem)
	}
}

func decodeExactAny(d *Decoder, v reflect.Value) {
	if d.Null() {
		return
	}
	for name := d.FirstField(); name != nil; name = d.NextField() {
		t := anyTypes[string(name)]
		if t == nil {
			d.Fail(fmt.Errorf("a %q in an interface cannot be read", name))
			return
		}
		in := reflect.New(t).Elem()
		decodeExact(d, in)
		v.Set(in)
	}
}
