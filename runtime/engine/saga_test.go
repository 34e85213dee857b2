package engine_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/instance"
)

func TestSaga_ThatSucceedsGoesOnAndForgetsHowToUndo(t *testing.T) {
	t.Parallel()
	play(t, func() []*node { return block(saga("s", undoable("a"), step("b")).compensate(step("own")), step("c")) }, func(t *testing.T, h *host) {
		h.done("a")
		require.Len(t, h.cells, 1)
		h.done("b")
		require.Empty(t, h.cells)
		h.done("c")
		h.is(instance.Complete)
	})
	play(t, func() []*node { return block(saga("s"), step("c")) }, func(_ *testing.T, h *host) {
		h.done("c")
		h.is(instance.Complete)
	})
}

func TestSaga_UndoesTheFailedStepThenWhatCompletedNewestFirstOneAtATime(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(saga("s", undoable("a"), step("none"), undoable("b"), undoable("c")))
	}, func(t *testing.T, h *host) {
		h.done("a", "none", "b")
		a := h.s.Undo[0].Ptr
		h.fail("c")
		require.Equal(t, []string{"undo c"}, h.running())
		require.Equal(t, `{"in":"c"}`, string(h.run("undo c").Input), "outputs are zero where it was done in part")
		h.done("undo c")
		require.Equal(t, []string{"undo b"}, h.running())
		require.Equal(t, `{"in":"b","out":"b"}`, string(h.run("undo b").Input))
		h.done("undo b")
		require.Equal(t, a, h.run("undo a").Undoes)
		h.done("undo a")
		h.is(instance.Terminated)
		require.Equal(t, instance.ReasonFailed, h.s.Reason)
		require.Equal(t, "c failed", h.s.Failure.Message)
		require.Equal(t, []string{"a", "none", "b"}, h.log())
	})
}

func TestSaga_IsNeverCompleteWithStepsSkipped(t *testing.T) {
	t.Parallel()
	play(t, func() []*node { return block(saga("s", step("a")), step("b")) }, func(_ *testing.T, h *host) {
		h.fail("a")
		h.is(instance.Terminated)
	})
}

func TestSaga_WithItsOwnCompensationHasHandledTheFailure(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(saga("s", undoable("a"), step("b")).compensate(step("own1"), step("own2")), step("c"))
	}, func(t *testing.T, h *host) {
		h.done("a")
		h.fail("b")
		h.done("undo a", "own1", "own2", "c")
		h.is(instance.Complete)
		require.Equal(t, []string{"a", "own1", "own2", "c"}, h.log())
	})
	play(t, func() []*node { return block(saga("s", step("b")).compensate(), step("c")) }, func(_ *testing.T, h *host) {
		h.fail("b")
		h.done("c")
		h.is(instance.Complete)
	})
}

func TestSaga_RunsWhollyAgainByItsPolicy(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(saga("s", undoable("a"), step("b")).compensate(step("own")).retry(retries(2, definition.Terminate)))
	}, func(t *testing.T, h *host) {
		keys := map[instance.PtrID]bool{}
		for _, wait := range []time.Duration{time.Second, 2 * time.Second} {
			keys[h.run("a").Ptr] = true
			h.done("a")
			h.fail("b")
			h.done("undo a", "own")
			require.Equal(t, map[string]time.Duration{"s": wait}, h.wakes())
			h.wake()
		}
		keys[h.run("a").Ptr] = true
		require.Len(t, keys, 3)
		h.done("a")
		h.fail("b")
		h.done("undo a", "own")
		h.is(instance.Terminated)
	})
}

func TestSaga_SuspendsByItsPolicyAndRunsAgainOnResume(t *testing.T) {
	t.Parallel()
	for _, then := range []definition.Action{definition.Suspend, definition.CompensateThenSuspend} {
		play(t, func() []*node {
			return block(saga("s", undoable("a"), step("b")).retry(retries(1, then)), step("c"))
		}, func(t *testing.T, h *host) {
			for range 2 {
				h.done("a")
				h.fail("b")
				h.done("undo a")
				h.wake()
				h.done("a")
				h.fail("b")
				h.done("undo a")
				h.is(instance.Suspended)
				require.Equal(t, "b failed", h.s.Failure.Message)
				h.resume() // with fresh rounds
			}
			h.done("a", "b", "c")
			h.is(instance.Complete)
		})
	}
}

func TestSaga_TerminateInAStepPassesByThePolicyOfTheSagasAroundIt(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(saga("outer", undoable("a"), saga("inner", undoable("b"), step("c").onError(definition.Terminate)).
			compensate(step("own")).retry(retries(5, definition.Default))).compensate(step("outer own")).retry(retries(5, definition.Default)))
	}, func(t *testing.T, h *host) {
		h.done("a", "b")
		h.fail("c")
		h.done("undo b", "own", "undo a", "outer own")
		h.is(instance.Terminated)
	})
}

// siblings is a saga with two steps in parallel, and one before them.
func siblings() []*node {
	return block(saga("s", undoable("first"), parallel("p", block(undoable("a")), block(undoable("b")))))
}

func TestSaga_UndoesInFlightSibling(t *testing.T) {
	t.Parallel()
	play(t, siblings, func(t *testing.T, h *host) {
		h.done("first")
		h.fail("b")
		require.Equal(t, []string{"a"}, h.told)
		require.Equal(t, map[string]time.Duration{"a": grace}, h.wakes())
		require.Equal(t, []string{"a"}, h.running(), "nothing is undone before it has ended")
		h.fail("a") // as its context was cancelled
		require.Empty(t, h.timers)
		h.done("undo b", "undo a", "undo first") // in part: highest pointer first
		h.is(instance.Terminated)
	})
}

func TestSaga_CountsABodyThatSucceedsAfterItWasToldToStopAsCompleted(t *testing.T) {
	t.Parallel()
	play(t, siblings, func(t *testing.T, h *host) {
		h.done("first")
		h.fail("b")
		h.done("a")
		require.Equal(t, []string{"first", "a"}, h.log())
		h.done("undo b")
		require.Equal(t, `{"in":"a","out":"a"}`, string(h.run("undo a").Input))
		h.done("undo a", "undo first")
		h.is(instance.Terminated)
	})
}

func TestSaga_CountsABodyThatAnswersOtherwiseAsDoneInPart(t *testing.T) {
	t.Parallel()
	answers := map[string]func(h *host){
		"persist":        func(h *host) { h.persist("a", "1") },
		"sleep":          func(h *host) { h.sleep("a", time.Hour) },
		"stopped":        func(h *host) { h.stopped("a", false) },
		"no answer":      func(h *host) { h.wake() },
		"broken outputs": func(h *host) { h.prog.nodes[3].out = func(*data, value) { panic("broken") }; h.done("a") },
		"outcome":        func(h *host) { h.outcome("a", "x") },
	}
	for name, answer := range answers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play(t, siblings, func(t *testing.T, h *host) {
				h.done("first")
				h.fail("b")
				answer(h)
				h.bodies = h.bodies[len(h.bodies)-1:] // one that does not answer is left behind
				h.done("undo b")
				if name == "outcome" {
					require.Equal(t, `{"in":"a","out":"a"}`, string(h.run("undo a").Input))
				} else {
					require.Equal(t, `{"in":"a"}`, string(h.run("undo a").Input))
				}
				h.done("undo a", "undo first")
				h.is(instance.Terminated)
			})
		})
	}
}

func TestSaga_DoesNotUndoABodyThatNeverBegan(t *testing.T) {
	t.Parallel()
	h := live(t, siblings()...)
	h.done("first")
	h.fail("b")
	h.stopped("a", true)
	h.done("undo b", "undo first")
	h.is(instance.Terminated)
}

func TestSaga_UndoesABodyWhoseEarlierAttemptBegan(t *testing.T) {
	t.Parallel()
	h := live(t, saga("s", parallel("p", block(undoable("a").retry(retries(1, definition.Default))), block(step("b")))))
	h.fail("a")
	h.wake()
	h.fail("b")
	h.stopped("a", true) // the second attempt never began
	h.done("undo a")
	h.is(instance.Terminated)

	h = live(t, siblings()...)
	h.done("first")
	h.reload()
	h.recover() // a body may have begun before the crash
	h.fail("b")
	h.stopped("a", true)
	h.done("undo b", "undo a", "undo first")
	h.is(instance.Terminated)
}

func TestSaga_DoesNotUndoAStepThatIsReachedAndStoppedInOneTransition(t *testing.T) {
	t.Parallel()
	h := live(t, saga("s", parallel("p", block(step("a"), undoable("next")), block(step("b")))))
	h.apply(h.result("a", instance.Input{Kind: instance.StepDone}),
		h.result("b", instance.Input{Kind: instance.StepFailed, Err: &instance.StepError{Message: "no"}}))
	h.is(instance.Terminated)
	require.Equal(t, []string{"a", "b"}, h.ran)
	require.Empty(t, h.told)
}

func TestSaga_UndoesWhatSleepsOrWaitsForARetry(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(saga("s", parallel("p",
			block(undoable("sleeps")), block(undoable("retries").retry(retries(3, definition.Default))), block(undoable("persists")),
			block(delay("delay", time.Hour)), block(await("wait", "paid")), block(step("b")))))
	}, func(t *testing.T, h *host) {
		h.sleep("sleeps", time.Hour)
		h.fail("retries")
		h.persist("persists", "1")
		h.fail("b")
		require.Empty(t, h.waits)
		h.stopped("persists", true)
		require.Empty(t, h.timers)
		h.done("undo persists", "undo retries", "undo sleeps")
		h.is(instance.Terminated)
	})
}

func TestSaga_UndoesByOrderOfCompletionThroughContainersAndBranches(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(saga("s",
			each("each", list(3), when("if", yes).then(undoable("x"), undoable("y"))),
			saga("inner", undoable("i")).compensate(step("inner own")),
			step("fails")))
	}, func(t *testing.T, h *host) {
		h.done("x[2]", "x[0]", "y[2]", "x[1]", "y[0]", "y[1]")
		require.Len(t, h.cells, 6, "only the undo entries are left of the loop")
		h.done("i")
		h.fail("fails")
		h.done("undo i", "inner own", "undo y[1]", "undo y[0]", "undo x[1]", "undo y[2]", "undo x[0]", "undo x[2]")
		h.is(instance.Terminated)
	})
}

func TestSaga_ACompensationSeesTheElementsThatItsStepSaw(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		a := step("a").undoneBy("refund")
		return block(each("outer", list(2), saga("s", each("inner", list(2), a), step("b")).compensate(step("own"))).sequential())
	}, func(t *testing.T, h *host) {
		h.done("a[0]", "a[1]")
		h.fail("b[0]")
		r := h.run("undo a[1]")
		require.Equal(t, "e1", string(r.Item))
		require.Equal(t, `{"in":"undo a e0 e1a[1]"}`, string(r.Input))
		h.done("undo a[1]", "undo a[0]")
		require.Equal(t, `{"in":"own e0"}`, string(h.run("own[0]").Input))
	})
}

func TestSaga_RunsACompensationOfSeveralStepsToItsEndBeforeTheNext(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(saga("outer", undoable("a"),
			saga("inner", undoable("b")).compensate(step("c"), parallel("p", block(step("d")), block(step("e"))), each("each", list(2), step("f"))),
			step("fails")))
	}, func(t *testing.T, h *host) {
		h.done("a", "b")
		h.fail("fails")
		h.done("undo b", "c")
		require.Equal(t, []string{"d", "e"}, h.running())
		h.done("d", "e", "f[1]")
		require.Equal(t, []string{"f[0]"}, h.running())
		h.done("f[0]", "undo a")
		h.is(instance.Terminated)
	})
}

func TestSaga_ThatFailedAndSettledItselfLeavesNothingToUndo(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(saga("outer", undoable("a"), saga("inner", undoable("b"), step("c")).compensate(step("own")), step("d")))
	}, func(t *testing.T, h *host) {
		h.done("a", "b")
		h.fail("c")
		h.done("undo b", "own")
		h.fail("d")
		h.done("undo a")
		h.is(instance.Terminated)
	})
}

func TestSaga_ThatFailedAndDidNotSettleIsAFailedStepOfTheOuterOne(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(saga("outer", undoable("a"), parallel("p", block(saga("inner", undoable("b"), undoable("c"))), block(undoable("d")))).
			compensate(step("own")), step("after"))
	}, func(t *testing.T, h *host) {
		h.done("a", "b")
		h.fail("c")
		require.Equal(t, []string{"d", "undo c"}, h.running(), "what is not in the inner saga goes on")
		h.done("undo c", "undo b")
		require.Contains(t, h.told, "d")
		h.fail("d")
		h.done("undo d", "undo a", "own", "after")
		h.is(instance.Complete)
	})
}

func TestSaga_StoppedInFlightHandsOnWhatItHasDone(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(saga("outer", undoable("a"), parallel("p",
			block(saga("inner", undoable("b"), saga("innermost", undoable("c"), undoable("d")).compensate(step("innermost own")), step("x")).compensate(step("inner own"))),
			block(step("fails")))))
	}, func(t *testing.T, h *host) {
		h.done("a", "b", "c")
		h.fail("fails")
		h.fail("d")
		h.done("undo d", "undo c", "innermost own", "undo b", "inner own", "undo a")
		h.is(instance.Terminated)
	})
}

func TestSaga_ThatNeverBeganHasNothingToUndo(t *testing.T) {
	t.Parallel()
	broken := when("if", func(*data) bool { panic("broken") })
	first := live(t, saga("outer", undoable("a"), parallel("p", block(broken), block(saga("inner", undoable("b")).compensate(step("own"))))))
	first.done("a", "undo a")
	first.is(instance.Terminated)
	h := live(t, saga("outer", parallel("p", block(step("a"), saga("inner", undoable("b")).compensate(step("own"))), block(step("fails")))))
	h.apply(h.result("a", instance.Input{Kind: instance.StepDone}), h.result("fails", instance.Input{Kind: instance.StepFailed}))
	h.done("own") // it had been entered
	h.is(instance.Terminated)
	h = live(t, saga("outer", parallel("p", block(step("fails")), block(step("a"), saga("inner", undoable("b")).compensate(step("own"))))))
	h.fail("fails")
	h.done("a")
	h.is(instance.Terminated)
}

func TestSaga_ARollbackInProgressInsideIsFinishedFirst(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(saga("outer", undoable("a"), parallel("p",
			block(saga("inner", undoable("b"), undoable("c")).compensate(step("own1"), step("own2")), undoable("never")),
			block(undoable("fails")))))
	}, func(t *testing.T, h *host) {
		h.done("a", "b")
		h.fail("c")
		h.fail("fails")
		require.Equal(t, []string{"undo c"}, h.running())
		h.done("undo c", "undo b", "own1", "own2", "undo fails", "undo a")
		h.is(instance.Terminated)
	})
}

func TestSaga_AnOwnCompensationInProgressInsideIsFinishedFirst(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(saga("outer", undoable("a"), parallel("p",
			block(saga("inner", undoable("b")).compensate(step("own1"), step("own2"))), block(undoable("fails")))))
	}, func(t *testing.T, h *host) {
		h.done("a")
		h.fail("b")
		h.done("undo b")
		h.fail("fails")
		require.Equal(t, []string{"own1"}, h.running())
		require.Empty(t, h.told)
		h.done("own1", "own2", "undo fails", "undo a")
		h.is(instance.Terminated)
	})
}

func TestSaga_StopsTheBranchesOfALoopInsideABranch(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(each("rows", list(1), saga("s", parallel("p", block(each("columns", list(2), undoable("a"))), block(step("fails"))))))
	}, func(t *testing.T, h *host) {
		h.fail("fails[0]")
		h.fail("a[0]")
		h.done("a[1]")
		h.done("undo a[0]", "undo a[1]")
		h.is(instance.Terminated)
	})
}

func TestSaga_ThatIsUndoneInsideOneThatFailsIsNotRunAgain(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(saga("outer", undoable("a"), parallel("p",
			block(saga("inner", undoable("b"), undoable("c")).retry(retries(5, definition.Default))), block(undoable("fails")))))
	}, func(t *testing.T, h *host) {
		h.done("a", "b")
		h.fail("c")
		h.fail("fails")
		h.done("undo c", "undo b", "undo fails", "undo a")
		h.is(instance.Terminated)
	})
}

func TestSaga_HandsOnEntriesFromTheBranchesOfALoop(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(each("rows", list(2), saga("outer", each("columns", list(2), saga("inner", undoable("a"), step("b")), step("z")), step("fails"))))
	}, func(t *testing.T, h *host) {
		for range 2 { // both rows, as far as they have the same labels
			h.done("a[0]", "b[0]", "a[1]")
		}
		h.done("b[1]", "b[1]", "z[0]", "z[0]", "z[1]", "z[1]")
		h.fail("fails[1]")
		h.done("undo a[1]", "undo a[0]")
		h.is(instance.Terminated)
	})
}

func TestSaga_ACompensationOfASingleStepInProgressIsFinishedFirst(t *testing.T) {
	t.Parallel()
	for _, then := range []definition.Action{definition.Compensate, definition.CompensateThenRetry, definition.CompensateThenSuspend} {
		play(t, func() []*node {
			return block(saga("s", parallel("p",
				block(undoable("a").retry(retries(3, then)), step("next")), block(undoable("b")))))
		}, func(t *testing.T, h *host) {
			h.failWith("a", instance.StepError{Message: "no", Permanent: then == definition.Compensate})
			if then == definition.CompensateThenSuspend {
				for range 3 {
					h.wake()
					h.fail("a")
				}
			}
			require.Equal(t, []string{"b", "undo a"}, h.running())
			h.fail("b")
			require.Equal(t, []string{"undo a"}, h.running())
			h.fail("undo a")
			h.is(instance.Suspended)
			h.resume()
			h.done("undo a", "undo b")
			h.is(instance.Terminated)
		})
	}
}

func TestSaga_ASagaBetweenTwoRoundsIsDroppedWhenTheOuterOneFails(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(saga("outer", parallel("p",
			block(saga("inner", undoable("a"), step("b")).retry(retries(9, definition.Default))), block(step("fails")))))
	}, func(t *testing.T, h *host) {
		h.done("a")
		h.fail("b")
		h.done("undo a")
		require.Len(t, h.wakes(), 1)
		h.fail("fails")
		h.is(instance.Terminated)
	})
}

func TestSaga_AFailedCompensationSuspendsAndResumeRunsIt(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(saga("s", undoable("a"), undoable("b"), step("c")).compensate(step("own").onError(definition.Terminate)), step("d"))
	}, func(t *testing.T, h *host) {
		h.done("a", "b")
		h.fail("c")
		h.fail("undo b")
		h.is(instance.Suspended)
		require.Equal(t, "undo b failed", h.s.Failure.Message)
		h.resume()
		h.done("undo b")
		h.done("undo a")
		h.fail("own") // never skipped either, whatever its policy says
		h.is(instance.Suspended)
		h.resume()
		h.done("own", "d")
		h.is(instance.Complete)
	})
}

func TestSaga_InsideACompensationSuspendsWhenItDoesNotSettle(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(saga("s", step("a")).compensate(saga("inner", undoable("b"), step("c").onError(definition.Terminate))), step("d"))
	}, func(t *testing.T, h *host) {
		h.fail("a")
		h.done("b")
		h.fail("c")
		h.done("undo b")
		h.is(instance.Suspended)
		h.resume()
		h.done("b", "c", "d")
		h.is(instance.Complete)
	})
}

func TestSaga_RollsBackWhenABindingInsidePanics(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(saga("s", undoable("a"), when("if", func(*data) bool { panic("broken") })))
	}, func(t *testing.T, h *host) {
		h.done("a", "undo a")
		h.is(instance.Terminated)
		require.Contains(t, h.s.Failure.Message, "broken")
	})
}

func TestSaga_UndoesAStepWhoseOutputsDoNotApply(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		a := undoable("a")
		a.out = func(*data, value) { panic("broken") }
		return block(saga("s", a))
	}, func(_ *testing.T, h *host) {
		h.done("a")
		h.done("undo a")
		h.is(instance.Terminated)
	})
}

func TestSaga_ThatIsEmptyAfterAFailureIsUndoneInTheSameTransition(t *testing.T) {
	t.Parallel()
	h := live(t, saga("outer", saga("inner", step("a"))).compensate(), step("b"))
	h.fail("a")
	h.done("b")
	h.is(instance.Complete)
}
