package wfe

import (
	"cmp"
	"encoding"
	"encoding/json"
	"math/big"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/wfegen/wfe/runtime/codec"
	"github.com/wfegen/wfe/runtime/engine"
)

// Between two transitions the data stay in memory, while after a crash they are what was stored. Where a type can hold what
// JSON does not bring back, the two would differ: an int in an any, a field that is tagged json:"-", an empty slice that
// omitempty leaves out. Data of such a type are taken as they will be stored as soon as code has written them.

// lossy says what of some data may be another once it was stored.
type lossy struct {
	any    bool
	fields []bool // by their places in codec.Codec.Fields
}

func lossyOf[D any](c codec.Codec[D]) lossy {
	var d D
	if c.Decode != nil && c.Decode([]byte("{}"), &d) != nil {
		return lossy{any: true, fields: slices.Repeat([]bool{true}, len(c.Fields))}
	}
	data, vars := reflect.TypeFor[D](), reflect.Type(nil)
	if v, ok := any(&d).(interface {
		parts() (data, vars reflect.Type)
	}); ok {
		data, vars = v.parts()
	}
	out := lossy{any: losesType(data) || vars != nil && losesType(vars)}
	for _, name := range c.Fields {
		out.fields = append(out.fields, out.any && losesMember(data, vars, name))
	}
	return out
}

// written reports whether code has written what may be another once it was stored.
func (l lossy) written(f engine.Fields) bool {
	return l.any && (f.All || slices.ContainsFunc(f.Some, func(i int) bool { return l.fields[i] }))
}

// parts are the types of the data, and of the variables; nil for none.
func (d *Saved[D]) parts() (data, vars reflect.Type) {
	if d.Vars != nil {
		vars = reflect.TypeOf(d.Vars).Elem()
	}
	return reflect.TypeFor[D](), vars
}

// losesMember is losesField for the member of that name. One that is not found so, as of an embedded struct, may be.
func losesMember(data, vars reflect.Type, name string) bool {
	if name == savedVars {
		return vars != nil && losesType(vars)
	}
	if data.Kind() != reflect.Struct {
		return true
	}
	for i := range data.NumField() {
		f := data.Field(i)
		if tag, _, _ := strings.Cut(f.Tag.Get("json"), ","); f.IsExported() && !f.Anonymous && cmp.Or(tag, f.Name) == name {
			return losesField(f, map[reflect.Type]bool{})
		}
	}
	return true
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
