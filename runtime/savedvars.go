package wfe

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/wfegen/wfe/runtime/codec"
)

// Saved is the data of a workflow that was compiled from a function: the author's, and
// the variables of the function that are saved.
type Saved[D, V any] struct {
	Data D
	Vars V
}

func (Saved[D, V]) authored() reflect.Type { return reflect.TypeFor[D]() }

// savedVars is the member of the data's JSON in which the variables of a function lie.
const savedVars = "wfe:vars"

// SavedCodec is the codec of data with variables. In JSON these are one more member of
// the object that D is, the last one, which is left out while it is empty. So what
// encodes and decodes a D does so with a Saved too.
func SavedCodec[D, V any](data codec.Codec[D], vars codec.Codec[V]) codec.Codec[Saved[D, V]] {
	appendVars := func(b []byte, v *V) ([]byte, error) {
		start := len(b)
		b = append(codec.AppendString(b, savedVars), ':')
		value := len(b)
		b, err := vars.Append(b, v)
		if err == nil && string(b[value:]) == "{}" {
			b = b[:start]
		}
		return b, err
	}
	c := codec.Codec[Saved[D, V]]{Schema: data.Schema,
		Append: func(b []byte, v *Saved[D, V]) ([]byte, error) {
			start := len(b)
			b, err := data.Append(b, &v.Data)
			if err != nil {
				return b, err
			}
			if len(b) < start+2 || b[start] != '{' || b[len(b)-1] != '}' {
				return b, fmt.Errorf("the data of a workflow is an object in JSON; %s is none", reflect.TypeFor[D]())
			}
			end := len(b) - 1
			empty := end == start+1
			if b = b[:end]; !empty {
				b = append(b, ',')
			}
			at := len(b)
			if b, err = appendVars(b, &v.Vars); err != nil {
				return b, err
			}
			if len(b) == at {
				b = b[:end]
			}
			return append(b, '}'), nil
		},
		Decode: func(b []byte, v *Saved[D, V]) error {
			if err := data.Decode(b, &v.Data); err != nil {
				return err
			}
			if !bytes.Contains(b, []byte(savedVars)) {
				return nil
			}
			var text json.RawMessage
			if err := varsMember.Decode(b, &text); err != nil || text == nil {
				return err
			}
			return vars.Decode(text, &v.Vars)
		},
	}
	if data.AppendField != nil {
		c.Fields = append(append([]string(nil), data.Fields...), savedVars)
		c.AppendField = func(b []byte, v *Saved[D, V], i int) ([]byte, error) {
			if i < len(data.Fields) {
				return data.AppendField(b, &v.Data, i)
			}
			return appendVars(b, &v.Vars)
		}
	}
	return c
}

// varsMember decodes the member of the data in which the variables lie, and nothing else.
var varsMember = codec.New("data", 0, nil, func(d *codec.Decoder, v *json.RawMessage) {
	for name := d.FirstField(); name != nil; name = d.NextField() {
		if string(name) == savedVars {
			codec.DecodeRaw(d, v)
		} else {
			d.Skip()
		}
	}
})

// frame is the variables that a round or an element has to itself, in a cell that
// closures read and write.
type frame struct {
	read  func(vars []byte) error           // into the cell; nil is zero
	write func(vars []byte) ([]byte, error) // from the cell; vars themselves where that is the same
}

func newFrame[F any](c codec.Codec[F], cell *F) *frame {
	var buf, none []byte // a binding is used by one goroutine at a time
	return &frame{
		read: func(vars []byte) error {
			*cell = *new(F)
			if vars == nil {
				return nil
			}
			return c.Unmarshal(vars, cell)
		},
		write: func(vars []byte) (_ []byte, err error) {
			if none == nil {
				if none, err = c.Marshal(new(F)); err != nil {
					return nil, err
				}
			}
			if buf, err = c.AppendPayload(buf[:0], cell); err != nil {
				return nil, err
			}
			if bytes.Equal(buf, vars) || vars == nil && bytes.Equal(buf, none) {
				return vars, nil
			}
			return bytes.Clone(buf), nil
		},
	}
}
