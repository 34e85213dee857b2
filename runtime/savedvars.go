package wfe

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"time"

	"github.com/wfegen/wfe/runtime/codec"
	"github.com/wfegen/wfe/runtime/engine"
	"github.com/wfegen/wfe/runtime/instance"
)

// Saved is the data of a workflow that was compiled from a function: the author's, and
// the variables of the function that are saved.
type Saved[D any] struct {
	Data D
	Vars any // a pointer to a struct, which SavedCodec makes when it decodes; nil has none

	way   engine.Way       // of the code on an edge that runs
	now   instance.Instant // when it does
	stale bool             // the data hold what JSON does not bring back, until the next call
}

var _ settled = (*Saved[struct{}])(nil)

func (d *Saved[D]) author() any     { return &d.Data }
func (d *Saved[D]) unsettle()       { d.stale = true }
func (d *Saved[D]) unsettled() bool { return d.stale }

// Now is the time for plain code: that of the transition in which it runs.
func (d *Saved[D]) Now() time.Time { return d.now.Time() }

func (d *Saved[D]) setNow(now instance.Instant) { d.now = now }

func (Saved[D]) authored() reflect.Type { return reflect.TypeFor[D]() }

// savedVars is the member of the data's JSON in which the variables of a function lie.
const savedVars = "wfe:vars"

// SavedCodec is the codec of data with variables. In JSON these are one more member of
// the object that D is, the last one, which is left out while it is empty. So what
// encodes and decodes a D does so with a Saved too.
//
// The variables are saved exactly, also where JSON has no value for one.
func SavedCodec[D, V any](data codec.Codec[D], vars codec.Codec[V]) codec.Codec[Saved[D]] {
	vars = codec.Exact(vars)
	return savedCodec(data, varsCodec{
		append: func(b []byte, v any) ([]byte, error) { return vars.Append(b, v.(*V)) },
		decode: func(b []byte) (any, error) { v := new(V); return v, vars.Decode(b, v) },
		empty:  func() any { return new(V) },
	})
}

// varsCodec is the codec of variables, without their type: a Saved does not have it.
type varsCodec struct {
	append func(b []byte, v any) ([]byte, error)
	decode func(b []byte) (any, error)
	empty  func() any
}

// member writes the variables as a member of an object, or nothing for none.
func (c varsCodec) member(b []byte, v any) ([]byte, error) {
	if v == nil {
		return b, nil
	}
	start := len(b)
	b = append(codec.AppendString(b, savedVars), ':')
	value := len(b)
	b, err := c.append(b, v)
	if err == nil && string(b[value:]) == "{}" {
		b = b[:start]
	}
	return b, err
}

// in reads the variables from the object that they are a member of.
func (c varsCodec) in(object []byte) (any, error) {
	if !bytes.Contains(object, []byte(savedVars)) {
		return c.empty(), nil
	}
	var text json.RawMessage
	if err := varsMember.Decode(object, &text); err != nil || text == nil {
		return c.empty(), err
	}
	return c.decode(text)
}

// isObject reports whether a value in JSON, without space around it, is an object.
func isObject(b []byte) bool { return len(b) > 1 && b[0] == '{' && b[len(b)-1] == '}' }

func notObject[D any]() error {
	return fmt.Errorf("the data of a workflow are an object in JSON; %s is none", reflect.TypeFor[D]())
}

func savedCodec[D any](data codec.Codec[D], vars varsCodec) codec.Codec[Saved[D]] {
	c := codec.Codec[Saved[D]]{Schema: data.Schema,
		Append: func(b []byte, v *Saved[D]) ([]byte, error) {
			start := len(b)
			b, err := data.Append(b, &v.Data)
			if err != nil {
				return b, err
			}
			if !isObject(b[start:]) {
				return b, notObject[D]()
			}
			end := len(b) - 1
			empty := end == start+1
			if b = b[:end]; !empty {
				b = append(b, ',')
			}
			at := len(b)
			if b, err = vars.member(b, v.Vars); err != nil {
				return b, err
			}
			if len(b) == at {
				b = b[:end]
			}
			return append(b, '}'), nil
		},
		Decode: func(b []byte, v *Saved[D]) (err error) {
			if err = data.Decode(b, &v.Data); err == nil {
				v.Vars, err = vars.in(b)
			}
			return err
		},
	}
	if data.AppendField != nil {
		c.Fields = append(append([]string(nil), data.Fields...), savedVars)
		c.AppendField = func(b []byte, v *Saved[D], i int) ([]byte, error) {
			if i < len(data.Fields) {
				return data.AppendField(b, &v.Data, i)
			}
			return vars.member(b, v.Vars)
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
	c = codec.Exact(c)
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
