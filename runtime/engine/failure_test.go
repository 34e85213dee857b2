package engine_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/instance"
)

func TestRetry_WaitsLongerEachTimeThenSuspends(t *testing.T) {
	t.Parallel()
	play(t, func() []*node { return block(step("a").retry(retries(3, definition.Default)), step("b")) }, func(t *testing.T, h *host) {
		key := h.run("a").Ptr
		for i, wait := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second} {
			require.Equal(t, uint32(i+1), h.run("a").Attempt)
			h.fail("a")
			require.Equal(t, map[string]time.Duration{"a": wait}, h.wakes())
			h.wake()
		}
		require.Equal(t, key, h.run("a").Ptr)
		h.fail("a")
		h.is(instance.Suspended)
		require.Equal(t, uint32(4), h.s.Failure.Attempt)
		require.Equal(t, "a failed", h.s.Failure.Message)
		h.resume() // with fresh attempts, and the same key
		require.Equal(t, uint32(1), h.run("a").Attempt)
		require.Equal(t, key, h.run("a").Ptr)
		h.fail("a")
		h.wake()
		h.done("a", "b")
		h.is(instance.Complete)
	})
}

func TestRetry_WaitsEquallyLongHoweverOftenItIsComputed(t *testing.T) {
	t.Parallel()
	wait := func() time.Duration {
		h := live(t, step("a").retry(definition.DefaultRetry()))
		h.fail("a")
		return h.wakes()["a"]
	}
	first := wait()
	require.Equal(t, first, wait())
	require.Less(t, first, time.Second)
	require.GreaterOrEqual(t, first, 800*time.Millisecond)
}

func TestRetry_UnlimitedNeverSuspends(t *testing.T) {
	t.Parallel()
	h := live(t, step("a").retry(definition.RetryPolicy{MaxRetries: definition.Unlimited, Interval: time.Second, Factor: 10}))
	for range 400 {
		h.fail("a")
		h.wake()
	}
	h.is(instance.Runnable)
	require.Equal(t, uint32(401), h.run("a").Attempt)
	h.fail("a")
	require.Equal(t, map[string]time.Duration{"a": 24 * time.Hour}, h.wakes())
}

func TestPermanent_SkipsTheRemainingRetries(t *testing.T) {
	t.Parallel()
	play(t, func() []*node { return block(step("a").retry(retries(3, definition.Default))) }, func(_ *testing.T, h *host) {
		h.failWith("a", instance.StepError{Message: "no", Permanent: true})
		h.is(instance.Suspended)
	})
}

func TestRetryAfter_SetsTheNextWait(t *testing.T) {
	t.Parallel()
	for _, then := range []definition.Action{definition.Default, definition.CompensateThenRetry} {
		play(t, func() []*node { return block(undoable("a").retry(retries(3, then))) }, func(t *testing.T, h *host) {
			h.failWith("a", instance.StepError{Message: "busy", After: int64(time.Minute)})
			if then == definition.CompensateThenRetry {
				h.done("undo a")
			}
			require.Equal(t, map[string]time.Duration{"a": time.Minute}, h.wakes())
			h.wake()
			h.failWith("a", instance.StepError{Message: "busy", After: 1<<63 - 1})
			if then == definition.CompensateThenRetry {
				h.done("undo a")
			}
			require.Greater(t, h.wakes()["a"], 200*365*24*time.Hour)
		})
	}
}

func TestFailure_WithoutAnErrorOrWithAVeryLongOneIsRecorded(t *testing.T) {
	t.Parallel()
	h := live(t, step("a"))
	h.apply(h.result("a", instance.Input{Kind: instance.StepFailed}))
	require.Equal(t, "failed without an error", h.s.Failure.Message)
	h = live(t, step("a"))
	h.failWith("a", instance.StepError{Message: strings.Repeat("é", 1<<20)})
	require.Less(t, len(h.s.Failure.Message), 9000)
	require.True(t, strings.HasSuffix(h.s.Failure.Message, "é ..."))
}

func TestTerminate_EndsTheInstanceAndStopsTheRest(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(parallel("p", block(step("a").onError(definition.Terminate)), block(step("b")), block(saga("s", undoable("c")))))
	}, func(t *testing.T, h *host) {
		h.fail("a")
		h.is(instance.Terminated)
		require.Equal(t, instance.ReasonFailed, h.s.Reason)
		require.Equal(t, "a failed", h.s.Failure.Message)
		require.Equal(t, "a", h.s.Failure.Node)
	})
}

func TestCompensate_RunsTheStepsCompensationThenGoesOn(t *testing.T) {
	t.Parallel()
	play(t, func() []*node { return block(undoable("a").onError(definition.Compensate), step("b")) }, func(t *testing.T, h *host) {
		key := h.run("a").Ptr
		h.fail("a")
		undo := h.run("undo a")
		require.NotEqual(t, key, undo.Ptr)
		require.Equal(t, key, undo.Undoes)
		require.Equal(t, `{"in":"a"}`, string(undo.Input))
		h.done("undo a", "b")
		h.is(instance.Complete)
		require.Equal(t, []string{"b"}, h.log())
	})
}

func TestCompensate_InsideASagaIsNotUndoneAgain(t *testing.T) {
	t.Parallel()
	play(t, func() []*node { return block(saga("s", undoable("a").onError(definition.Compensate), step("b"))) }, func(t *testing.T, h *host) {
		h.fail("a")
		h.done("undo a")
		h.fail("b")
		h.is(instance.Terminated)
		require.Equal(t, []string{"a", "undo a", "b"}, ran(h))
	})
}

// ran lists the bodies that were started, each as often as it had a pointer or
// an attempt of its own.
func ran(h *host) []string {
	var l []string
	for i, r := range h.ran {
		if i == 0 || h.ran[i-1] != r {
			l = append(l, r)
		}
	}
	return l
}

func TestCompensate_OfAStepWithoutACompensationGoesOn(t *testing.T) {
	t.Parallel()
	play(t, func() []*node { return block(step("a").onError(definition.Compensate), step("b")) }, func(_ *testing.T, h *host) {
		h.fail("a")
		h.done("b")
		h.is(instance.Complete)
	})
}

func TestCompensate_DoesNotSkipAStepThatNeverRan(t *testing.T) {
	t.Parallel()
	a := undoable("a").onError(definition.Compensate)
	a.in = func(*data, []string) string { panic("broken") }
	h := live(t, a, step("b"))
	h.is(instance.Suspended)
	h = live(t, saga("s", a, step("b")))
	h.is(instance.Terminated)
	require.Empty(t, h.ran)
}

func TestCompensateThenRetry_RunsTheStepAgainWithANewKeyAndCountsAttempts(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(undoable("a").retry(retries(2, definition.CompensateThenRetry)), step("b"))
	}, func(t *testing.T, h *host) {
		keys := map[instance.PtrID]bool{}
		for i, wait := range []time.Duration{time.Second, 2 * time.Second} {
			keys[h.run("a").Ptr] = true
			require.Equal(t, uint32(i+1), h.run("a").Attempt)
			h.fail("a")
			require.Empty(t, h.wakes(), "the wait begins when the compensation has ended")
			h.done("undo a")
			require.Equal(t, map[string]time.Duration{"a": wait}, h.wakes())
			h.wake()
		}
		keys[h.run("a").Ptr] = true
		require.Len(t, keys, 3)
		h.fail("a") // the last one: nothing is undone, and the step may be resumed
		h.is(instance.Suspended)
		require.Equal(t, uint32(3), h.s.Failure.Attempt)
		h.resume()
		require.Equal(t, uint32(1), h.run("a").Attempt)
		require.True(t, keys[h.run("a").Ptr])
		h.done("a", "b")
		h.is(instance.Complete)
	})
}

func TestCompensateThenRetry_InsideASagaRollsBackInTheEnd(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(saga("s", undoable("z"), undoable("a").retry(retries(1, definition.CompensateThenRetry))))
	}, func(t *testing.T, h *host) {
		h.done("z")
		h.fail("a")
		h.done("undo a")
		h.wake()
		h.fail("a")
		h.done("undo a", "undo z")
		h.is(instance.Terminated)
	})
}

func TestCompensateThenSuspend_CompensatesAndRunsTheStepOnResume(t *testing.T) {
	t.Parallel()
	for name, wrap := range map[string]func(*node) *node{
		"outside of a saga": func(n *node) *node { return n },
		"inside a saga":     func(n *node) *node { return saga("s", n) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play(t, func() []*node { return block(wrap(undoable("a").onError(definition.CompensateThenSuspend))) }, func(t *testing.T, h *host) {
				key := h.run("a").Ptr
				h.fail("a")
				h.is(instance.Runnable)
				h.done("undo a")
				h.is(instance.Suspended)
				require.Equal(t, "a failed", h.s.Failure.Message)
				h.resume()
				require.NotEqual(t, key, h.run("a").Ptr)
				h.done("a")
				h.is(instance.Complete)
			})
		})
	}
}

func TestSuspend_InsideASagaSettlesTheStepThere(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(saga("s", undoable("z"), undoable("a").onError(definition.Suspend), step("b")))
	}, func(t *testing.T, h *host) {
		h.done("z")
		key := h.run("a").Ptr
		h.fail("a")
		h.is(instance.Suspended)
		h.resume()
		require.Equal(t, key, h.run("a").Ptr)
		h.done("a")
		h.fail("b")
		h.done("undo a", "undo z")
		h.is(instance.Terminated)
	})
}

func TestCompensation_RetriesByItsOwnPolicyThenSuspendsWithTheWorkStillToDo(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(undoable("a").onError(definition.Compensate).retryUndo(retries(1, definition.Terminate)), step("b"))
	}, func(t *testing.T, h *host) {
		h.fail("a")
		key := h.run("undo a").Ptr
		h.fail("undo a")
		require.Equal(t, map[string]time.Duration{"a": time.Second}, h.wakes())
		h.wake()
		h.fail("undo a")
		h.is(instance.Suspended)
		h.resume()
		require.Equal(t, key, h.run("undo a").Ptr)
		h.done("undo a", "b")
		h.is(instance.Complete)
	})
}

func TestCompensation_MayPersistAndSleep(t *testing.T) {
	t.Parallel()
	play(t, func() []*node { return block(undoable("a").onError(definition.Compensate)) }, func(t *testing.T, h *host) {
		h.fail("a")
		h.persist("undo a", `1`)
		require.Equal(t, `1`, string(h.run("undo a").Persist))
		h.sleep("undo a", time.Minute)
		h.wake()
		h.outcome("undo a", "ignored")
		h.is(instance.Complete)
	})
}

func TestCompensation_OfASingleStepSeesItsElements(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		a := step("a").undoneBy("refund").onError(definition.Compensate)
		return block(each("each", list(2), saga("s", a)))
	}, func(t *testing.T, h *host) {
		h.fail("a[1]")
		r := h.run("undo a[1]")
		require.Equal(t, "e1", string(r.Item))
		require.Equal(t, `{"in":"undo a e1"}`, string(r.Input))
	})
}

func TestCompensation_ByAnotherStepSeesTheDataOfNowAndTheRunThatItUndoes(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		a := step("a").undoneBy("refund").onError(definition.Compensate)
		tries := 0
		a.undo = func(_ *data, v value) string {
			if tries++; tries == 1 {
				panic("no input")
			}
			return "refund of " + v.In
		}
		return block(a)
	}, func(t *testing.T, h *host) {
		h.fail("a")
		h.is(instance.Suspended)
		require.Contains(t, h.s.Failure.Message, "no input")
		h.resume()
		require.Equal(t, `{"in":"refund of a"}`, string(h.run("undo a").Input))
		h.done("undo a")
		h.is(instance.Complete)
	})
}
