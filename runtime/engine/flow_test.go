package engine_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/engine"
	"github.com/wfegen/wfe/runtime/instance"
)

func yes(*data) bool { return true }
func no(*data) bool  { return false }

// list is a collection of n elements, e0, e1 and so on.
func list(n int) func(*data) []string {
	return func(*data) []string {
		var l []string
		for i := range n {
			l = append(l, fmt.Sprintf("e%d", i))
		}
		return l
	}
}

func TestIf_RunsTheBlockThatItsConditionPicks(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		node *node
		ran  []string
	}{
		"then":       {when("if", yes).then(step("b")).otherwise(step("c")), []string{"b", "d"}},
		"else":       {when("if", no).then(step("b")).otherwise(step("c")), []string{"c", "d"}},
		"empty then": {when("if", yes).then().otherwise(step("c")), []string{"d"}},
		"empty else": {when("if", no).then(step("b")).otherwise(), []string{"d"}},
		"no else":    {when("if", no).then(step("b")), []string{"d"}},
		"no block":   {when("if", yes), []string{"d"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := live(t, c.node, step("d"))
			h.done(c.ran...)
			h.is(instance.Complete)
			require.Equal(t, c.ran, h.log())
		})
	}
}

func TestIf_EvaluatesItsConditionOnceOnEntry(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(when("if", func(d *data) bool { return len(d.Log) == 0 }).then(step("a"), step("b")))
	}, func(t *testing.T, h *host) {
		h.done("a", "b") // with a's outputs the condition does not hold any more
		h.is(instance.Complete)
	})
}

func TestCondition_ThatPanicsFailsItsNodeWithoutRetryAndLeavesTheData(t *testing.T) {
	t.Parallel()
	workflow := func() []*node {
		broken := true
		return block(when("if", func(d *data) bool {
			if d.Log = append(d.Log, "stray"); broken {
				broken = false
				panic("no condition")
			}
			d.Log = nil
			return true
		}).retry(retries(3, definition.Default)).then(step("a")))
	}
	play(t, workflow, func(t *testing.T, h *host) {
		h.is(instance.Suspended)
		require.Contains(t, h.s.Failure.Message, "no condition")
		require.Equal(t, "if", h.s.Failure.Node)
		require.Empty(t, h.log())
		h.resume()
		h.done("a")
		h.is(instance.Complete)
	})
}

func TestBindings_ThatPanicSuspendTheirNode(t *testing.T) {
	t.Parallel()
	input := step("n")
	input.in = func(*data, []string) string { panic("broken") }
	key := await("n", "paid")
	key.key = func(*data) string { panic("broken") }
	cases := map[string]*node{
		"input": input, "key": key, "items": each("n", func(*data) []string { panic("broken") }, step("a")),
	}
	for name, n := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n.retry(retries(3, definition.Default))
			h := live(t, n)
			h.is(instance.Suspended)
			require.Contains(t, h.s.Failure.Message, "broken")
			h.resume()
			h.is(instance.Suspended)
		})
	}
}

func TestDecide_RunsTheFirstCaseThatHoldsElseTheDefault(t *testing.T) {
	t.Parallel()
	yes, no := func(*data) bool { return true }, func(*data) bool { return false }
	for name, c := range map[string]struct {
		node func() *node
		runs []string
	}{
		"first": {func() *node { return decide("d").of("a", yes, step("a")).of("b", yes, step("b")) }, []string{"a"}},
		"second": {func() *node {
			return decide("d").of("a", no, step("a")).of("b", yes, step("b")).of("default", nil, step("c"))
		}, []string{"b"}},
		"default":       {func() *node { return decide("d").of("a", no, step("a")).of("default", nil, step("c")) }, []string{"c"}},
		"default first": {func() *node { return decide("d").of("default", nil, step("c")).of("a", yes, step("a")) }, []string{"a"}},
		"empty case":    {func() *node { return decide("d").of("a", yes).of("b", yes, step("b")) }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play(t, func() []*node { return block(c.node(), step("after")) }, func(_ *testing.T, h *host) {
				h.done(append(c.runs, "after")...)
				h.is(instance.Complete)
			})
		})
	}
}

func TestDecide_RunsEveryCaseThatHoldsIfItIsTold(t *testing.T) {
	t.Parallel()
	yes, no := func(*data) bool { return true }, func(*data) bool { return false }
	play(t, func() []*node {
		n := decide("d").of("a", yes, step("a")).of("b", no, step("b")).of("c", yes, step("c")).of("default", nil, step("x"))
		n.All = true
		return block(n, step("after"))
	}, func(t *testing.T, h *host) {
		require.Equal(t, []string{"a", "c"}, h.running())
		h.done("c", "a", "after")
		h.is(instance.Complete)
	})
}

func TestDecide_WithoutAMatchFails(t *testing.T) {
	t.Parallel()
	h := live(t, decide("d").of("a", func(*data) bool { return false }, step("a")))
	h.is(instance.Suspended)
	require.Contains(t, h.s.Failure.Message, "no case holds")
}

func TestSet_ChangesTheDataWhollyOrNotAtAll(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(set("s", func(d *data) { d.Log = append(d.Log, "set") }), step("a"), saga("saga", step("b"),
			set("broken", func(d *data) { d.Log = nil; panic("broken") })))
	}, func(t *testing.T, h *host) {
		h.done("a", "b")
		h.is(instance.Terminated)
		require.Equal(t, []string{"set", "a", "b"}, h.log())
		require.Contains(t, h.s.Failure.Message, "broken")
	})
}

func TestWhile_LooksAtItsConditionOnEntryAndAfterEachRound(t *testing.T) {
	t.Parallel()
	until := func(n int) func(d *data) bool { return func(d *data) bool { return len(d.Log) < n } }
	play(t, func() []*node {
		return block(while("never", until(0), step("x")), while("loop", until(4), step("a"), step("b")), step("c"))
	}, func(t *testing.T, h *host) {
		h.done("a", "b", "a")
		h.is(instance.Runnable)
		h.done("b", "c")
		h.is(instance.Complete)
		require.Equal(t, []string{"a", "b", "a", "b", "c"}, h.log())
	})
}

func TestWhile_GivesEachRoundPointersOfItsOwnAndKeepsNothing(t *testing.T) {
	t.Parallel()
	a := step("a")
	a.out = func(*data, value) {}
	h := live(t, while("loop", func(*data) bool { return true }, a))
	seen := map[instance.PtrID]bool{}
	size := 0
	state := func() int { return len(h.s.AppendHead(nil)) - len(h.s.Log.Records) } // the log is bounded: see TestHistory
	for i := range 1000 {
		ptr := h.s.Pointers[len(h.s.Pointers)-1].ID
		require.False(t, seen[ptr])
		seen[ptr] = true
		h.done("a")
		if i == 200 { // numbers take two bytes by now
			size = state()
		}
	}
	require.InDelta(t, size, state(), 4)
	require.Len(t, h.s.Pointers, 2)
}

func TestWhile_WithNothingToAwaitFailsInsteadOfTurningForEver(t *testing.T) {
	t.Parallel()
	for name, n := range map[string]*node{
		"empty block": while("loop", func(*data) bool { return true }),
		"no steps":    while("loop", func(*data) bool { return true }, when("never", func(*data) bool { return false }).then(step("a"))),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := live(t, n)
			h.is(instance.Suspended)
			require.Contains(t, h.s.Failure.Message, "nothing to await")
		})
	}
}

func TestForEach_RunsSequentially(t *testing.T) {
	t.Parallel()
	play(t, func() []*node { return block(each("each", list(3), step("a"), step("b")).sequential(), step("c")) },
		func(t *testing.T, h *host) {
			for i := range 3 {
				require.Equal(t, []string{fmt.Sprintf("a[%d]", i)}, h.running())
				h.done(fmt.Sprintf("a[%d]", i), fmt.Sprintf("b[%d]", i))
			}
			h.done("c")
			h.is(instance.Complete)
			require.Equal(t, []string{"a[0]", "b[0]", "a[1]", "b[1]", "a[2]", "b[2]", "c"}, h.log())
		})
}

func TestForEach_KeepsNoMoreThanItsLimitOfBranchesAndReplacesOneInTheSameTransition(t *testing.T) {
	t.Parallel()
	play(t, func() []*node { return block(each("each", list(4), step("a")).limit(2), step("b")) }, func(t *testing.T, h *host) {
		require.Equal(t, []string{"a[0]", "a[1]"}, h.running())
		h.done("a[1]")
		require.Equal(t, []string{"a[0]", "a[2]"}, h.running())
		h.done("a[2]", "a[3]")
		require.Equal(t, []string{"a[0]"}, h.running())
		h.done("a[0]", "b")
		h.is(instance.Complete)
		require.Equal(t, []string{"a[1]", "a[2]", "a[3]", "a[0]", "b"}, h.log())
	})
}

func TestForEach_WithoutALimitHasTheDefaultOne(t *testing.T) {
	t.Parallel()
	h := live(t, each("each", list(2000), step("a")))
	require.Len(t, h.bodies, definition.DefaultLimit)
	h = live(t, each("each", list(2000), step("a")).limit(1500))
	require.Len(t, h.bodies, definition.MaxLimit)
}

func TestForEach_OverNothingGoesOn(t *testing.T) {
	t.Parallel()
	for name, n := range map[string]*node{
		"no elements": each("each", list(0), step("a")), "empty block": each("each", list(3)),
		"empty block, sequential": each("each", list(3)).sequential(), "empty block, small window": each("each", list(5)).limit(2),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := live(t, n, step("b"))
			h.done("b")
			h.is(instance.Complete)
		})
	}
}

func TestForEach_TakesItsCollectionOnce(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(each("each", func(d *data) []string { return append([]string{"x", "y"}, d.Log...) }, step("a")).sequential())
	}, func(_ *testing.T, h *host) {
		h.done("a[0]", "a[1]")
		h.is(instance.Complete)
	})
}

func TestForEach_ShowsItsElementsAtAnyDepth(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(each("rows", list(2),
			when("if", yes).then(
				step("first"),
				each("columns", list(2), parallel("both", block(step("left")), block(saga("saga", step("deep"))))),
			)))
	}, func(t *testing.T, h *host) {
		h.done("first[1]")
		var inputs []string
		for _, r := range h.bodies {
			if h.label(r) == "deep[0]" || h.label(r) == "deep[1]" {
				inputs = append(inputs, string(r.Input))
			}
		}
		require.ElementsMatch(t, []string{`{"in":"deep e1 e0"}`, `{"in":"deep e1 e1"}`}, inputs)
		h.done("deep[0]", "deep[1]", "left[0]", "left[1]", "first[0]", "deep[0]", "deep[1]", "left[0]", "left[1]")
		h.is(instance.Complete)
	})
}

func TestForEach_HasOneCellPerLiveBranchAndOneForItsElements(t *testing.T) {
	t.Parallel()
	play(t, func() []*node { return block(each("each", list(5), step("a"), step("b")).limit(3), step("c")) }, func(t *testing.T, h *host) {
		loop := h.pointer("each").ID
		cells := func(branches ...int) []instance.CellID {
			ids := []instance.CellID{{Kind: instance.ItemsCell, Ptr: loop}}
			for _, i := range branches {
				ids = append(ids, instance.CellID{Kind: instance.BranchCell, Ptr: loop, Index: i})
			}
			return ids
		}
		stored := func() (ids []instance.CellID) {
			for id := range h.cells {
				ids = append(ids, id)
			}
			return ids
		}
		require.ElementsMatch(t, cells(0, 1, 2), stored())
		h.done("a[1]")
		require.ElementsMatch(t, cells(0, 1, 2), stored())
		h.done("b[1]")
		require.ElementsMatch(t, cells(0, 2, 3), stored())
		h.done("a[0]", "b[0]", "a[2]", "b[2]", "a[3]", "b[3]", "a[4]")
		require.ElementsMatch(t, cells(4), stored())
		h.done("b[4]")
		require.Empty(t, stored())
		h.done("c")
		h.is(instance.Complete)
	})
}

func TestForEach_RefusesTooManyElements(t *testing.T) {
	t.Parallel()
	h := live(t, each("each", list(engine.MaxItems+1), step("a")))
	h.is(instance.Suspended)
	require.Contains(t, h.s.Failure.Message, "100001 elements; at most 100000")
}

func TestParallel_JoinsWhenAllBranchesHaveEnded(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(parallel("both", nil, block(step("a"), step("b")), block(step("c")), nil), step("d"))
	}, func(t *testing.T, h *host) {
		require.Equal(t, []string{"a", "c"}, h.running())
		h.done("a", "c")
		require.Equal(t, []string{"b"}, h.running())
		h.done("b", "d")
		h.is(instance.Complete)
	})
}

func TestParallel_WithoutBranchesGoesOn(t *testing.T) {
	t.Parallel()
	for name, n := range map[string]*node{"none": parallel("p"), "empty": parallel("p", nil, nil)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := live(t, n, step("a"))
			h.done("a")
			h.is(instance.Complete)
		})
	}
}

func TestDelay_SleepsThenGoesOn(t *testing.T) {
	t.Parallel()
	play(t, func() []*node { return block(delay("d", time.Hour), step("a")) }, func(t *testing.T, h *host) {
		require.Empty(t, h.running())
		require.Equal(t, map[string]time.Duration{"d": time.Hour}, h.wakes())
		h.wake()
		h.done("a")
		h.is(instance.Complete)
	})
}

func TestEnd_CompletesFromAnywhereAndStopsTheRest(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(parallel("p",
			block(step("a"), when("if", yes).then(each("each", list(2), end("end")))),
			block(step("b")), block(delay("d", time.Hour)), block(await("w", "paid")), block(each("loop", list(3), step("c")))),
			step("after"))
	}, func(t *testing.T, h *host) {
		h.done("a")
		h.is(instance.Complete)
		require.Equal(t, h.now, h.s.Ended)
		if !h.crashes {
			require.Equal(t, []string{"b", "c[0]", "c[1]", "c[2]"}, h.told)
		}
	})
}

func TestEnd_InsideASagaKeepsWhatWasDone(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(saga("outer", undoable("a"), saga("inner", undoable("b"), end("end")).compensate(step("c"))))
	}, func(t *testing.T, h *host) {
		h.done("a", "b")
		h.is(instance.Complete)
		require.Equal(t, []string{"a", "b"}, h.ran)
	})
}
