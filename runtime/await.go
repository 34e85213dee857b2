package wfe

import (
	"reflect"
	"time"

	"github.com/wfegen/wfe/runtime/codec"
	"github.com/wfegen/wfe/runtime/definition"
)

// Await waits for the event E published with the key that key returns, and hands
// it to the data by take; nil drops it. Events count that were published after
// the instance was started; each is taken once. The rules: docs/semantics.md, "Events".
func Await[E, D any, B Builder[D, B]](b B, id string, key func(data *D) string, take func(data *D, e *E)) AwaitNode[D, B] {
	base := b.Base()
	c := base.c
	event, name := c.types.event(reflect.TypeFor[E]())
	if event == nil {
		c.fail("node %q: event type %s is not among the events given to Register or Add", base.seq.Path+id, reflect.TypeFor[E]())
	} else {
		c.contract["event "+name] = event.schema()
	}
	n := c.add(base.seq, id, definition.Node{Kind: definition.WaitFor, Event: name})
	c.settings[n].Retry = definition.DefaultRetry()
	payload := codec.JSON[E]()
	if e, ok := event.(Event[E]); ok {
		payload = e.Codec
	}
	c.needs(n, "key", key != nil)
	c.code[n].key = func(data any) string { return key(data.(*D)) }
	c.code[n].out = func(data any, value []byte) error {
		e := new(E)
		if err := payload.Unmarshal(value, e); err != nil || take == nil {
			return err
		}
		take(data.(*D), e)
		return nil
	}
	return AwaitNode[D, B]{base, n}
}

// AwaitNode is a wait that was just added.
type AwaitNode[D, B any] struct {
	b Block[D, B]
	n int
}

// AsOf has the wait take what was published at the time that since returns or
// later, in place of what came after the start. The time may lie before the start,
// and it is compared with the times of publication.
func (a AwaitNode[D, B]) AsOf(since func(data *D) time.Time) AwaitNode[D, B] {
	c := a.b.c
	c.needs(a.n, "time for AsOf", since != nil)
	c.code[a.n].since = func(data any) time.Time { return since(data.(*D)) }
	return a
}

// Timeout gives up the wait after d and runs body instead.
func (a AwaitNode[D, B]) Timeout(d time.Duration, body func(b B)) B {
	c := a.b.c
	switch {
	case d <= 0:
		c.fail("node %q: a timeout is longer than 0", c.Nodes[a.n].ID)
	case c.Nodes[a.n].Block(definition.BlockTimeout) != definition.None:
		c.fail("node %q has a second timeout", c.Nodes[a.n].ID)
	default:
		c.settings[a.n].Timeout = d
		a.b.block(a.n, definition.BlockTimeout, body)
	}
	return a.b.self()
}

// Within gives up the wait when the time that d returns has passed since it was
// reached, and runs body instead. Generated builders call it.
func (a AwaitNode[D, B]) Within(d func(data *D) time.Duration, body func(b B)) B {
	c := a.b.c
	c.needs(a.n, "time", d != nil)
	if c.Nodes[a.n].Block(definition.BlockTimeout) != definition.None {
		c.fail("node %q has a second timeout", c.Nodes[a.n].ID)
		return a.b.self()
	}
	c.Nodes[a.n].Due = true
	c.code[a.n].time = func(data any, now time.Time) time.Time { return now.Add(d(data.(*D))) }
	a.b.block(a.n, definition.BlockTimeout, body)
	return a.b.self()
}
