package engine_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/engine"
	"github.com/wfegen/wfe/runtime/instance"
)

func (h *host) ended(status instance.Status, reason instance.Reason) {
	h.is(status)
	require.Equal(h.t, reason, h.s.Reason)
}

func TestSuspend_StartsNothingAndResumeGoesOnFromThere(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(parallel("p", block(step("a"), step("b")), block(delay("d", time.Hour), step("c"))))
	}, func(t *testing.T, h *host) {
		h.command(instance.Suspend)
		h.command(instance.Suspend)
		h.is(instance.Suspended)
		require.Equal(t, []string{"a"}, h.running(), "what runs may end")
		h.done("a")
		h.wake()
		require.Empty(t, h.running())
		require.Empty(t, h.log())
		h.resume()
		h.resume()
		require.Equal(t, []string{"b", "c"}, h.running())
		h.done("b", "c")
		h.is(instance.Complete)
	})
}

func TestSuspend_PausesARollbackAndResumeGoesOnWithIt(t *testing.T) {
	t.Parallel()
	play(t, func() []*node { return block(saga("s", undoable("a"), undoable("b"), step("c"))) }, func(t *testing.T, h *host) {
		h.done("a", "b")
		h.fail("c")
		h.command(instance.Suspend)
		require.Equal(t, []string{"undo b"}, h.running())
		h.done("undo b")
		require.Empty(t, h.running(), "the next compensation waits")
		h.resume()
		h.done("undo a")
		h.ended(instance.Terminated, instance.ReasonFailed)
	})
}

func TestRetry_RunsAFailureAgainAndIsRefusedWhereThereIsNone(t *testing.T) {
	t.Parallel()
	h := live(t, step("a"))
	require.Equal(t, instance.Runnable, h.refused(instance.Retry).Status)
	h.command(instance.Suspend)
	require.Equal(t, instance.Suspended, h.refused(instance.Retry).Status, "nothing has failed")
	h.resume()
	h.fail("a")
	h.command(instance.Retry)
	h.is(instance.Runnable)
	require.Equal(t, []string{"a"}, h.running())
	h.done("a")
	h.is(instance.Complete)
}

func TestCancel_RollsBackOpenSagasOutwards(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(step("free"), parallel("p",
			block(saga("outer", undoable("a"), saga("inner", undoable("b"), undoable("c")).compensate(step("inner undone"))).compensate(step("outer undone"))),
			block(saga("other", undoable("d"), delay("sleeps", time.Hour))),
			block(saga("over", undoable("e")), await("w", "event").timeout(time.Hour)),
		), step("never"))
	}, func(t *testing.T, h *host) {
		h.done("free", "a", "b", "d", "e")
		h.command(instance.Cancel)
		require.Equal(t, []string{"c"}, h.told, "the body is awaited")
		require.Empty(t, h.waits)
		h.command(instance.Cancel) // it is being cancelled
		h.stopped("c", false)
		h.done("undo c", "undo d", "undo b", "inner undone", "undo a", "outer undone")
		h.ended(instance.Terminated, instance.ReasonCancelled)
		h.command(instance.Cancel) // it is cancelled
		require.Equal(t, instance.ReasonCancelled, h.refused(instance.Terminate).Reason)
	})
}

func TestCancel_WithoutAnOpenSagaWaitsForTheBodiesAndEnds(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(parallel("p", block(step("a")), block(delay("d", time.Hour))), step("b"))
	}, func(t *testing.T, h *host) {
		h.command(instance.Cancel)
		h.is(instance.Runnable)
		require.Equal(t, []string{"a"}, h.told)
		h.done("a")
		h.ended(instance.Terminated, instance.ReasonCancelled)
		require.Equal(t, []string{"a"}, h.log(), "what ended all the same has ended")
	})
}

func TestCancel_OfAnInstanceThatOnlyWaitsEndsItAtOnce(t *testing.T) {
	t.Parallel()
	play(t, func() []*node { return block(parallel("p", block(delay("d", time.Hour)), block(await("w", "event")))) }, func(t *testing.T, h *host) {
		h.command(instance.Cancel)
		h.ended(instance.Terminated, instance.ReasonCancelled)
	})
}

func TestCancel_EndsARollbackInProgressFirst(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(saga("outer", undoable("a"), saga("inner", undoable("b"), step("c")).compensate(step("handled"))), step("never"))
	}, func(t *testing.T, h *host) {
		h.done("a", "b")
		h.fail("c")
		h.command(instance.Cancel)
		h.done("undo b", "handled", "undo a")
		h.ended(instance.Terminated, instance.ReasonCancelled)
	})
}

func TestCancel_ACompensationOfASingleStepInProgressIsFinishedFirst(t *testing.T) {
	t.Parallel()
	play(t, func() []*node { return block(undoable("a").onError(definition.Compensate), step("never")) }, func(t *testing.T, h *host) {
		h.fail("a")
		h.command(instance.Cancel)
		require.Equal(t, []string{"undo a"}, h.running())
		h.done("undo a")
		h.ended(instance.Terminated, instance.ReasonCancelled)
	})
}

func TestCancel_OfASuspendedInstanceUndoesWhatFailedAndTakesWhatCameMeanwhile(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(saga("s", parallel("p", block(undoable("a")), block(undoable("b").onError(definition.Suspend)), block(delay("d", time.Minute), step("c")))))
	}, func(t *testing.T, h *host) {
		h.fail("b")
		h.is(instance.Suspended)
		h.done("a")
		h.wake()
		h.command(instance.Cancel)
		require.Equal(t, []string{"a"}, h.log())
		h.done("undo b", "undo a")
		h.ended(instance.Terminated, instance.ReasonCancelled)
	})
}

func TestCancel_ThatCannotUndoSuspendsAndResumeGoesOnWithIt(t *testing.T) {
	t.Parallel()
	play(t, func() []*node { return block(saga("s", undoable("a"), undoable("b"), step("c")), step("never")) }, func(t *testing.T, h *host) {
		h.done("a", "b")
		h.command(instance.Cancel)
		h.stopped("c", false)
		h.fail("undo b")
		h.is(instance.Suspended)
		h.command(instance.Cancel) // changes nothing
		h.is(instance.Suspended)
		h.command(instance.Retry)
		h.done("undo b")
		h.command(instance.Suspend)
		h.resume()
		h.done("undo a")
		h.ended(instance.Terminated, instance.ReasonCancelled)
	})
}

func TestCancel_RunsACompensationAgainThatHasSuspended(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(saga("s", undoable("a"), undoable("b"), step("c")).compensate(step("own")))
	}, func(t *testing.T, h *host) {
		h.done("a", "b")
		h.fail("c")
		h.fail("undo b")
		h.is(instance.Suspended)
		h.command(instance.Cancel)
		h.done("undo b", "undo a", "own")
		h.ended(instance.Terminated, instance.ReasonCancelled)
	})
}

func TestTerminate_StopsAtOnceAndRecordsWhatIsLeftToUndo(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(saga("s", undoable("a"), undoable("b"), parallel("p", block(undoable("c")), block(undoable("d")), block(delay("e", time.Hour)))).compensate(step("own")), step("never"))
	}, func(t *testing.T, h *host) {
		h.done("a", "b", "d")
		h.apply(instance.Input{Kind: instance.Terminate, Payload: []byte("it was a mistake")})
		h.ended(instance.Terminated, instance.ReasonOperator)
		require.Equal(t, "it was a mistake", h.s.Note)
		require.Empty(t, h.running(), "nothing is compensated")
		require.Empty(t, h.timers)
		require.Equal(t, []string{"s", "a", "b", "c in part", "d"}, h.left())
		h.reload()
		require.Equal(t, []string{"s", "a", "b", "c in part", "d"}, h.left())
		h.command(instance.Terminate) // it is done
		for _, kind := range []instance.InputKind{instance.Suspend, instance.Resume, instance.Retry, instance.Cancel} {
			require.Equal(t, engine.Refused{Tag: 7, Status: instance.Terminated, Reason: instance.ReasonOperator}, h.refused(kind))
		}
	})
}

func TestTerminate_StopsARollbackAndACancel(t *testing.T) {
	t.Parallel()
	for _, cancel := range []bool{false, true} {
		play(t, func() []*node { return block(saga("s", undoable("a"), undoable("b"), undoable("c"))) }, func(t *testing.T, h *host) {
			h.done("a", "b")
			if cancel {
				h.command(instance.Cancel)
				h.stopped("c", false)
			} else {
				h.fail("c")
			}
			h.done("undo c", "undo b")
			h.command(instance.Terminate)
			h.ended(instance.Terminated, instance.ReasonOperator)
			require.Equal(t, []string{"a"}, h.left())
		})
	}
}

func TestTerminate_OfASuspendedInstance(t *testing.T) {
	t.Parallel()
	play(t, func() []*node { return block(saga("s", undoable("a"), undoable("b").onError(definition.Suspend))) }, func(t *testing.T, h *host) {
		h.done("a")
		h.fail("b")
		h.command(instance.Terminate)
		h.ended(instance.Terminated, instance.ReasonOperator)
		require.Equal(t, []string{"a", "b in part"}, h.left())
	})
}

func TestTerminated_ByAFailureRecordsWhatOtherBranchesLeaveToUndo(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(parallel("p", block(saga("s", undoable("a"), step("x"))), block(saga("undone", undoable("c"), step("fails").onError(definition.Terminate)).compensate())))
	}, func(t *testing.T, h *host) {
		h.done("a", "c")
		h.fail("fails")
		h.done("undo c")
		h.ended(instance.Terminated, instance.ReasonFailed)
		require.Equal(t, []string{"a"}, h.left())
	})
}

func TestCommands_OfAnInstanceThatHasCompletedAreRefused(t *testing.T) {
	t.Parallel()
	h := live(t, step("a"))
	h.done("a")
	for _, kind := range []instance.InputKind{instance.Suspend, instance.Resume, instance.Retry, instance.Cancel, instance.Terminate} {
		require.Equal(t, engine.Refused{Tag: 7, Status: instance.Complete}, h.refused(kind))
	}
}
