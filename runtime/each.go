package wfe

import (
	"fmt"

	"github.com/wfegen/wfe/runtime/codec"
	"github.com/wfegen/wfe/runtime/definition"
)

// LoopOption changes how a loop runs.
type LoopOption func(*loop)

type loop struct {
	name       string
	sequential bool
	limit      int
}

// Sequential runs the elements of a loop one after the other, not in parallel.
func Sequential() LoopOption { return func(l *loop) { l.sequential = true } }

// Limit bounds how many elements of a parallel loop are in work at the same time:
// 1 to 1,000; the default is 256. One that ends is replaced at once.
func Limit(n int) LoopOption { return func(l *loop) { l.limit = n } }

// Name gives a loop an id of its own.
func Name(id string) LoopOption { return func(l *loop) { l.name = id } }

// Each runs body once for each element of a collection, which is taken once when
// the loop is reached. In body's closures item is a copy of the element as it was
// then: what is to last is written to the data.
func Each[D, T any, B Builder[D, B]](b B, id string, items func(data *D) []T, body func(b B, item *T), opts ...LoopOption) B {
	return EachOf(b, id, items, codec.JSON[T](), body, opts...)
}

// EachOf is Each with a codec for the elements. Generated builders call it.
func EachOf[D, T any, B Builder[D, B]](b B, id string, items func(data *D) []T, elem codec.Codec[T], body func(b B, item *T), opts ...LoopOption) B {
	base := b.Base()
	c := base.c
	l := c.loop(base.seq, id, opts)
	n := c.add(base.seq, l.name, definition.Node{Kind: definition.ForEach, Sequential: l.sequential})
	c.settings[n].Limit = l.limit
	c.needs(n, "collection", items != nil)
	c.code[n].items = func(data any) ([][]byte, error) { return encodeElements(elem, items(data.(*D))) }
	elementBlock(base, n, elem, body)
	return base.self()
}

// loop applies the options of a loop in seq that is called id.
func (c *core) loop(seq *sequence, id string, opts []LoopOption) loop {
	l := loop{name: id, limit: definition.DefaultLimit}
	for _, o := range opts {
		o(&l)
	}
	if l.limit < 1 || l.limit > definition.MaxLimit {
		c.fail("loop %q: a limit is 1 to %d; it is %d", seq.Path+l.name, definition.MaxLimit, l.limit)
	}
	return l
}

// encodeElements encodes the elements of a loop.
func encodeElements[T any](elem codec.Codec[T], list []T) ([][]byte, error) {
	var all []byte
	ends := make([]int, len(list))
	for i := range list {
		var err error
		if all, err = elem.AppendPayload(all, &list[i]); err != nil {
			return nil, fmt.Errorf("element %d: %w", i, err)
		}
		ends[i] = len(all)
	}
	encoded, start := make([][]byte, len(list)), 0
	for i, end := range ends {
		encoded[i], start = all[start:end:end], end
	}
	return encoded, nil
}

// elementBlock fills the block of node n that runs once for each element. What its
// closures read is in a cell.
func elementBlock[D, T, B any](b Block[D, B], n int, elem codec.Codec[T], body func(b B, item *T)) {
	b.c.needs(n, "body", body != nil)
	cell := new(T)
	b.c.code[n].setItem = func(value []byte) error {
		*cell = *new(T)
		return elem.Unmarshal(value, cell)
	}
	b.block(n, definition.BlockBranch, func(b B) {
		if body != nil {
			body(b, cell)
		}
	})
}
