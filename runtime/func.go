package wfe

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"

	"github.com/wfegen/wfe/runtime/codec"
	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/internal/host"
	"github.com/wfegen/wfe/runtime/internal/secret"
)

// Func adds a step without a type of its own. f works on a copy of the data; the
// fields that it changed, and they alone, are stored in the data as it is when f
// has ended, so parallel branches that change different fields lose nothing. Of
// two that change one field the later one counts.
//
// It may use the elements of the loops around it. Like any body it runs at least
// once, in parallel with others. What a run that sleeps or persists changed is
// dropped: keep that with the result. There is no When for it: its Outcome is an
// error, for what it decides belongs in the data.
func (b Block[D, B]) Func(name string, f func(ctx StepContext, data *D) (Result, error)) B {
	c := b.c
	n := c.add(b.seq, name, definition.Node{Kind: definition.Step, Step: name})
	c.needs(n, "function", f != nil)
	c.settings[n].Retry = definition.DefaultRetry()
	c.settings[n].Undo = c.settings[n].Retry
	c.code[n].call = func(ctx StepContext, data any) (Result, error) { return f(ctx, data.(*D)) }
	return b.self()
}

// funcInput is the recorded input of a Func.
type funcInput struct {
	Data  json.RawMessage
	Items []instance.Item `json:",omitempty"` // elements of the loops around it
}

// funcOutput is what a Func changed: members of the data's JSON object, or all of
// it where that is no object.
type funcOutput struct {
	Whole   json.RawMessage `json:",omitempty"`
	Changed []member        `json:",omitempty"`
}

// member is one of a JSON object. Value is nil for one that is gone.
type member struct {
	Name  string
	Value json.RawMessage `json:",omitempty"`
}

// funcIn records the input of a Func.
func (b *binding[D]) funcIn(data any, items []instance.Item) ([]byte, error) {
	text, err := b.data.Append(nil, data.(*D))
	if err != nil {
		return nil, err
	}
	return codec.JSON[funcInput]().Marshal(&funcInput{text, items})
}

// funcOut stores what a Func changed in the data and names those fields; nil is
// any of them.
func (b *binding[D]) funcOut(data any, value []byte) (names []string, err error) {
	var out funcOutput
	if err := codec.JSON[funcOutput]().Unmarshal(value, &out); err != nil {
		return nil, err
	}
	text := []byte(out.Whole)
	if text == nil {
		now, err := b.data.Append(nil, data.(*D))
		if err != nil {
			return nil, err
		}
		all, _ := members(now)
		names = []string{}
		for _, c := range out.Changed {
			all = change(all, c)
			names = append(names, c.Name)
		}
		text = object(all)
	}
	fresh := new(D)
	if err := b.data.Decode(text, fresh); err != nil {
		return nil, err
	}
	*data.(*D) = *fresh
	return names, nil
}

// run runs the Func of node n on recorded inputs and returns what it changed.
func (b *binding[D]) run(n int, ctx StepContext, input []byte, around surroundings) (Result, []byte, error) {
	var in funcInput
	if err := codec.JSON[funcInput]().Unmarshal(input, &in); err != nil {
		return Result{}, nil, Permanent(fmt.Errorf("its inputs do not decode: %w", err))
	}
	data := new(D)
	if err := b.data.Decode(in.Data, data); err != nil {
		return Result{}, nil, Permanent(fmt.Errorf("its inputs do not decode: %w", err))
	}
	if err := b.setItems(in.Items); err != nil {
		return Result{}, nil, Permanent(err)
	}
	before, err := b.data.Append(nil, data) // not what was recorded: that may be written otherwise
	if err != nil {
		return Result{}, nil, Permanent(err)
	}
	if secret.Has(reflect.TypeFor[D]()) {
		ctx.secrets.Values = []any{data}
	}
	result, err := around.run(ctx, func(ctx StepContext) (Result, error) { return b.code[n].call(ctx, data) })
	if err == nil {
		err = result.err
	}
	switch {
	case err != nil:
		return result, nil, err
	case result.kind == instance.Outcome:
		return result, nil, Permanent(errors.New("wfe: a Func has no outcomes: set a field, and decide by that"))
	case result.kind != instance.Next:
		return result, nil, nil
	}
	after, err := b.data.Append(nil, data)
	if err != nil {
		return result, nil, Permanent(fmt.Errorf("its outputs do not encode: %w", err))
	}
	value, err := codec.JSON[funcOutput]().Marshal(changes(before, after))
	return result, value, err
}

// changes says what is different in after. Both are JSON.
func changes(before, after []byte) *funcOutput {
	old, wasObject := members(before)
	all, isObject := members(after)
	if !wasObject || !isObject {
		return &funcOutput{Whole: after}
	}
	out := new(funcOutput)
	for _, m := range all {
		if i := indexOf(old, m.Name); i < 0 || !bytes.Equal(old[i].Value, m.Value) {
			out.Changed = append(out.Changed, m)
		}
	}
	for _, m := range old {
		if indexOf(all, m.Name) < 0 {
			out.Changed = append(out.Changed, member{Name: m.Name})
		}
	}
	return out
}

func change(all []member, c member) []member {
	i := indexOf(all, c.Name)
	switch {
	case i < 0 && c.Value == nil:
		return all
	case i < 0:
		return append(all, c)
	case c.Value == nil:
		return slices.Delete(all, i, i+1)
	}
	all[i] = c
	return all
}

func indexOf(all []member, name string) int {
	return slices.IndexFunc(all, func(m member) bool { return m.Name == name })
}

// members takes a JSON object apart; false if text is none.
func members(text []byte) ([]member, bool) {
	d := json.NewDecoder(bytes.NewReader(text))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return nil, false
	}
	var all []member
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, false
		}
		m := member{Name: name.(string)}
		if err := d.Decode(&m.Value); err != nil {
			return nil, false
		}
		all = append(all, m)
	}
	return all, true
}

// object puts a JSON object together.
func object(all []member) []byte {
	b := []byte{'{'}
	for i, m := range all {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(codec.AppendString(b, m.Name), ':')
		b = append(b, m.Value...)
	}
	return append(b, '}')
}

// funcBody is the body of the Func at node n. Each run has a binding of its own
// while it lasts, since the elements of loops are in cells of the binding.
func funcBody[D any](n int, bindings *sync.Pool, bind func() (*binding[D], error), in surroundings) host.Body {
	return func(ctx context.Context, c host.Call) host.Result {
		b, _ := bindings.Get().(*binding[D])
		if b == nil {
			var err error
			if b, err = bind(); err != nil {
				return host.Result{Err: recorded(err)}
			}
		}
		result, value, err := b.run(n, newStepContext(ctx, in, c), c.Input, in)
		bindings.Put(b)
		if err != nil {
			return host.Result{Err: recorded(err)}
		}
		return result.of(value)
	}
}
