package wfe

import (
	"encoding"
	"encoding/json"
	"math/big"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/wfegen/wfe/runtime/codec"
)

// Between two transitions the data stay in memory, while after a crash they are what was stored. Where a type can hold what
// JSON does not bring back, the two would differ: an int in an any, a field that is tagged json:"-", an empty slice that
// omitempty leaves out. Data of such a type are taken as they will be stored as soon as code has written them.

// loses reports whether data may be others once they were stored.
func loses[D any](c codec.Codec[D]) bool {
	var d D
	if c.Decode != nil && c.Decode([]byte("{}"), &d) != nil {
		return true
	}
	t := reflect.TypeFor[D]()
	if v, ok := any(&d).(interface{ parts() []reflect.Type }); ok {
		return slices.ContainsFunc(v.parts(), losesType)
	}
	return losesType(t)
}

// parts are the types of the data, and of the variables.
func (s Saved[D]) parts() []reflect.Type {
	out := []reflect.Type{reflect.TypeFor[D]()}
	if s.Vars != nil {
		out = append(out, reflect.TypeOf(s.Vars).Elem())
	}
	return out
}

func losesType(t reflect.Type) bool { return losesIn(t, map[reflect.Type]bool{}) }

func losesIn(t reflect.Type, seen map[reflect.Type]bool) bool {
	if seen[t] {
		return false
	}
	seen[t] = true
	switch t {
	case reflect.TypeFor[time.Time](), reflect.TypeFor[netip.Addr](), reflect.TypeFor[big.Int]():
		return false
	case reflect.TypeFor[json.RawMessage]():
		return true
	}
	if p := reflect.PointerTo(t); p.Implements(reflect.TypeFor[json.Marshaler]()) || p.Implements(reflect.TypeFor[encoding.TextMarshaler]()) {
		return true // its own affair
	}
	switch t.Kind() {
	case reflect.Interface:
		return true
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return losesIn(t.Elem(), seen)
	case reflect.Struct:
		for i := range t.NumField() {
			if losesField(t.Field(i), seen) {
				return true
			}
		}
	}
	return false
}

func losesField(f reflect.StructField, seen map[reflect.Type]bool) bool {
	if !f.IsExported() && !f.Anonymous {
		return true
	}
	name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
	if name == "-" && options == "" {
		return true
	}
	if kind := f.Type.Kind(); (kind == reflect.Slice || kind == reflect.Map) && slices.Contains(strings.Split(options, ","), "omitempty") {
		return true
	}
	return losesIn(f.Type, seen)
}

// asStored makes of data that code has written what they would be after a crash.
func (b *binding[D]) asStored(data *D) (err error) {
	if b.buf, err = b.data.Append(b.buf[:0], data); err != nil {
		return err
	}
	var stored D
	if err := b.data.Decode(b.buf, &stored); err != nil {
		return err
	}
	*data = stored
	return nil
}
