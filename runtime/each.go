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
// the loop is reached. In body's closures item is the element.
func Each[D, T any, B Builder[D, B]](b B, id string, items func(data *D) []T, body func(b B, item *T), opts ...LoopOption) B {
	return EachOf(b, id, items, codec.JSON[T](), body, opts...)
}

// EachOf is Each with a codec for the elements. Generated builders call it.
func EachOf[D, T any, B Builder[D, B]](b B, id string, items func(data *D) []T, elem codec.Codec[T], body func(b B, item *T), opts ...LoopOption) B {
	base := b.Base()
	c := base.c
	l := loop{name: id, limit: definition.DefaultLimit}
	for _, o := range opts {
		o(&l)
	}
	if l.limit < 1 || l.limit > definition.MaxLimit {
		c.fail("loop %q: a limit is 1 to %d; it is %d", base.seq.Path+l.name, definition.MaxLimit, l.limit)
	}
	n := c.add(base.seq, l.name, definition.Node{Kind: definition.ForEach, Sequential: l.sequential})
	c.settings[n].Limit = l.limit
	c.needs(n, "collection", items != nil)
	c.needs(n, "body", body != nil)
	cell := new(T)
	code := &c.code[n]
	code.items = func(data any) ([][]byte, error) {
		list := items(data.(*D))
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
	code.setItem = func(value []byte) error {
		*cell = *new(T)
		return elem.Unmarshal(value, cell)
	}
	base.block(n, "", func(b B) {
		if body != nil {
			body(b, cell)
		}
	})
	return base.self()
}
