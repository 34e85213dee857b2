package wfe

import (
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"time"

	"github.com/wfegen/wfe/runtime/codec"
	"github.com/wfegen/wfe/runtime/engine"
	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/internal/secret"
)

// nodeCode holds the closures of one node.
type nodeCode struct {
	conds   []func(data any) bool // by block
	cancels func(data any) bool
	items   func(data any) ([][]byte, error)
	setItem func(value []byte) error // puts an element into the cell that closures under the loop read
	key     func(data any) string
	time    func(data any) time.Time
	next    func(after time.Time) time.Time
	since   func(data any) time.Time // nil: what came after the start
	in      func(data any) ([]byte, error)
	out     func(data any, value []byte) error // nil if there is nothing to store
	stores  []string                           // fields of the data that out writes, by their names in JSON; nil is all
	fill    func(data []byte) ([]byte, error)  // of a Poll, in place of in: the request of the data's JSON
	undoIn  func(data any, undone []byte) ([]byte, error)
	undoOut func(data any, value []byte) error
	setDone func(value []byte) error                        // puts an undone step into the cell that closures in its compensation read
	call    func(ctx StepContext, data any) (Result, error) // of a Func, in place of in and out
}

// binding is the closures of one call of a builder function. It is used by one
// goroutine at a time, because loops hand their elements on in cells.
type binding[D any] struct {
	data   codec.Codec[D]
	types  *types
	fields []string // how the members of data begin
	code   []nodeCode
	stores []engine.Fields // by node
}

var _ engine.Code = (*binding[struct{}])(nil)

func newBinding[D any](data codec.Codec[D], t *types, code []nodeCode) *binding[D] {
	b := &binding[D]{data: data, types: t, code: code, stores: make([]engine.Fields, len(code))}
	for _, name := range data.Fields {
		b.fields = append(b.fields, string(codec.AppendString(nil, name))+":")
	}
	for i := range code {
		b.stores[i] = b.resolve(code[i].stores)
	}
	return b
}

// resolve finds fields by their names. Where one is not known any may be written.
func (b *binding[D]) resolve(names []string) engine.Fields {
	f := engine.Fields{All: names == nil}
	for _, name := range names {
		if i := slices.Index(b.data.Fields, name); i >= 0 {
			f.Some = append(f.Some, i)
		} else {
			f = engine.Fields{All: true}
		}
	}
	return f
}

// enter sets the cells of the loops and compensations around a node.
func (b *binding[D]) enter(sc engine.Scope) error { return b.setItems(sc.Items) }

func (b *binding[D]) setItems(items []instance.Item) error {
	for _, it := range items {
		code := &b.code[it.Node]
		switch {
		case !it.Done:
			if err := code.setItem(it.Value); err != nil {
				return fmt.Errorf("decoding element %d of the loop: %w", it.Index, err)
			}
		case code.setDone != nil:
			if err := code.setDone(it.Value); err != nil {
				return fmt.Errorf("decoding what is undone: %w", err)
			}
		}
	}
	return nil
}

func (b *binding[D]) Decode(data []byte) (any, error) {
	d := new(D)
	if err := b.data.Unmarshal(data, d); err != nil {
		return nil, err
	}
	return d, nil
}

func (b *binding[D]) Encode(buf []byte, data any) ([]byte, error) {
	return b.data.AppendPayload(buf, data.(*D))
}

func (b *binding[D]) Fields() []string { return b.fields }

func (b *binding[D]) EncodeField(buf []byte, data any, field int) ([]byte, error) {
	return b.data.AppendField(buf, data.(*D), field)
}

func (b *binding[D]) Envelope(buf []byte) []byte {
	return codec.AppendHeader(buf, codec.Header{Format: codec.FormatJSON, Schema: b.data.Schema})
}

func (b *binding[D]) Cond(node, block int, sc engine.Scope) (bool, error) {
	if err := b.enter(sc); err != nil {
		return false, err
	}
	return b.code[node].conds[block](sc.Data), nil
}

func (b *binding[D]) Cancels(node int, sc engine.Scope) (bool, error) {
	if err := b.enter(sc); err != nil {
		return false, err
	}
	return b.code[node].cancels(sc.Data), nil
}

func (b *binding[D]) Items(node int, sc engine.Scope) ([][]byte, error) {
	if err := b.enter(sc); err != nil {
		return nil, err
	}
	return b.code[node].items(sc.Data)
}

func (b *binding[D]) Key(node int, sc engine.Scope) (string, error) {
	if err := b.enter(sc); err != nil {
		return "", err
	}
	return b.code[node].key(sc.Data), nil
}

func (b *binding[D]) Time(node int, sc engine.Scope) (instance.Instant, error) {
	if err := b.enter(sc); err != nil {
		return 0, err
	}
	return instance.At(b.code[node].time(sc.Data)), nil
}

func (b *binding[D]) Next(node int, after instance.Instant) instance.Instant {
	if t := b.code[node].next(after.Time()); !t.IsZero() {
		return instance.At(t)
	}
	return math.MaxInt64
}

func (b *binding[D]) Since(node int, sc engine.Scope) (instance.Instant, error) {
	since := b.code[node].since
	if since == nil {
		return 0, nil
	}
	if err := b.enter(sc); err != nil {
		return 0, err
	}
	return max(instance.At(since(sc.Data)), 1), nil
}

func (b *binding[D]) In(node int, sc engine.Scope) ([]byte, error) {
	if err := b.enter(sc); err != nil {
		return nil, err
	}
	if b.code[node].call != nil {
		return b.funcIn(sc.Data, sc.Items)
	}
	if fill := b.code[node].fill; fill != nil {
		text, err := b.data.Append(nil, sc.Data.(*D))
		if err != nil {
			return nil, err
		}
		return fill(text)
	}
	return b.code[node].in(sc.Data)
}

func (b *binding[D]) Out(node int, sc engine.Scope, value []byte) (engine.Fields, error) {
	if b.code[node].call != nil {
		names, err := b.funcOut(sc.Data, value)
		return b.resolve(names), err
	}
	out := b.code[node].out
	if out == nil {
		return engine.Fields{}, nil
	}
	if err := b.enter(sc); err != nil {
		return engine.Fields{}, err
	}
	return b.stores[node], out(sc.Data, value)
}

func (b *binding[D]) UndoIn(node int, sc engine.Scope, undone []byte) ([]byte, error) {
	if err := b.enter(sc); err != nil {
		return nil, err
	}
	return b.code[node].undoIn(sc.Data, undone)
}

func (b *binding[D]) Redact(data any, message string) string { return secret.Redact(message, data) }

func (b *binding[D]) Secrets(data any) []string {
	if !secret.Has(reflect.TypeFor[D]()) {
		return nil
	}
	return secret.Of(data)
}

func (b *binding[D]) UndoOut(node int, sc engine.Scope, value []byte) (engine.Fields, error) {
	out := b.code[node].undoOut
	if out == nil {
		return engine.Fields{}, nil
	}
	if err := b.enter(sc); err != nil {
		return engine.Fields{}, err
	}
	return engine.Fields{All: true}, out(sc.Data, value)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
