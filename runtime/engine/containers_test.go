package engine_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/instance"
)

// What holds for containers of every kind.

// containers makes one of each kind around a block, which runs once.
func containers() map[string]func(name string, block ...*node) *node {
	return map[string]func(name string, block ...*node) *node{
		"if":   func(name string, block ...*node) *node { return when(name, yes).then(block...) },
		"else": func(name string, block ...*node) *node { return when(name, no).then().otherwise(block...) },
		"case": func(name string, block ...*node) *node { return decide(name).of("case", yes, block...) },
		"default": func(name string, block ...*node) *node {
			return decide(name).of(definition.BlockDefault, nil, block...)
		},
		"loop":       func(name string, block ...*node) *node { return each(name, list(1), block...) },
		"sequential": func(name string, block ...*node) *node { return each(name, list(1), block...).sequential() },
		"parallel":   func(name string, b ...*node) *node { return parallel(name, block(), b) },
		"saga":       func(name string, block ...*node) *node { return saga(name, block...) },
		"schedule":   func(name string, block ...*node) *node { return scheduleAfter(name, 0, block...) },
		"while": func(name string, b ...*node) *node {
			return while(name, func(d *data) bool { return !d.Flags[name] }, append(block(mark(name)), b...)...)
		},
		"recur": func(name string, b ...*node) *node {
			return recur(name, time.Minute, func(d *data) bool { return d.Flags[name] }, append(block(mark(name)), b...)...)
		},
	}
}

// labelled returns the label of the body at a node, which may be in a loop.
func (h *host) labelled(node string) string {
	for _, l := range h.running() {
		if l == node || strings.HasPrefix(l, node+"[") {
			return l
		}
	}
	return node
}

// mark notes that a container has begun.
func mark(name string) *node {
	return set("mark-"+name, func(d *data) {
		if d.Flags == nil {
			d.Flags = map[string]bool{}
		}
		d.Flags[name] = true
	})
}

func TestContainer_EndsWhenEachOfItsDescendantsHasEnded(t *testing.T) {
	t.Parallel()
	for name, around := range containers() {
		for inner, inside := range containers() {
			t.Run(name+" around "+inner, func(t *testing.T) {
				t.Parallel()
				play(t, func() []*node {
					return block(around("outer", inside("inner", parallel("p", block(step("a")), block(step("b"), await("w", "event"))))), step("last"))
				}, func(t *testing.T, h *host) {
					h.done(h.labelled("a"), h.labelled("b"))
					require.Empty(t, h.running())
					h.publish("event", "key", `{"out":"event"}`)
					h.done("last")
					h.is(instance.Complete)
				})
			})
		}
	}
}

func TestContainer_WithoutNodesGoesOn(t *testing.T) {
	t.Parallel()
	for name, around := range containers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play(t, func() []*node { return block(around("x", around("y")), step("last")) }, func(_ *testing.T, h *host) {
				h.done("last")
				h.is(instance.Complete)
			})
		})
	}
}

func TestEnd_InsideOfEveryContainerCompletesTheInstance(t *testing.T) {
	t.Parallel()
	for name, around := range containers() {
		for inner, inside := range containers() {
			t.Run(name+" around "+inner, func(t *testing.T) {
				t.Parallel()
				play(t, func() []*node {
					return block(parallel("both", block(step("beside")), block(around("outer", inside("inner", undoable("a"), end("end"), step("never"))))), step("last"))
				}, func(t *testing.T, h *host) {
					h.done(h.labelled("a"))
					h.is(instance.Complete)
					require.Len(t, h.log(), 1)
					require.Empty(t, h.cells)
				})
			})
		}
	}
}

func TestForEach_ShowsItsElementInsideOfEveryContainerAlsoBehindItsFirstStep(t *testing.T) {
	t.Parallel()
	for name, around := range containers() {
		if name == "while" || name == "recur" {
			continue // these tell their rounds by the data, which the elements share
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play(t, func() []*node {
				return block(each("each", list(2), step("first"), around("x", step("a"), saga("s", step("b")), step("c")), step("last")))
			}, func(t *testing.T, h *host) {
				inner := "" // the loop around it is the innermost
				if name == "loop" || name == "sequential" {
					inner = " e0"
				}
				for _, e := range []string{"e0", "e1"} {
					index := "[" + e[1:] + "]"
					within := index
					if inner != "" {
						within = "[0]"
					}
					h.done("first" + index)
					for _, l := range []string{"a", "b", "c"} {
						require.Equal(t, l+" "+e+inner, h.input(l+within))
						h.done(l + within)
					}
					require.Equal(t, "last "+e, h.input("last"+index))
					h.done("last" + index)
				}
				h.is(instance.Complete)
			})
		})
	}
}

func TestContainers_NestTo64(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		n := undoable("deep")
		for depth := range definition.MaxNesting - 1 {
			outer := saga("", n)
			switch depth % 4 {
			case 1:
				outer = when("", yes).then(n)
			case 2:
				outer = each("", list(1), n)
			case 3:
				outer = parallel("", block(n))
			}
			outer.ID = "n" + string(rune('a'+depth/26)) + string(rune('a'+depth%26))
			n = outer
		}
		return block(n, step("last"))
	}, func(_ *testing.T, h *host) {
		h.done("deep[0]", "last")
		h.is(instance.Complete)
	})
}
