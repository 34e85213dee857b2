package engine_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/instance"
)

// branches fails in one branch and goes on in others.
func branches() []*node {
	return block(parallel("p",
		block(step("fails")), block(step("a"), when("if", yes).then(step("b"))),
		block(delay("d", time.Hour), step("c")), block(await("w", "paid").timeout(time.Minute, step("late")), step("e"))), step("after"))
}

func TestSuspended_TakesFactsOnceAndGoesOnFromThereOnResume(t *testing.T) {
	t.Parallel()
	play(t, branches, func(t *testing.T, h *host) {
		h.fail("fails")
		h.is(instance.Suspended)
		w := h.waits[h.pointer("w").ID]
		h.publish("paid", "key", `{"out":"first"}`)
		h.publish("paid", "key", `{"out":"second"}`)
		h.done("a")
		h.wake() // the delay; the wait's timer is gone
		require.Empty(t, h.timers)
		require.Empty(t, h.waits)
		require.Empty(t, h.running())
		require.Empty(t, h.log())
		h.apply(instance.Input{Kind: instance.EventOffered, Ptr: w.Ptr, Gen: w.Gen, Seq: 2, Payload: []byte(`{}`)}) // stale
		h.resume()
		require.Equal(t, []string{"b", "c", "e", "fails"}, h.running())
		require.Equal(t, []string{"first", "a"}, h.log())
		h.done("b", "c", "e", "fails", "after")
		h.is(instance.Complete)
	})
}

func TestSuspended_TakesATimeoutOnce(t *testing.T) {
	t.Parallel()
	play(t, branches, func(t *testing.T, h *host) {
		h.fail("fails")
		h.wake() // the wait's
		h.publish("paid", "key", `{}`)
		h.resume()
		require.Equal(t, []string{"a", "fails", "late"}, h.running())
		require.Empty(t, h.waits)
	})
}

func TestSuspended_ABodyWhoseResultComesWithTheCommandsIsNotRunAgain(t *testing.T) {
	t.Parallel()
	h := live(t, step("a"), step("b"))
	h.command(instance.Suspend)
	h.apply(instance.Input{Kind: instance.Resume}, instance.Input{Kind: instance.Suspend}, h.result("a", instance.Input{Kind: instance.StepDone}))
	require.Empty(t, h.running())
	h.resume()
	h.done("b")
	h.is(instance.Complete)
}

func TestSuspended_HandsAnEventToOneWaitOnly(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(parallel("p", block(step("fails")), block(await("w1", "paid"), step("a")), block(await("w2", "paid"), step("b"))))
	}, func(t *testing.T, h *host) {
		h.fail("fails")
		h.publish("paid", "key", `{}`)
		require.Len(t, h.waits, 1)
		h.resume()
		require.Equal(t, []string{"a", "fails"}, h.running())
		require.Len(t, h.waits, 1)
		h.publish("paid", "key", `{}`)
		require.Equal(t, []string{"a", "b", "fails"}, h.running())
	})
}

func TestSuspended_KeepsWhatWasAboutToHappen(t *testing.T) {
	t.Parallel()
	workflow := func() []*node {
		broken := step("broken")
		tries := 0
		broken.in = func(*data, []string) string {
			if tries++; tries <= 2 {
				panic("not yet")
			}
			return ""
		}
		return block(parallel("p", block(broken), block(when("if", yes).then(step("a"))), block(each("each", list(2), step("b")), step("c"))))
	}
	play(t, workflow, func(t *testing.T, h *host) {
		h.is(instance.Suspended)
		require.Empty(t, h.running(), "no condition is evaluated and nothing starts")
		require.Len(t, h.s.Later, 2)
		h.resume() // fails again, before the rest is reached
		h.is(instance.Suspended)
		h.resume()
		h.done("broken", "a", "b[0]", "b[1]", "c")
		h.is(instance.Complete)
	})
}

func TestResume_ThatFailsAgainKeepsTheFactsForTheNextOne(t *testing.T) {
	t.Parallel()
	workflow := func() []*node {
		broken := step("broken")
		tries := 0
		broken.in = func(*data, []string) string {
			if tries++; tries == 2 {
				panic("again")
			}
			return ""
		}
		return block(parallel("p", block(broken), block(step("a"), step("c")), block(step("b"))))
	}
	play(t, workflow, func(t *testing.T, h *host) {
		h.fail("broken")
		h.done("a", "b")
		h.resume()
		h.is(instance.Suspended)
		require.Empty(t, h.log())
		require.Empty(t, h.running(), "a body whose result was taken is not run again")
		h.resume()
		h.done("broken", "c")
		h.is(instance.Complete)
		require.ElementsMatch(t, []string{"a", "b", "broken", "c"}, h.log())
	})
}

func TestResume_OfSeveralFailuresRunsThemAll(t *testing.T) {
	t.Parallel()
	play(t, func() []*node { return block(parallel("p", block(step("a")), block(step("b")))) }, func(t *testing.T, h *host) {
		h.fail("a")
		h.fail("b") // taken, and dealt with on Resume
		h.resume()
		h.is(instance.Suspended)
		h.resume()
		h.done("b")
		require.Equal(t, []string{"a"}, h.running())
		h.done("a")
		h.is(instance.Complete)
	})
}

func TestResume_AfterACrashRunsTheBodiesThatWereLost(t *testing.T) {
	t.Parallel()
	h := live(t, parallel("p", block(step("a")), block(step("b"))))
	h.fail("a")
	h.reload()
	h.recover()
	require.Empty(t, h.running(), "nothing runs while it is suspended")
	h.resume()
	h.done("a", "b")
	h.is(instance.Complete)
}

func TestResume_ThatRollsBackStopsTheBodiesThatStillRun(t *testing.T) {
	t.Parallel()
	h := live(t, saga("s", parallel("p", block(undoable("a").onError(definition.Suspend)), block(undoable("b")), block(step("c")))))
	h.fail("a")
	h.fail("c") // held: on Resume the saga fails
	h.resume()
	require.Equal(t, []string{"b"}, h.told)
	require.Equal(t, []string{"b"}, h.running())
	h.done("b")
	h.done("undo a") // it had acted before, and was not started again
	h.done("undo b")
	h.is(instance.Terminated)
}

func TestResume_ThatRollsBackDoesNotStartABodyThatWasLostInACrash(t *testing.T) {
	t.Parallel()
	h := live(t, saga("s", parallel("p", block(undoable("a").onError(definition.Suspend)), block(undoable("b")), block(step("c")))))
	h.fail("a")
	h.fail("c")
	h.reload()
	h.recover()
	h.resume()
	require.Empty(t, h.running())
	h.wake() // nobody answers for b: the grace
	h.done("undo b", "undo a")
	h.is(instance.Terminated)
}

func TestSuspended_RollbackGoesOnOnResume(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(parallel("p", block(step("fails")), block(saga("s", undoable("a"), parallel("q", block(undoable("b")), block(step("c")))).compensate(), step("d"))))
	}, func(t *testing.T, h *host) {
		h.done("a")
		h.fail("c")
		require.Equal(t, []string{"b", "fails"}, h.running())
		h.fail("fails")
		h.is(instance.Suspended)
		h.done("b")
		require.Empty(t, h.running())
		h.resume()
		h.done("undo b", "undo a", "d", "fails")
		h.is(instance.Complete)
	})
}

func TestRecovered_UndoesInPartWhatWasBeingStopped(t *testing.T) {
	t.Parallel()
	h := live(t, saga("s", undoable("first"), parallel("p", block(undoable("a")), block(undoable("b")), block(undoable("c")))))
	h.done("first")
	h.fail("b")
	require.Equal(t, []string{"c", "a"}, h.told)
	h.reload()
	h.recover()
	require.Empty(t, h.timers)
	h.done("undo c", "undo b", "undo a", "undo first")
	h.is(instance.Terminated)
}

func TestRecovered_WhileSuspendedLeavesWhatWasBeingStoppedToItsGrace(t *testing.T) {
	t.Parallel()
	h := live(t, parallel("p", block(step("fails")), block(saga("s", undoable("a"), step("x")).compensate()), block(saga("t", parallel("q", block(undoable("b")), block(step("c")))).compensate())))
	h.fail("c")
	h.fail("fails")
	h.reload()
	h.recover()
	h.wake()
	h.is(instance.Suspended)
	h.resume()
	require.Equal(t, []string{"a", "fails", "undo b"}, h.running())
}
