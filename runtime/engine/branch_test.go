package engine_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/engine"
	"github.com/wfegen/wfe/runtime/instance"
)

func TestBranch_RunsItsBlockOncePerElementAndGoesOnWhenAllHaveEnded(t *testing.T) {
	t.Parallel()
	play(t, func() []*node { return block(step("split").branches(step("a"), step("b")), step("after")) }, func(t *testing.T, h *host) {
		h.branch("split", 3)
		require.Equal(t, []string{"a[0]", "a[1]", "a[2]"}, h.running())
		h.done("a[1]", "b[1]", "a[0]", "a[2]", "b[2]")
		require.Equal(t, []string{"b[0]"}, h.running())
		h.done("b[0]", "after")
		h.is(instance.Complete)
		require.Equal(t, []string{"split", "a[1]", "b[1]", "a[0]", "a[2]", "b[2]", "b[0]", "after"}, h.log())
	})
}

func TestBranch_AppliesOutputsFirstInTheSameTransition(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		a := step("a")
		a.in = func(d *data, items []string) string { return fmt.Sprint(d.Log, items) }
		return block(step("split").branches(a))
	}, func(t *testing.T, h *host) {
		h.branch("split", 1)
		require.Equal(t, []string{"split"}, h.log())
		require.Equal(t, `{"in":"[split] [e0]"}`, string(h.run("a[0]").Input))
	})
}

func TestBranch_IntoNothingGoesOnAtOnce(t *testing.T) {
	t.Parallel()
	play(t, func() []*node { return block(step("split").branches(step("a")), step("after")) }, func(t *testing.T, h *host) {
		h.branch("split", 0)
		require.Equal(t, []string{"after"}, h.running())
	})
	play(t, func() []*node { return block(step("split").branches(), step("after")) }, func(t *testing.T, h *host) {
		h.branch("split", 1000)
		require.Equal(t, []string{"after"}, h.running(), "an empty block")
	})
	play(t, func() []*node { return block(step("split").branches(step("a")), step("after")) }, func(t *testing.T, h *host) {
		h.done("split")
		require.Equal(t, []string{"after"}, h.running(), "it did not branch")
	})
}

func TestBranch_KeepsNoMoreThanItsLimitOfBranchesAndReplacesOneInTheSameTransition(t *testing.T) {
	t.Parallel()
	play(t, func() []*node { return block(step("split").branches(step("a")).limit(2)) }, func(t *testing.T, h *host) {
		h.branch("split", 4)
		require.Equal(t, []string{"a[0]", "a[1]"}, h.running())
		h.done("a[1]")
		require.Equal(t, []string{"a[0]", "a[2]"}, h.running())
		h.done("a[2]", "a[3]", "a[0]")
		h.is(instance.Complete)
	})
	play(t, func() []*node { return block(step("split").branches(step("a")).sequential()) }, func(t *testing.T, h *host) {
		h.branch("split", 2)
		require.Equal(t, []string{"a[0]"}, h.running())
		h.done("a[0]", "a[1]")
		h.is(instance.Complete)
	})
	h := live(t, step("split").branches(step("a")))
	h.branch("split", 2000)
	require.Len(t, h.bodies, definition.DefaultLimit)
}

func TestBranch_ShowsItsElementsAtAnyDepth(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(step("split").branches(when("if", yes).then(
			step("first"),
			step("again").branches(parallel("both", block(step("left")), block(saga("saga", step("deep"))))),
		)))
	}, func(t *testing.T, h *host) {
		h.branch("split", 2)
		h.done("first[1]")
		h.branch("again[1]", 2)
		require.Equal(t, `{"in":"deep e1 e0"}`, string(h.run("deep[0]").Input))
		h.done("left[0]", "deep[0]", "left[1]", "deep[1]", "first[0]")
		h.branch("again[0]", 1)
		require.Equal(t, `{"in":"deep e0 e0"}`, string(h.run("deep[0]").Input))
		h.done("left[0]", "deep[0]")
		h.is(instance.Complete)
	})
}

func TestBranch_ComesAfterRunsThatPersistedOrSlept(t *testing.T) {
	t.Parallel()
	play(t, func() []*node { return block(step("split").branches(step("a"))) }, func(t *testing.T, h *host) {
		h.persist("split", `"half"`)
		require.Equal(t, `"half"`, string(h.run("split").Persist))
		h.sleep("split", time.Minute)
		h.wake()
		h.branch("split", 2)
		require.Nil(t, h.pointer("split").Persist)
		h.done("a[0]", "a[1]")
		h.is(instance.Complete)
	})
}

func TestBranch_StandsBesideOutcomes(t *testing.T) {
	t.Parallel()
	nodes := func() []*node {
		return block(step("split").branches(step("a")).on("left", step("l")), step("after"))
	}
	play(t, nodes, func(t *testing.T, h *host) {
		h.outcome("split", "left")
		require.Equal(t, []string{"l"}, h.running())
		h.done("l", "after")
		h.is(instance.Complete)
	})
	play(t, nodes, func(t *testing.T, h *host) {
		h.branch("split", 1)
		require.Equal(t, []string{"a[0]"}, h.running())
	})
	play(t, nodes, func(t *testing.T, h *host) {
		h.outcome("split", "")
		require.Equal(t, []string{"after"}, h.running(), "an outcome does not find the block of the branches")
	})
}

func TestBranch_OfAStepWithoutABlockFailsForGood(t *testing.T) {
	t.Parallel()
	play(t, func() []*node { return block(step("split").on("left", step("l"))) }, func(t *testing.T, h *host) {
		h.branch("split", 1)
		h.is(instance.Suspended)
		require.Equal(t, "it branches, and has no block for that in this workflow", h.s.Failure.Message)
		require.Empty(t, h.log(), "its outputs are not applied")
	})
}

func TestBranch_RefusesTooManyElementsAndTooLargeOnes(t *testing.T) {
	t.Parallel()
	h := live(t, step("split").branches(step("a")))
	h.branch("split", engine.MaxItems+1)
	h.is(instance.Suspended)
	require.Equal(t, "it branches into 100001 elements; at most 100000 are allowed", h.s.Failure.Message)
	require.Empty(t, h.log(), "its outputs are not applied")
	h.resume()
	h.apply(h.result("split", instance.Input{Kind: instance.StepDone, Result: instance.Branch,
		Items: [][]byte{nil, make([]byte, engine.MaxPayload+1)}}))
	require.Equal(t, "element 1 is 1048577 bytes; at most 1048576 are allowed", h.s.Failure.Message)
	h.resume()
	h.branch("split", engine.MaxItems)
	h.is(instance.Runnable)
}

func TestBranch_OfACompensationFails(t *testing.T) {
	t.Parallel()
	play(t, func() []*node { return block(saga("s", undoable("a").branches(), step("b"))) }, func(t *testing.T, h *host) {
		h.done("a")
		h.fail("b")
		h.branch("undo a", 1)
		h.is(instance.Suspended)
		require.Equal(t, "it branches, which a compensation cannot", h.s.Failure.Message)
		h.resume()
		h.done("undo a")
		h.is(instance.Terminated)
	})
}

func TestBranch_IsTakenWhileSuspendedAndActedOnAfterResume(t *testing.T) {
	t.Parallel()
	play(t, func() []*node { return block(step("split").branches(step("a")), step("after")) }, func(t *testing.T, h *host) {
		h.command(instance.Suspend)
		h.branch("split", 2)
		h.reload()
		require.Empty(t, h.running())
		h.resume()
		require.Equal(t, []string{"a[0]", "a[1]"}, h.running())
		h.done("a[0]")
		h.command(instance.Suspend)
		h.done("a[1]")
		h.resume()
		h.done("after")
		h.is(instance.Complete)
	})
}

func TestBranch_InASagaIsUndoneBeforeTheStepThatBranched(t *testing.T) {
	t.Parallel()
	nodes := func() []*node {
		return block(saga("s", undoable("split").branches(undoable("a")).limit(2), step("b")))
	}
	play(t, nodes, func(t *testing.T, h *host) {
		h.branch("split", 3)
		h.done("a[1]", "a[0]", "a[2]")
		h.fail("b")
		for _, label := range []string{"undo a[2]", "undo a[0]", "undo a[1]", "undo split"} {
			require.Equal(t, []string{label}, h.running())
			h.done(label)
		}
		h.is(instance.Terminated)
	})
	play(t, nodes, func(t *testing.T, h *host) { // while branches are at work
		h.branch("split", 4)
		h.done("a[0]")
		h.fail("a[2]")
		require.Equal(t, []string{"a[1]"}, h.told)
		h.stopped("a[1]", false)
		for _, label := range []string{"undo a[2]", "undo a[1]", "undo a[0]", "undo split"} {
			require.Equal(t, []string{label}, h.running())
			h.done(label)
		}
		h.is(instance.Terminated)
	})
}

func TestBranch_OfABodyThatWasToldToStopCountsAsCompletedAndStartsNothing(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(saga("s", parallel("p", block(undoable("split").branches(step("a"))), block(step("b")))))
	}, func(t *testing.T, h *host) {
		h.fail("b")
		h.branch("split", 2)
		require.Equal(t, []string{"undo split"}, h.running())
		require.Equal(t, `{"in":"split","out":"split"}`, string(h.run("undo split").Input))
		h.done("undo split")
		h.is(instance.Terminated)
	})
}

func TestBranch_AFailedBranchLeavesTheStepDone(t *testing.T) {
	t.Parallel()
	play(t, func() []*node { return block(step("split").onError(definition.Terminate).branches(step("a"))) }, func(t *testing.T, h *host) {
		h.branch("split", 2)
		h.fail("a[1]")
		h.is(instance.Suspended)
		require.Equal(t, "a", h.s.Failure.Node)
		h.resume()
		require.Equal(t, []string{"a[0]", "a[1]"}, h.running())
		h.done("a[0]", "a[1]")
		h.is(instance.Complete)
	})
}

func TestBranch_HasOneCellPerLiveBranchAndOneForItsElements(t *testing.T) {
	t.Parallel()
	play(t, func() []*node { return block(step("split").branches(step("a")).limit(2), step("after")) }, func(t *testing.T, h *host) {
		h.branch("split", 3)
		loop := h.pointer("split").ID
		keys := func() (n int) {
			for id := range h.cells {
				require.Equal(t, loop, id.Ptr)
				n++
			}
			return n
		}
		require.Equal(t, 3, keys())
		h.done("a[0]", "a[1]")
		require.Equal(t, 2, keys())
		h.done("a[2]")
		require.Empty(t, h.cells)
	})
}

func TestBranch_TheLastOf10000CostsWhatTheFirstDoes(t *testing.T) {
	t.Parallel()
	a := step("a")
	a.out = nil
	p := compile(t, step("split").branches(a))
	s := &instance.State{ID: "i", Definition: "hash", Status: instance.Runnable}
	var fx engine.Effects
	var queue []engine.Run
	apply := func(in instance.Input) (rows, bytes int) {
		fx = engine.Effects{}
		require.NoError(t, engine.Advance(p.Program, s, []instance.Input{in}, engine.Env{NoHistory: true}, &fx))
		queue = append(queue, fx.Run...)
		bytes = len(s.AppendHead(nil))
		for _, id := range fx.Put {
			bytes += len(s.AppendCell(nil, id))
		}
		return 1 + len(fx.Put) + len(fx.Del), bytes
	}
	next := func(in instance.Input) (rows, bytes int) {
		r := queue[0]
		queue = queue[1:]
		in.Kind, in.Ptr, in.Gen, in.Payload = instance.StepDone, r.Ptr, r.Gen, r.Input
		return apply(in)
	}
	body, err := json.Marshal(data{})
	require.NoError(t, err)
	apply(instance.Input{Kind: instance.Started, Payload: body})
	next(instance.Input{Result: instance.Branch, Items: elementsOf(10_000)})
	firstRows, firstBytes := next(instance.Input{})
	for range 9_000 {
		rows, bytes := next(instance.Input{})
		require.LessOrEqual(t, rows, firstRows)
		require.LessOrEqual(t, bytes, firstBytes+16)
	}
}
