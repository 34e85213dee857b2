package engine_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/instance"
)

// after holds once the outputs of a body are applied.
func after(label string) func(d *data) bool {
	return func(d *data) bool { return slices.Contains(d.Log, label) }
}

// panics fails once the outputs of a body are applied.
func panics(label string) func(d *data) bool {
	return func(d *data) bool {
		if slices.Contains(d.Log, label) {
			d.Log = nil
			panic("broken")
		}
		return false
	}
}

func TestCancelWhen_IsAskedOnEntry(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(step("a").cancelWhen(yes).proceed(), saga("s", undoable("b")).cancelWhen(yes).proceed().compensate(step("own")),
			step("c").cancelWhen(no), parallel("p", block(step("d").cancelWhen(yes), step("never")), block(step("e"))), step("f"))
	}, func(t *testing.T, h *host) {
		h.done("c")
		require.Equal(t, []string{"e"}, h.running())
		h.done("e", "f")
		h.is(instance.Complete)
	})
}

func TestCancelWhen_WithoutProceedEndsTheBranchAndAtTheTopTheInstance(t *testing.T) {
	t.Parallel()
	play(t, func() []*node { return block(step("a"), step("b").cancelWhen(after("a")), step("c")) }, func(t *testing.T, h *host) {
		h.done("a")
		h.is(instance.Complete)
		require.Equal(t, []string{"a"}, h.ran)
	})
}

func TestCancelWhen_IsAskedWheneverTheDataHaveChanged(t *testing.T) {
	t.Parallel()
	for name, n := range map[string]func() *node{
		"a step":          func() *node { return step("x") },
		"a wait":          func() *node { return await("x", "event") },
		"a delay":         func() *node { return delay("x", time.Hour) },
		"a schedule":      func() *node { return scheduleAfter("x", time.Hour, step("y")) },
		"a recur":         func() *node { return recur("x", time.Hour, no) },
		"a while":         func() *node { return while("x", yes, step("y")) },
		"an if":           func() *node { return when("x", yes).then(delay("y", time.Hour), step("z")) },
		"a decide":        func() *node { return decide("x").of("case", yes, await("y", "event")) },
		"a loop":          func() *node { return each("x", list(5), step("y")).limit(2) },
		"a parallel":      func() *node { return parallel("x", block(step("y")), block(step("z")), block()) },
		"a saga":          func() *node { return saga("x", step("y")) },
		"a child":         func() *node { return child("x") },
		"nested deeply":   func() *node { return saga("x", parallel("p", block(each("e", list(2), saga("s", step("y")))))) },
		"a later attempt": func() *node { return step("x").retry(retries(9, definition.Default)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play(t, func() []*node {
				return block(parallel("both", block(step("a"), step("b")), block(n().cancelWhen(after("a")).proceed(), step("next"))), step("last"))
			}, func(t *testing.T, h *host) {
				if name == "a later attempt" {
					h.fail("x")
				}
				inside := slices.DeleteFunc(h.running(), func(l string) bool { return l == "a" })
				h.done("a")
				for _, l := range inside {
					h.stopped(l, false)
				}
				if name == "a child" {
					h.stopChild()
				}
				require.Equal(t, []string{"b", "next"}, h.running())
				require.Empty(t, h.timers)
				require.Empty(t, h.waits)
				h.done("b", "next", "last")
				h.is(instance.Complete)
			})
		})
	}
}

// stopChild tells the parent that the child that it has recalled is terminated.
func (h *host) stopChild() {
	p := h.pointer("x")
	require.Equal(h.t, instance.Stopping, p.Status)
	h.apply(instance.Input{Kind: instance.ChildEnded, Ptr: p.ID, Gen: p.Gen, Err: &instance.StepError{Message: "terminated"}})
}

func TestCancelWhen_ANodeThatEndsWithTheChangeIsNotAsked(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(saga("outer", saga("s", when("if", yes).then(undoable("a").cancelWhen(after("a"))).cancelWhen(after("a"))).cancelWhen(after("a")),
			step("b")))
	}, func(t *testing.T, h *host) {
		h.done("a", "b")
		h.is(instance.Complete)
	})
}

func TestCancelWhen_NothingBeginsThatTheChangeCancels(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(when("if", yes).then(set("set", func(d *data) { d.Log = append(d.Log, "set") }), step("a")).cancelWhen(after("set")).proceed(), step("b"))
	}, func(t *testing.T, h *host) {
		require.Equal(t, []string{"b"}, h.ran)
		h.done("b")
		h.is(instance.Complete)
	})
}

func TestCancelWhen_ABodyThatSucceedsAllTheSameCountsAsCompleted(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(saga("s", parallel("p", block(step("a")), block(undoable("x").cancelWhen(after("a")), step("never"))), step("f").retry(once(definition.Default))))
	}, func(t *testing.T, h *host) {
		h.done("a")
		require.Equal(t, []string{"x"}, h.told)
		h.done("x")
		require.Equal(t, []string{"a", "x"}, h.log())
		h.fail("f")
		require.Equal(t, `{"in":"x","out":"x"}`, string(h.run("undo x").Input))
		h.done("undo x")
		h.is(instance.Terminated)
	})
}

func TestCancelWhen_ABodyIsAwaitedForTheGraceAndItsSagaUndoesItInPart(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(saga("s", parallel("p", block(step("a")), block(undoable("x").cancelWhen(after("a")).proceed(), step("y"))), step("f").retry(once(definition.Default))))
	}, func(t *testing.T, h *host) {
		h.done("a")
		require.Equal(t, map[string]time.Duration{"x": grace}, h.wakes())
		h.wake()
		require.Contains(t, h.running(), "y")
		h.done("y")
		h.fail("f")
		require.Equal(t, `{"in":"x"}`, string(h.run("undo x").Input))
		h.done("undo x")
		h.is(instance.Terminated)
	})
}

func TestCancelWhen_ABodyThatNeverBeganIsNotUndone(t *testing.T) {
	t.Parallel()
	h := live(t, saga("s", parallel("p", block(step("a")), block(undoable("x").cancelWhen(after("a")))), step("f").retry(once(definition.Default))))
	h.done("a")
	h.stopped("x", true)
	h.fail("f")
	h.is(instance.Terminated)
}

func TestCancelWhen_RollsBackASagaAndGoesOnPastItsPolicy(t *testing.T) {
	t.Parallel()
	for _, then := range []definition.Action{definition.Default, definition.Suspend, definition.Terminate} {
		play(t, func() []*node {
			return block(parallel("both", block(step("a")),
				block(saga("s", undoable("x"), saga("inner", undoable("y")).compensate(step("inner own")), undoable("z")).compensate(step("own")).
					retry(retries(2, then)).cancelWhen(after("a")).proceed(), step("next"))))
		}, func(t *testing.T, h *host) {
			h.done("x", "y", "a")
			h.stopped("z", false)
			for _, l := range []string{"undo z", "undo y", "inner own", "undo x", "own", "next"} {
				require.Equal(t, []string{l}, h.running())
				h.done(l)
			}
			h.is(instance.Complete)
		})
	}
}

func TestCancelWhen_OpenSagasInsideAreRolledBackAndEntriesOutsideThemStay(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(saga("outer", parallel("both", block(step("a")),
			block(parallel("p", block(undoable("loose"), delay("d", time.Hour)), block(saga("s", undoable("x"), undoable("y")))).cancelWhen(after("a")).proceed(), step("next"))),
			step("f").retry(once(definition.Default))))
	}, func(t *testing.T, h *host) {
		h.done("x", "loose", "a")
		require.Equal(t, []string{"y"}, h.running())
		h.stopped("y", false)
		h.done("undo y", "undo x")
		require.Equal(t, []string{"next"}, h.running(), "what no saga inside contains is undone by the one around it, if that fails")
		h.done("next")
		h.fail("f")
		h.done("undo loose")
		h.is(instance.Terminated)
	})
}

func TestCancelWhen_ARollbackInProgressInsideIsEndedFirst(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(parallel("both", block(step("a")),
			block(when("if", yes).then(saga("s", undoable("x"), step("y").retry(once(definition.Default))).compensate(step("own")), step("never")).
				cancelWhen(after("a")).proceed(), step("next"))))
	}, func(t *testing.T, h *host) {
		h.done("x")
		h.fail("y")
		h.done("a")
		require.Equal(t, []string{"undo x"}, h.running())
		h.done("undo x", "own", "next")
		h.is(instance.Complete)
	})
}

func TestCancelWhen_ASagaThatRollsBackIsNotAsked(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(parallel("both", block(step("a")),
			block(saga("s", undoable("x"), step("y").retry(once(definition.Default))).compensate().cancelWhen(after("a")), step("next"))))
	}, func(t *testing.T, h *host) {
		h.done("x")
		h.fail("y")
		h.done("a", "undo x")
		require.Equal(t, []string{"next"}, h.running(), "its own compensation has handled the failure")
		h.done("next")
		h.is(instance.Complete)
	})
}

func TestCancelWhen_ASagaBetweenTwoRoundsHasNothingToUndo(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(parallel("both", block(step("a")),
			block(saga("s", undoable("x"), step("y").retry(once(definition.Default))).compensate(step("own")).retry(retries(5, definition.Default)).
				cancelWhen(after("a")).proceed(), step("next"))))
	}, func(t *testing.T, h *host) {
		h.done("x")
		h.fail("y")
		h.done("undo x", "own")
		require.Len(t, h.timers, 1)
		h.done("a")
		require.Equal(t, []string{"next"}, h.running())
		require.Empty(t, h.timers)
		h.done("next")
		h.is(instance.Complete)
	})
}

func TestCancelWhen_InACompensationEndsItsBranchAlone(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(saga("s", undoable("x"), step("y").retry(once(definition.Default))).
			compensate(step("own1"), step("own2").cancelWhen(after("own1")), step("own3")), step("next"))
	}, func(t *testing.T, h *host) {
		h.done("x")
		h.fail("y")
		h.done("undo x", "own1", "next")
		h.is(instance.Complete)
	})
}

func TestCancelWhen_TheFailureOfTheSagaAroundItGoesBeforeIt(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(saga("s", parallel("p", block(step("a"), step("f").retry(once(definition.Default))),
			block(parallel("q", block(undoable("x"))).cancelWhen(after("a")).proceed(), step("never")))))
	}, func(t *testing.T, h *host) {
		h.done("a")
		h.fail("f")
		require.Equal(t, []string{"x"}, h.running(), "it is awaited once")
		h.stopped("x", false)
		h.done("undo x")
		h.is(instance.Terminated)
	})
}

func TestCancelWhen_InsideOneThatIsCancelledIsNotAsked(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(parallel("both", block(step("a")),
			block(parallel("p", block(when("if", yes).then(step("x")).cancelWhen(after("a")).proceed(), step("never"))).
				cancelWhen(after("a")).proceed(), step("next"))))
	}, func(t *testing.T, h *host) {
		h.done("a")
		h.stopped("x", false)
		h.done("next")
		h.is(instance.Complete)
	})
}

func TestCancelWhen_InsideAndOutsideEndOneAfterTheOther(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(parallel("both", block(step("a"), step("b")),
			block(parallel("p", block(parallel("q", block(step("x")), block(step("y"))).cancelWhen(after("a")).proceed(), step("never"))).
				cancelWhen(after("b")).proceed(), step("next"))))
	}, func(t *testing.T, h *host) {
		h.done("a", "b")
		h.stopped("x", false)
		require.Equal(t, []string{"y"}, h.running())
		h.stopped("y", false)
		h.done("next")
		h.is(instance.Complete)
	})
}

func TestCancelWhen_OfABranchOfALoopIsReplacedByTheNextElement(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(each("each", list(4), step("a"), step("b").cancelWhen(after("a[1]")), step("c")).limit(2), step("last"))
	}, func(t *testing.T, h *host) {
		h.done("a[0]")
		require.Equal(t, []string{"a[1]", "b[0]"}, h.running())
		h.done("a[1]") // its b is not begun, the other one is stopped
		require.Equal(t, []string{"a[2]", "b[0]"}, h.running())
		h.stopped("b[0]", false)
		h.done("a[2]", "a[3]", "last")
		h.is(instance.Complete)
		require.Empty(t, h.cells)
	})
}

func TestCancelWhen_AJoinCountsWhatIsCancelledAsEnded(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(parallel("p", block(step("a")), block(step("x").cancelWhen(after("a")), step("never")), block(step("y"))), step("last"))
	}, func(t *testing.T, h *host) {
		h.done("a")
		h.stopped("x", false)
		require.Equal(t, []string{"y"}, h.running())
		h.done("y", "last")
		h.is(instance.Complete)
	})
}

func TestCancelWhen_IsNotAskedWhileTheInstanceIsSuspended(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(parallel("p", block(step("a")), block(await("x", "event").cancelWhen(after("a")).proceed(), step("next"))))
	}, func(t *testing.T, h *host) {
		h.command(instance.Suspend)
		h.done("a")
		require.Len(t, h.waits, 1)
		h.resume()
		require.Equal(t, []string{"next"}, h.running())
		h.done("next")
		h.is(instance.Complete)
	})
}

func TestCancelWhen_WhatCameWhileSuspendedIsTakenFirst(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(parallel("p", block(step("a")), block(step("x").cancelWhen(after("a")), step("next"))))
	}, func(t *testing.T, h *host) {
		h.command(instance.Suspend)
		h.done("a", "x")
		h.resume()
		require.Equal(t, []string{"a", "x"}, h.log())
		require.Equal(t, []string{"next"}, h.running(), "it has completed")
		h.done("next")
		h.is(instance.Complete)
	})
}

func TestCancelWhen_StopsAreAwaitedOverASuspend(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(parallel("p", block(step("a")), block(parallel("q", block(step("x"))).cancelWhen(after("a")).proceed(), step("next"))))
	}, func(t *testing.T, h *host) {
		h.done("a")
		h.command(instance.Suspend)
		h.stopped("x", false)
		require.Empty(t, h.running())
		h.resume()
		h.done("next")
		h.is(instance.Complete)
	})
}

func TestCancelWhen_ACancelOfTheInstanceGoesOn(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(saga("s", parallel("p", block(step("a")), block(parallel("q", block(undoable("x"))).cancelWhen(after("a")).proceed(), step("never")))))
	}, func(t *testing.T, h *host) {
		h.done("a")
		h.command(instance.Cancel)
		h.stopped("x", false)
		h.done("undo x")
		h.is(instance.Terminated)
		require.Equal(t, instance.ReasonCancelled, h.s.Reason)
	})
}

func TestCancelWhen_ThatPanicsFailsItsNodeWithoutARetryAndLeavesTheData(t *testing.T) {
	t.Parallel()
	t.Run("outside a saga it is suspended, and Resume begins the node again", func(t *testing.T) {
		t.Parallel()
		play(t, func() []*node {
			broken := true
			return block(parallel("p", block(step("a")), block(parallel("q", block(step("x")), block(step("y"))).cancelWhen(func(d *data) bool {
				if broken && slices.Contains(d.Log, "a") {
					d.Log = nil
					if len(d.Flags) == 0 {
						broken = false
					}
					panic("broken")
				}
				return false
			}), step("next"))))
		}, func(t *testing.T, h *host) {
			h.done("a")
			h.stopped("x", false)
			h.is(instance.Runnable)
			h.stopped("y", false)
			h.is(instance.Suspended)
			require.Contains(t, h.s.Failure.Message, "the condition that cancels it: panic: broken")
			require.Equal(t, "q", h.s.Failure.Node)
			require.Equal(t, []string{"a"}, h.log())
			h.resume()
			h.done("x", "y", "next")
			h.is(instance.Complete)
		})
	})
	t.Run("inside a saga that is rolled back", func(t *testing.T) {
		t.Parallel()
		play(t, func() []*node {
			return block(saga("s", undoable("a"), undoable("x").retry(retries(9, definition.Default)).cancelWhen(panics("a"))))
		}, func(t *testing.T, h *host) {
			h.done("a")
			h.done("undo a")
			h.is(instance.Terminated)
			require.Equal(t, []string{"a", "x"}, append(h.ran[:1:1], h.s.Failure.Node))
		})
	})
	t.Run("a body that runs is awaited, and undone once", func(t *testing.T) {
		t.Parallel()
		for _, completes := range []bool{false, true} {
			play(t, func() []*node {
				return block(saga("s", parallel("p", block(step("a")), block(undoable("x").retry(retries(9, definition.Default)).cancelWhen(panics("a")), step("next")))))
			}, func(t *testing.T, h *host) {
				h.done("a")
				if completes {
					h.done("x", "next")
					h.is(instance.Complete)
					return
				}
				h.stopped("x", false)
				require.Equal(t, []string{"x in part"}, h.left())
				h.done("undo x")
				h.is(instance.Terminated)
			})
		}
	})
	t.Run("a saga is rolled back and does not run again by its policy", func(t *testing.T) {
		t.Parallel()
		play(t, func() []*node {
			return block(parallel("p", block(step("a")), block(saga("s", undoable("x"), step("y")).retry(retries(9, definition.Suspend)).cancelWhen(panics("a")))))
		}, func(t *testing.T, h *host) {
			h.done("x", "a")
			h.stopped("y", false)
			h.done("undo x")
			h.is(instance.Suspended)
		})
	})
}

func TestCancelWhen_IsInTheHistory(t *testing.T) {
	t.Parallel()
	h := live(t, parallel("p", block(step("a")), block(when("if", yes).then(step("x")).cancelWhen(after("a")))))
	h.done("a")
	require.Equal(t, []string{"started", "step started a", "step started x", "step completed a", "cancelled if", "cancelled x"}, h.history())
}

func TestCancelWhen_IsAskedOnlyWhereItsNodeIsLive(t *testing.T) {
	t.Parallel()
	h := live(t, step("a"), when("if", yes).then(step("x"), step("y")).cancelWhen(no), each("each", list(50), step("b"), step("c")))
	require.Zero(t, h.prog.asked)
	h.done("a")
	require.Equal(t, 1, h.prog.asked, "on entry")
	h.done("x")
	require.Equal(t, 2, h.prog.asked, "after a change")
	h.done("y")
	for len(h.bodies) > 0 {
		h.done(h.running()[0])
	}
	h.is(instance.Complete)
	require.Equal(t, 2, h.prog.asked)
}
