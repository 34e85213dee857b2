package engine_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/instance"
)

// input returns what a body runs with.
func (h *host) input(label string) string {
	var v value
	require.NoError(h.t, json.Unmarshal(h.run(label).Input, &v))
	return v.In
}

func once(then definition.Action) definition.RetryPolicy { return definition.RetryPolicy{Then: then} }

func TestStepCompensation_OfSeveralStepsEndsBeforeTheNextBegins(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(saga("saga",
			step("a").undoneByBlock(step("a1"), parallel("p", block(step("a2")), block(delay("pause", time.Minute), step("a3")))),
			undoable("b"),
			step("c").undoneByBlock(step("c1"), step("c2")),
			step("d").retry(once(definition.Default)),
		).compensate(step("last")))
	}, func(t *testing.T, h *host) {
		h.done("a", "b", "c")
		h.fail("d")
		for _, l := range []string{"c1", "c2", "undo b", "a1"} {
			require.Equal(t, []string{l}, h.running())
			h.done(l)
		}
		h.done("a2")
		h.wake()
		h.done("a3", "last")
		h.is(instance.Complete)
	})
}

func TestStepCompensation_SeesTheRunThatItUndoes(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(saga("saga",
			each("each", list(2), step("a").retry(once(definition.Default)).undoneByBlock(saga("inner", undoable("x"), step("y").retry(once(definition.Suspend))))).sequential(),
		).compensate(step("last")))
	}, func(t *testing.T, h *host) {
		h.done("a[0]")
		ptr := h.run("a[1]").Ptr
		h.fail("a[1]")
		require.Equal(t, "x e1 <a e1:>", h.input("x[1]"), "in part: no outputs")
		require.Equal(t, ptr, h.run("x[1]").Undoes)
		require.False(t, h.run("x[1]").Compensation)
		h.done("x[1]", "y[1]")
		require.Equal(t, "x e0 <a e0:a[0]>", h.input("x[0]"))
		h.done("x[0]")
		h.fail("y[0]") // suspends: a compensation is never skipped
		h.is(instance.Suspended)
		h.resume()
		require.Equal(t, "y e0 <a e0:a[0]>", h.input("y[0]"))
		h.done("y[0]", "last")
		h.is(instance.Complete)
	})
}

func TestStepCompensation_ThatFailsForGoodSuspendsWithTheRestToDo(t *testing.T) {
	t.Parallel()
	for _, then := range []definition.Action{definition.Default, definition.Suspend, definition.Terminate} {
		play(t, func() []*node {
			return block(saga("saga", undoable("z"), step("a").undoneByBlock(step("x").retry(once(then)), step("y")), step("b").retry(once(definition.Default))))
		}, func(t *testing.T, h *host) {
			h.done("z", "a")
			h.fail("b")
			h.fail("x")
			h.is(instance.Suspended)
			require.Equal(t, "x", h.s.Failure.Node)
			h.resume()
			h.done("x", "y", "undo z")
			h.is(instance.Terminated)
			require.Empty(t, h.s.Undo)
		})
	}
}

func TestStepCompensation_SettlesTheStepByItsPolicy(t *testing.T) {
	t.Parallel()
	comp := func(p definition.RetryPolicy) []*node {
		return block(step("a").undoneByBlock(step("x"), step("y")).retry(p), step("b"))
	}
	play(t, func() []*node { return comp(once(definition.Compensate)) }, func(t *testing.T, h *host) {
		h.fail("a")
		h.done("x", "y", "b")
		h.is(instance.Complete)
	})
	play(t, func() []*node { return comp(retries(1, definition.CompensateThenRetry)) }, func(t *testing.T, h *host) {
		first := h.run("a").Ptr
		h.fail("a")
		h.done("x", "y")
		h.wake()
		require.NotEqual(t, first, h.run("a").Ptr)
		h.done("a", "b")
		h.is(instance.Complete)
	})
	play(t, func() []*node { return comp(once(definition.CompensateThenSuspend)) }, func(t *testing.T, h *host) {
		h.fail("a")
		h.done("x", "y")
		h.is(instance.Suspended)
		h.resume()
		h.done("a", "b")
		h.is(instance.Complete)
	})
}

func TestStepCompensation_InProgressIsEndedBeforeASagaRollsBack(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(saga("saga", undoable("z"), parallel("p",
			block(step("a").undoneByBlock(step("x"), step("y")).retry(once(definition.Compensate)), step("after")),
			block(step("b").retry(once(definition.Default))))))
	}, func(t *testing.T, h *host) {
		h.done("z")
		h.fail("a")
		h.fail("b")
		h.done("x")
		require.Equal(t, []string{"y"}, h.running(), "it goes on where it is, and nothing is undone yet")
		h.done("y")
		require.Equal(t, []string{"undo z"}, h.running(), "and a is not undone a second time")
		h.done("undo z")
		h.is(instance.Terminated)
	})
}

func TestStepCompensation_WithoutNodesIsDoneAtOnce(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(saga("saga", step("a").undoneByBlock(), step("b").retry(once(definition.Default))).compensate(step("last")))
	}, func(t *testing.T, h *host) {
		h.done("a")
		h.fail("b")
		h.done("last")
		h.is(instance.Complete)
	})
}

func TestStepCompensation_IsNoOutcome(t *testing.T) {
	t.Parallel()
	h := live(t, step("a").undoneByBlock(step("x")), step("b"))
	h.outcome("a", definition.BlockCompensate)
	h.done("b")
	h.is(instance.Complete)
}

func TestStepCompensation_IsLeftUndoneByTerminate(t *testing.T) {
	t.Parallel()
	h := live(t, saga("saga", step("a").undoneByBlock(step("x"), step("y")), step("b").retry(once(definition.Default))))
	ptr := h.run("a").Ptr
	h.done("a")
	h.fail("b")
	h.done("x")
	h.apply(instance.Input{Kind: instance.Terminate, At: h.now})
	require.Len(t, h.s.Undo, 1)
	require.Equal(t, ptr, h.s.Undo[0].Ptr)
}

func TestCompensation_StoresTheOutputsOfTheStepThatUndoes(t *testing.T) {
	t.Parallel()
	flow := func() []*node {
		a := undoable("a").undoneBy("refund")
		broken := true
		a.undoOut = func(d *data, v value) {
			d.Log = append(d.Log, v.In+"="+v.Out)
			if broken {
				broken = false
				panic("no place for it")
			}
		}
		return block(saga("saga", a, step("b").retry(once(definition.Default))).compensate(step("c")))
	}
	h := live(t, flow()...)
	h.done("a")
	h.fail("b")
	h.done("undo a")
	h.is(instance.Suspended) // its outputs did not fit: the compensation is still to do
	require.Equal(t, []string{"a"}, h.log())
	h.resume()
	h.done("undo a", "c")
	h.is(instance.Complete)
	require.Equal(t, []string{"a", "undo aa=undo a", "c"}, h.log())
}
