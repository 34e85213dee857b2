package codec

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unsafe"
)

// AppendSlice appends an array of what elem appends for each element, or null if s is nil. An array is passed as a slice
// of the whole.
func AppendSlice[T any](b []byte, s []T, elem func(b []byte, v *T) ([]byte, error)) ([]byte, error) {
	if s == nil {
		return append(b, "null"...), nil
	}
	b = append(b, '[')
	for i := range s {
		if i > 0 {
			b = append(b, ',')
		}
		var err error
		if b, err = elem(b, &s[i]); err != nil {
			return b, err
		}
	}
	return append(b, ']'), nil
}

// AppendValues is AppendSlice for elements whose encoding cannot fail: AppendValues(b, tags, AppendString).
func AppendValues[T any](b []byte, s []T, elem func(b []byte, v T) []byte) []byte {
	if s == nil {
		return append(b, "null"...)
	}
	b = append(b, '[')
	for i, v := range s {
		if i > 0 {
			b = append(b, ',')
		}
		b = elem(b, v)
	}
	return append(b, ']')
}

// AppendPointer appends what elem appends for *p, or null if p is nil.
func AppendPointer[T any](b []byte, p *T, elem func(b []byte, v *T) ([]byte, error)) ([]byte, error) {
	if p == nil {
		return append(b, "null"...), nil
	}
	return elem(b, p)
}

// AppendMap appends an object whose names are the keys of m, sorted, and whose values are what elem appends; null if m
// is nil.
func AppendMap[K ~string, V any](b []byte, m map[K]V, elem func(b []byte, v *V) ([]byte, error)) ([]byte, error) {
	if m == nil {
		return append(b, "null"...), nil
	}
	var few [16]K
	keys := few[:0]
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	b = append(b, '{')
	var v V
	for i, k := range keys {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(AppendString(b, k), ':')
		v = m[k]
		var err error
		if b, err = elem(b, &v); err != nil {
			return b, err
		}
	}
	return append(b, '}'), nil
}

// AppendIntMap is AppendMap for keys that are integers. They are sorted as strings.
func AppendIntMap[K signed | unsigned, V any](b []byte, m map[K]V, elem func(b []byte, v *V) ([]byte, error)) ([]byte, error) {
	if m == nil {
		return append(b, "null"...), nil
	}
	type key struct {
		name string
		k    K
	}
	keys := make([]key, 0, len(m))
	for k := range m {
		name := ""
		if k < 0 {
			name = strconv.FormatInt(int64(k), 10)
		} else {
			name = strconv.FormatUint(uint64(k), 10)
		}
		keys = append(keys, key{name, k})
	}
	slices.SortFunc(keys, func(a, b key) int { return strings.Compare(a.name, b.name) })
	b = append(b, '{')
	var v V
	for i, k := range keys {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, '"'), k.name...), '"', ':')
		v = m[k.k]
		var err error
		if b, err = elem(b, &v); err != nil {
			return b, err
		}
	}
	return append(b, '}'), nil
}

// DecodeSlice reads an array into *s, each element by elem; null makes it nil. Elements that *s has are decoded into, not
// replaced.
func DecodeSlice[S ~[]T, T any](d *Decoder, s *S, elem func(d *Decoder, v *T)) {
	if d.next() != '[' && d.Null() {
		*s = nil
		return
	}
	n := 0
	for ok := d.FirstElem(); ok; ok = d.NextElem() {
		switch {
		case n < len(*s):
		case n < cap(*s):
			*s = (*s)[:n+1] // what is there is decoded into, as encoding/json does
		default:
			*s = grow([]T(*s))
		}
		elem(d, &(*s)[n])
		n++
	}
	switch {
	case d.err != nil:
	case n == 0:
		*s = S{}
	default:
		*s = (*s)[:n:n] // who appends to it twice gets two slices, whatever room there was
	}
}

// grow returns a full s with a zero element more. Small ones get room for a few at first, then for some.
func grow[T any](s []T) []T {
	var zero T
	if unsafe.Sizeof(zero) <= 64 {
		switch cap(s) {
		case 0:
			return make([]T, 1, 4)
		case 4:
			s = slices.Grow(s, 12)
		}
	}
	return append(s, zero)
}

// DecodeArray reads an array into the one given as a slice, each element by elem: what it lacks becomes zero, what it has
// too much is skipped. A null leaves it as it is.
func DecodeArray[T any](d *Decoder, s []T, elem func(d *Decoder, v *T)) {
	if d.Null() {
		return
	}
	n := 0
	for ok := d.FirstElem(); ok; ok = d.NextElem() {
		if n < len(s) {
			elem(d, &s[n])
			n++
		} else {
			d.Skip()
		}
	}
	if d.err == nil {
		clear(s[n:])
	}
}

// DecodePointer reads a value into **p by elem, and makes one if there is none; null makes *p nil.
func DecodePointer[P ~*T, T any](d *Decoder, p *P, elem func(d *Decoder, v *T)) {
	if d.Null() {
		*p = nil
		return
	}
	if d.err != nil {
		return
	}
	if *p == nil {
		*p = new(T)
	}
	elem(d, *p)
}

// DecodeMap reads an object into *m, each value by elem into a zero V; null makes it nil. Entries that *m has and the
// object has not stay.
func DecodeMap[M ~map[K]V, K ~string, V any](d *Decoder, m *M, elem func(d *Decoder, v *V)) {
	decodeMap(d, m, elem, func(name []byte) (K, error) { return K(name), nil })
}

// DecodeIntMap is DecodeMap for keys that are signed integers.
func DecodeIntMap[M ~map[K]V, K signed, V any](d *Decoder, m *M, elem func(d *Decoder, v *V)) {
	decodeMap(d, m, elem, func(name []byte) (K, error) {
		n, err := strconv.ParseInt(string(name), 10, 64)
		if err == nil && int64(K(n)) != n {
			err = strconv.ErrRange
		}
		return K(n), err
	})
}

// DecodeUintMap is DecodeMap for keys that are unsigned integers.
func DecodeUintMap[M ~map[K]V, K unsigned, V any](d *Decoder, m *M, elem func(d *Decoder, v *V)) {
	decodeMap(d, m, elem, func(name []byte) (K, error) {
		n, err := strconv.ParseUint(string(name), 10, 64)
		if err == nil && uint64(K(n)) != n {
			err = strconv.ErrRange
		}
		return K(n), err
	})
}

func decodeMap[M ~map[K]V, K comparable, V any](d *Decoder, m *M, elem func(*Decoder, *V), key func(name []byte) (K, error)) {
	if d.Null() {
		*m = nil
		return
	}
	if d.next() == '{' && *m == nil {
		*m = make(M)
	}
	var v, zero V
	for name := d.FirstField(); name != nil; name = d.NextField() {
		k, err := key(name)
		if err != nil {
			var want K
			d.Fail(fmt.Errorf("name of a field is not of type %T: %w", want, err))
			return
		}
		v = zero
		if elem(d, &v); d.err == nil {
			(*m)[k] = v
		}
	}
}
