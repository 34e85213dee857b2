package reference

import (
	"strings"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/codec"
)

// childOf is the id of the workflow of a child. Those that nest have ids of one level.
func childOf(flow string, n *node) string {
	root, _, _ := strings.Cut(flow, "-")
	return root + "-" + n.id
}

func (b *builder) child(n *node, items []*int) {
	wfe.Child(b, n.id, wfe.Ref[data]{ID: childOf(b.flow, n), Data: codec.JSON[data]()},
		func(d *data) data { return data{Origin: d.Origin, Around: d.at(items)} },
		func(d *data, result *data) { d.Log = append(append(d.Log, label(n.id, d.at(items))), result.Log...) })
	if n.comp != nil {
		b.Compensate(func(b *builder) { b.nodes(n.comp, items) })
	}
	b.OnError(n.policy)
}

// call is an activation of a Child: it runs the program of the child beside the others.
func (s *sim) call(t *try) {
	a := t.at.enter(&activity{id: t.id})
	c := &sim{sky: s.sky, taken: map[string]bool{}, runs: map[string]int{}, born: s.now}
	begun := false
	var stopped func() // the saga around it is rolled back, and this is to be called when the child has ended
	c.ends = func() {
		if c.end == "suspended" {
			s.stuck = true
			return
		}
		s.commit(func() {
			if s.end != "" {
				return
			}
			t.at.leave(a)
			switch {
			case stopped != nil:
				t.at.saga.keeps(t, 0, true)
				stopped()
			case c.end == "complete":
				s.do(t.name())
				s.log = append(s.log, c.log...)
				t.at.saga.keeps(t, s.next(), false)
				t.done()
			default:
				s.failed(t)
			}
		})
	}
	a.stop = func(then func()) {
		if !begun {
			c.end = "terminated"
			t.at.leave(a)
			if t.ran {
				t.at.saga.keeps(t, 0, true)
			}
			then()
			return
		}
		stopped = then
		c.over("terminated")
	}
	s.commit(func() {
		if c.end == "" && s.end == "" {
			begun, t.ran, s.calls = true, true, true
			s.children = append(s.children, c)
			c.block(t.n.blocks[0], where{items: t.at.items}, func() { c.over("complete") })
		}
	})
}
