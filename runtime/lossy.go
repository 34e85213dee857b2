package wfe

import (
	"cmp"
	"fmt"
	"reflect"
	"strings"

	"github.com/wfegen/wfe/runtime/codec"
	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/engine"
)

// Between two transitions the data stay in memory, while after a crash they are what was stored. Where they hold what JSON does
// not bring back, the two would differ. Such data are taken as they are stored: those of a builder as soon as its code has
// written them; those of a function where the function itself would be at a call, as in a direct run.

// lossy says what of some data may be another once it was stored.
type lossy struct {
	whole  codec.Loss
	fields []codec.Loss // by their places in codec.Codec.Fields
}

func lossyOf[D any](c codec.Codec[D]) lossy {
	data := dataOf[D]()
	l := lossy{whole: codec.LossOf(data, true)}
	for _, name := range c.Fields {
		l.fields = append(l.fields, l.ofMember(data, name))
	}
	return l
}

// dataOf is the type of the author's data in a D. Variables are saved exactly.
func dataOf[D any]() reflect.Type {
	var d D
	if a, ok := any(d).(interface{ authored() reflect.Type }); ok {
		return a.authored()
	}
	return reflect.TypeFor[D]()
}

// ofMember is the loss of the member of that name. One that is not found so, as of an embedded struct, may be any.
func (l lossy) ofMember(data reflect.Type, name string) codec.Loss {
	if l.whole == nil || name == savedVars {
		return nil
	}
	if data.Kind() != reflect.Struct {
		return l.whole
	}
	for i := range data.NumField() {
		f := data.Field(i)
		if tag, _, _ := strings.Cut(f.Tag.Get("json"), ","); f.IsExported() && !f.Anonymous && cmp.Or(tag, f.Name) == name {
			return codec.LossOfField(data, i, true)
		}
	}
	return l.whole
}

// lost reports whether code has written what is another one once it was stored. data is the author's.
func (l lossy) lost(data reflect.Value, wrote engine.Fields) bool {
	if wrote.All {
		return l.whole != nil && l.whole(data)
	}
	for _, i := range wrote.Some {
		if lost := l.fields[i]; lost != nil && lost(data) {
			return true
		}
	}
	return false
}

// keeps looks at data that code has written, and has those taken as they are stored that are others then.
func (b *binding[D]) keeps(data *D, wrote engine.Fields) error {
	authored := reflect.ValueOf(data).Elem()
	saved, plain := any(data).(settled)
	if plain {
		authored = reflect.ValueOf(saved.author()).Elem()
	}
	if !b.lossy.lost(authored, wrote) {
		return nil
	}
	stored, err := b.stored(data)
	switch {
	case err != nil:
		return err
	case plain:
		saved.unsettle()
	default:
		*data = *stored
	}
	return nil
}

// stored is data as they will be after a crash.
func (b *binding[D]) stored(data *D) (_ *D, err error) {
	if b.buf, err = b.data.Append(b.buf[:0], data); err != nil {
		return nil, err
	}
	stored := new(D)
	if err := b.data.Decode(b.buf, stored); err != nil {
		return nil, fmt.Errorf("the data do not decode any more: %w", err)
	}
	return stored, nil
}

// settled is a Saved.
type settled interface {
	author() any
	unsettle()
	unsettled() bool
}

func (b *binding[D]) Unsettled(data any) bool {
	saved, plain := data.(settled)
	return plain && saved.unsettled()
}

func (b *binding[D]) Rests(node int) bool { return b.rests[node] }

func (b *binding[D]) AsStored(data any) error {
	stored, err := b.stored(data.(*D))
	if err == nil {
		*data.(*D) = *stored
	}
	return err
}

// rests reports of each node whether it is one of a call. The others are what the flow goes through in plain code.
func (c *core) rests() []bool {
	out := make([]bool, len(c.Nodes))
	for i, n := range c.Nodes {
		switch n.Kind {
		case definition.If, definition.Decide, definition.While, definition.Call:
		default:
			out[i] = !c.code[i].plain
		}
	}
	return out
}
