package wfe

import (
	"bytes"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"time"

	"github.com/wfegen/wfe/runtime/codec"
	"github.com/wfegen/wfe/runtime/definition"
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
	time    func(data any, now time.Time) time.Time
	next    func(after time.Time) time.Time
	since   func(data any) time.Time // nil: what came after the start
	in      func(data any) ([]byte, error)
	out     func(data any, value []byte) error                 // nil if there is nothing to store
	outOf   func(data any, value []byte, outcome string) error // in place of out, where that is asked for
	always  bool                                               // out, or outOf, is called for a step too that did not complete
	stores  []string                                           // fields of the data that out, or catch, writes, by their names in JSON; nil is all
	fill    func(data []byte) ([]byte, error)                  // of a Poll, in place of in: the request of the data's JSON
	undoIn  func(data any, undone []byte) ([]byte, error)
	undoOut func(data any, value []byte) error
	setDone func(value []byte) error                        // puts an undone step into the cell that closures in its compensation read
	call    func(ctx StepContext, data any) (Result, error) // of a Func, in place of in and out
	index   *int                                            // a cell for the number of an element
	plain   bool                                            // it is no call, but a for of plain code
	frame   *frame                                          // the variables of a round or an element
	edges   map[int]*edgeCode                               // code on edges: by block, or engine.Behind, engine.Round
	catch   func(data any, f *Failure)                      // of a saga that hands its failure on
}

// binding is the closures of one call of a builder function. It is used by one
// goroutine at a time, because loops hand their elements on in cells.
type binding[D any] struct {
	data   codec.Codec[D]
	types  *types
	fields []string // how the members of data begin
	code   []nodeCode
	first  *edgeCode       // at the beginning of the workflow
	stores []engine.Fields // by node
	lossy  lossy           // of the data that stay in memory
	rests  []bool          // by node: it is one of a call
	buf    []byte          // for stored
}

// edgeCode is code on an edge.
type edgeCode struct {
	run    func(data any) engine.Way
	stores []string // fields of the data that it writes, by their names in JSON; nil is all
	fields engine.Fields
	shares bool // it may leave memory in common
}

var _ engine.Code = (*binding[struct{}])(nil)

func newBinding[D any](data codec.Codec[D], t *types, c *core) *binding[D] {
	b := &binding[D]{data: data, types: t, code: c.code, first: c.start, stores: make([]engine.Fields, len(c.code))}
	for _, name := range data.Fields {
		b.fields = append(b.fields, string(codec.AppendString(nil, name))+":")
	}
	b.lossy, b.rests = lossyOf(data), c.rests()
	if b.first != nil {
		b.first.fields = b.resolve(b.first.stores)
	}
	for i := range b.code {
		b.stores[i] = b.resolve(b.code[i].stores)
		for _, e := range b.code[i].edges {
			e.fields = b.resolve(e.stores)
		}
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

// enter sets the cells of the loops and compensations around a node, and the time for
// plain code.
func (b *binding[D]) enter(sc engine.Scope) error {
	if d, ok := sc.Data.(interface{ setNow(now instance.Instant) }); ok {
		d.setNow(sc.Now)
	}
	return b.setItems(sc.Items)
}

func (b *binding[D]) setItems(items []instance.Item) error {
	for _, it := range items {
		code := &b.code[it.Node]
		if it.Done {
			if code.setDone == nil {
				continue
			}
			if err := code.setDone(it.Value); err != nil {
				return fmt.Errorf("decoding what is undone: %w", err)
			}
			continue
		}
		if code.setItem != nil {
			if err := code.setItem(it.Value); err != nil {
				return fmt.Errorf("decoding element %d of the loop: %w", it.Index, err)
			}
		}
		if code.index != nil {
			*code.index = it.Index
		}
		if code.frame != nil {
			if err := code.frame.read(it.Vars); err != nil {
				return fmt.Errorf("decoding the variables of a round: %w", err)
			}
		}
	}
	return nil
}

// leave hands back the variables around a node that its code has changed.
func (b *binding[D]) leave(sc engine.Scope) (changed bool, err error) {
	for i := range sc.Items {
		it := &sc.Items[i]
		f := b.code[it.Node].frame
		if f == nil || it.Done {
			continue
		}
		vars, err := f.write(it.Vars)
		if err != nil {
			return changed, fmt.Errorf("encoding the variables of a round: %w", err)
		}
		changed = changed || !bytes.Equal(vars, it.Vars)
		it.Vars = vars
	}
	return changed, nil
}

// change calls f, which may change the data, as wrote says, and the variables around.
func (b *binding[D]) change(sc engine.Scope, wrote engine.Fields, f func() error) (engine.Fields, error) {
	err := b.enter(sc)
	if err == nil {
		err = f()
	}
	if err == nil {
		wrote.Vars, err = b.leave(sc)
	}
	if err == nil {
		err = b.keeps(sc.Data.(*D), wrote)
	}
	return wrote, err
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
	if b.Unsettled(sc.Data) {
		stored, err := b.stored(sc.Data.(*D)) // it is asked at a call, and code before that may still have been run for another one
		if err != nil {
			return false, err
		}
		sc.Data = stored
	}
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
	return instance.At(b.code[node].time(sc.Data, sc.Now.Time())), nil
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
	code := &b.code[node]
	switch {
	case code.outOf != nil:
		return b.change(sc, b.stores[node], func() error { return code.outOf(sc.Data, value, sc.Outcome) })
	case code.out != nil:
		return b.change(sc, b.stores[node], func() error { return code.out(sc.Data, value) })
	}
	return engine.Fields{}, nil
}

func (b *binding[D]) Always(node int) bool { return b.code[node].always }

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
	return b.change(sc, engine.Fields{All: true}, func() error { return out(sc.Data, value) })
}

// edge returns the code on an edge, or nil.
func (b *binding[D]) edge(node, block int) *edgeCode {
	if node == definition.None {
		return b.first
	}
	return b.code[node].edges[block]
}

func (b *binding[D]) HasEdge(node, block int) bool { return b.edge(node, block) != nil }

func (b *binding[D]) Edge(node, block int, sc engine.Scope) (way engine.Way, wrote engine.Fields, err error) {
	e := b.edge(node, block)
	wrote, err = b.change(sc, e.fields, func() error {
		if why := engine.Caught(func() { way = e.run(sc.Data) }); why != "" {
			way = engine.Way{Fault: why}
		}
		return nil
	})
	if d, plain := sc.Data.(settled); err == nil && plain && e.shares {
		d.unsettle()
	}
	return way, wrote, err
}

func (b *binding[D]) Catch(node int, sc engine.Scope, why *instance.Failure) (engine.Fields, error) {
	return b.change(sc, b.stores[node], func() error {
		b.code[node].catch(sc.Data, publicFailure(why))
		return nil
	})
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
