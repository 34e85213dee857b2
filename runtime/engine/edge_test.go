package engine_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/engine"
	"github.com/wfegen/wfe/runtime/instance"
)

// behind gives a node code behind it.
func (n *node) behind(code func(sc engine.Scope) int, exits ...definition.Exit) *node {
	n.after, n.Exits = code, exits
	return n
}

// at gives a block of a node code at its beginning.
func (n *node) at(block int, code func(sc engine.Scope) int, exits ...definition.Exit) *node {
	n.Blocks[block].Exits = exits
	if n.first == nil {
		n.first = map[int]func(sc engine.Scope) int{}
	}
	n.first[block] = code
	return n
}

func call(name string, block ...*node) *node {
	n := &node{}
	n.ID, n.Kind = name, definition.Call
	return n.block("", block)
}

func undoBy(name string, block ...*node) *node {
	n := &node{}
	n.ID, n.Kind = name, definition.Undo
	return n.compensate(block...)
}

// fails is code on an edge that notes that it runs, and fails by the exit failing.
func fails(sc engine.Scope) int {
	d := sc.Data.(*data)
	d.Log = append(d.Log, "code")
	return 1
}

var failing = definition.Exit{Node: definition.None, Fail: "f"}

// try is a saga that notes its failure.
func try(name string, body ...*node) *node {
	n := saga(name, body...)
	n.Catch, n.catch = true, func(d *data, why *instance.Failure) { d.Log = append(d.Log, why.Message) }
	return n
}

// trap is code on an edge that fails as long as it is set.
type trap struct{ set bool }

func (x *trap) code(sc engine.Scope) int {
	d := sc.Data.(*data)
	d.Log = append(d.Log, "code")
	if x.set {
		panic("trap")
	}
	return 0
}

// trapped are functions with a trap on each sort of edge, all in a saga, behind the
// undoable step a. Where step is set the trap is behind, or before, that.
func trapped(x *trap) map[string]func() []*node {
	in := func(body ...*node) func() []*node {
		return func() []*node { return block(saga("s", append(block(undoable("a")), body...)...)) }
	}
	return map[string]func() []*node{
		"behind a step":      in(undoable("b").behind(x.code).onError(definition.Suspend)),
		"before a step":      in(call("c", undoable("b").onError(definition.Suspend)).at(0, x.code)),
		"behind a container": in(call("c", undoable("b")).behind(x.code).onError(definition.Suspend)),
		"behind a saga":      in(saga("inner", undoable("b")).compensate(step("own")), call("c").behind(x.code).onError(definition.Suspend)),
		"in an empty block":  in(undoable("b"), call("c").at(0, x.code).onError(definition.Suspend)),
		"behind a round": in(func() *node {
			n := while("w", yes, undoable("b")).onError(definition.Suspend)
			n.turn = func(d *data) { x.code(engine.Scope{Data: d}) }
			return n
		}()),
		"behind an event":       in(undoable("b"), await("e", "paid").behind(x.code).onError(definition.Suspend)),
		"before parallel steps": in(undoable("b"), parallel("p", block(step("x").onError(definition.Suspend)), block(step("y"))).at(0, x.code)),
	}
}

// reach brings an instance to its trap.
func reach(h *host) {
	h.done("a")
	for len(h.running()) > 0 && h.s.Status == instance.Runnable {
		h.done(h.running()[0])
	}
	if len(h.waits) > 0 {
		h.publish("paid", "key", `{}`)
	}
	h.is(instance.Suspended)
	require.Contains(h.t, h.s.Failure.Message, "panic: trap")
	require.NotContains(h.t, h.log(), "code")
}

func TestEdge_ThatFailedIsCancelledWithAllThatIsAround(t *testing.T) {
	t.Parallel()
	for name := range trapped(nil) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := &trap{set: true}
			play(t, trapped(x)[name], func(t *testing.T, h *host) {
				reach(h)
				h.command(instance.Cancel)
				var undone []string
				for len(h.running()) > 0 {
					label := h.running()[0]
					undone = append(undone, label)
					h.done(label)
				}
				h.is(instance.Terminated)
				require.Equal(t, "undo a", undone[len(undone)-1])
				require.LessOrEqual(t, len(undone), 3)
			})
		})
	}
}

func TestEdge_ThatFailedIsTerminatedAndWhatWasDoneIsLeftWhole(t *testing.T) {
	t.Parallel()
	for name := range trapped(nil) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := &trap{set: true}
			play(t, trapped(x)[name], func(t *testing.T, h *host) {
				reach(h)
				h.command(instance.Terminate)
				h.is(instance.Terminated)
				require.NotEmpty(t, h.s.Undo)
				for _, u := range h.s.Undo {
					require.False(t, u.InPart, "node %d", u.Node)
				}
			})
		})
	}
}

func TestEdge_ThatFailedGoesOnFromThereOnResume(t *testing.T) {
	t.Parallel()
	for name := range trapped(nil) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if name == "behind a round" {
				return // it has no end
			}
			x := &trap{}
			for _, crashes := range []bool{false, true} {
				h := newHost(t, compile(t, trapped(x)[name]()...))
				x.set, h.crashes = true, crashes
				h.start(data{})
				reach(h)
				ran := len(h.ran)
				h.resume()
				h.is(instance.Suspended)
				require.Len(t, h.ran, ran, "a node ran again")
				x.set = false
				h.resume()
				for len(h.running()) > 0 {
					h.done(h.running()[0])
				}
				h.is(instance.Complete)
				require.Equal(t, 1, count(h.log(), "code"))
			}
		})
	}
}

func count(list []string, s string) (n int) {
	for _, v := range list {
		if v == s {
			n++
		}
	}
	return n
}

func TestEdge_ThatFailedIsWithdrawnWithWhatIsAround(t *testing.T) {
	t.Parallel()
	for name := range trapped(nil) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			gone := false
			x := &trap{set: true}
			h := newHost(t, compile(t, append(trapped(x)[name](), step("after"))...))
			h.prog.nodes[0].cancelWhen(func(*data) bool { return gone })
			h.prog.Definition.Nodes[0].Cancel = true
			h.prog.nodes[0].proceed()
			h.prog.Definition.Nodes[0].Proceed = true
			h.start(data{})
			reach(h)
			gone = true
			h.resume()
			var undone []string
			for h.running()[0] != "after" {
				undone = append(undone, h.running()[0])
				h.done(h.running()[0])
			}
			require.Equal(t, "undo a", undone[len(undone)-1])
			require.NotContains(t, h.log(), "code")
			gone = false
			h.done("after")
			h.is(instance.Complete)
		})
	}
}

func TestEdge_IsNotRunWhileTheInstanceIsSuspended(t *testing.T) {
	t.Parallel()
	x := &trap{}
	play(t, func() []*node { return block(step("a").behind(x.code), call("c", step("b")).at(0, x.code)) }, func(t *testing.T, h *host) {
		h.command(instance.Suspend)
		h.done("a")
		require.Empty(t, h.log())
		h.resume()
		require.Equal(t, []string{"a", "code", "code"}, h.log())
		h.done("b")
		h.is(instance.Complete)
	})
}

func TestEdge_ThatFailsLeavesOtherInputsOfTheTransition(t *testing.T) {
	t.Parallel()
	large := make([]string, 200)
	for i := range large {
		large[i] = fmt.Sprintf("line %08d", i)
	}
	x := &trap{set: true}
	h := newHost(t, compile(t, parallel("p", block(step("a").behind(x.code)), block(step("b"), step("c")))))
	h.start(data{List: large})
	h.apply(h.result("b", instance.Input{Kind: instance.StepDone}), h.result("a", instance.Input{Kind: instance.StepDone}))
	h.is(instance.Suspended)
	require.Equal(t, []string{"b", "a"}, h.log())
	x.set = false
	h.resume()
	require.Equal(t, []string{"b", "a", "code"}, h.log())
}

func TestExit_ThatIsNoneIsAnErrorOfTheNode(t *testing.T) {
	t.Parallel()
	h := live(t, step("a").behind(func(engine.Scope) int { return 1 }))
	h.done("a")
	h.is(instance.Suspended)
	require.Equal(t, "its code leaves by exit 1, and there are 0", h.s.Failure.Message)
}

func TestExit_LeavesAnOuterLoopAndAllThatIsInIt(t *testing.T) {
	t.Parallel()
	// for each of 2 { while { if { a; exit: continue the loop } } never } after
	out := func(engine.Scope) int { return 1 }
	nodes := func() []*node {
		return block(each("each", func(*data) []string { return []string{"x", "y"} }, while("w", yes, when("if", yes).then(step("a").behind(out, definition.Exit{Node: 0}))), step("never")).sequential(), step("after"))
	}
	play(t, nodes, func(t *testing.T, h *host) {
		h.done("a[0]", "a[1]", "after")
		h.is(instance.Complete)
		require.Equal(t, []string{"a[0]", "a[1]", "after"}, h.log())
	})
}

func TestExit_EndsTheInstanceAndStopsWhatElseRuns(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(when("if", yes).then(step("a").behind(func(engine.Scope) int { return 1 }, definition.Exit{Node: definition.None})), step("never"))
	}, func(t *testing.T, h *host) {
		h.done("a")
		h.is(instance.Complete)
		require.Equal(t, []string{"a"}, h.log())
	})
}

func TestUndo_IsRecordedWhereItIsReachedAndRunsInOrder(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(try("t", undoable("a"), undoBy("u", step("release")), undoable("b"), step("fails")), step("after"))
	}, func(t *testing.T, h *host) {
		h.done("a", "b")
		h.failWith("fails", instance.StepError{Message: "no", Permanent: true})
		h.done("undo b", "release", "undo a")
		require.Equal(t, []string{"after"}, h.running())
		require.Equal(t, []string{"a", "b", "release", "no"}, h.log())
	})
}

func TestUndo_ThatIsDroppedWhenTheSagaCompletes(t *testing.T) {
	t.Parallel()
	play(t, func() []*node { return block(saga("s", undoBy("u", step("release"))), step("after")) }, func(t *testing.T, h *host) {
		require.Equal(t, []string{"after"}, h.running())
		require.Empty(t, h.s.Undo)
	})
}

func TestFail_InsideACompensationSuspends(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(try("t", undoBy("u").at(0, fails, failing), undoBy("v", call("c").at(0, fails, failing)), step("fails")))
	}, func(t *testing.T, h *host) {
		h.failWith("fails", instance.StepError{Permanent: true})
		for range 3 {
			h.is(instance.Suspended)
			require.Equal(t, "no way", h.s.Failure.Message)
			require.Empty(t, h.log(), "what the code has changed is taken back, for it runs again")
			h.resume()
		}
	})
}

func TestFail_RollsBackTheSagaAroundAndKeepsWhatItsCodeHasWritten(t *testing.T) {
	t.Parallel()
	in := func(body ...*node) func() []*node {
		return func() []*node { return block(saga("s", append(block(undoable("a")), body...)...)) }
	}
	for name, nodes := range map[string]func() []*node{
		"behind a step":      in(step("b").behind(fails, failing).onError(definition.Suspend)),
		"before a step":      in(call("c", step("never")).at(0, fails, failing)),
		"behind a container": in(call("c", step("b")).behind(fails, failing)),
		"behind a saga":      in(saga("inner", step("b")).compensate(step("own")), call("c").behind(fails, failing)),
		"in an empty block":  in(step("b"), call("c").at(0, fails, failing)),
		"in an empty saga":   in(step("b"), saga("inner").at(0, fails, failing)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play(t, nodes, func(t *testing.T, h *host) {
				h.done("a")
				if slices.Contains(h.running(), "b") {
					h.done("b")
				}
				require.Equal(t, "code", h.log()[len(h.log())-1])
				for len(h.running()) > 0 {
					require.Contains(t, []string{"undo a", "own"}, h.running()[0])
					h.done(h.running()[0])
				}
				h.ended(instance.Terminated, instance.ReasonFailed)
				require.Equal(t, "f", h.s.Failure.Node)
				require.Empty(t, h.s.Failure.Step)
				require.Equal(t, "no way", h.s.Failure.Message)
				require.Equal(t, "here.go:7", h.s.Failure.Position)
				require.EqualValues(t, 1, h.s.Failure.Attempt)
			})
		})
	}
}

func TestFail_OutsideOfASagaTerminates(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(step("a").behind(fails, failing).onError(definition.Suspend), step("never"))
	}, func(t *testing.T, h *host) {
		h.done("a")
		h.ended(instance.Terminated, instance.ReasonFailed)
		require.Equal(t, "code", h.log()[len(h.log())-1])
	})
}

func TestFail_AloneInATryIsCaughtByIt(t *testing.T) {
	t.Parallel()
	for name, nodes := range map[string]func() []*node{
		"at the top": func() []*node { return block(try("t").at(0, fails, failing), step("next")) },
		"in a compensation": func() []*node {
			return block(saga("s", undoBy("u", try("t").at(0, fails, failing), step("next")), step("bad")))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play(t, nodes, func(t *testing.T, h *host) {
				if slices.Contains(h.running(), "bad") {
					h.failWith("bad", instance.StepError{Message: "bad", Permanent: true})
				}
				require.Equal(t, []string{"code", "no way"}, h.log())
				require.Equal(t, []string{"next"}, h.running())
			})
		})
	}
}

func TestEdge_ThatPanicsInASagaKeepsWhatItHasWritten(t *testing.T) {
	t.Parallel()
	for name, nodes := range map[string]func(x *trap) []*node{
		"behind a step":     func(x *trap) []*node { return block(undoable("a").behind(x.code)) },
		"before a step":     func(x *trap) []*node { return block(undoable("a"), call("c", step("b")).at(0, x.code)) },
		"in an empty block": func(x *trap) []*node { return block(undoable("a"), call("c").at(0, x.code)) },
		"in a branch": func(x *trap) []*node {
			return block(undoable("a"), parallel("p", block(step("x")), block(call("c").at(0, x.code), step("y"))))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play(t, func() []*node { return block(try("s", nodes(&trap{set: true})...), step("after")) }, func(t *testing.T, h *host) {
				h.done("a")
				if len(h.running()) > 0 && h.running()[0] == "x" {
					h.done("x")
				}
				h.done("undo a")
				require.Equal(t, []string{"after"}, h.running())
				require.Contains(t, h.log(), "code")
				require.Regexp(t, "^panic: trap", h.log()[len(h.log())-1])
			})
		})
	}
}

func TestTry_WhoseCatchFailsIsAFailureOfTheSagaAround(t *testing.T) {
	t.Parallel()
	fails := true
	nodes := func() []*node {
		inner := try("inner", undoable("a"), step("bad"))
		inner.catch = func(d *data, why *instance.Failure) {
			if fails {
				panic(errors.New("not now"))
			}
			d.Log = append(d.Log, why.Message)
		}
		return block(try("outer", undoable("first"), inner), step("after"))
	}
	play(t, nodes, func(t *testing.T, h *host) {
		h.done("first", "a")
		h.failWith("bad", instance.StepError{Message: "bad", Permanent: true})
		h.done("undo a", "undo first")
		require.Equal(t, []string{"after"}, h.running())
		require.Contains(t, h.log()[2], "panic: not now")
	})
}

func TestTry_KeepsItsFailureWhileWhatTakesItFails(t *testing.T) {
	t.Parallel()
	for _, crashes := range []bool{false, true} {
		fails := true
		n := try("t", step("bad"))
		n.catch = func(d *data, why *instance.Failure) {
			if fails {
				panic("not now")
			}
			d.Log = append(d.Log, why.Message)
		}
		h := newHost(t, compile(t, n))
		h.crashes = crashes
		h.start(data{})
		h.failWith("bad", instance.StepError{Message: "the cause", Permanent: true})
		h.is(instance.Suspended)
		h.resume()
		fails = false
		h.resume()
		h.is(instance.Complete)
		require.Equal(t, []string{"the cause"}, h.log())
	}
}

func TestFrame_IsCarriedOnAndDiesWithItsRound(t *testing.T) {
	t.Parallel()
	count := func(sc engine.Scope) int {
		it := &sc.Items[len(sc.Items)-1]
		d := sc.Data.(*data)
		d.Log = append(d.Log, string(it.Vars))
		it.Vars = append([]byte(nil), append(it.Vars, 'x')...)
		return 0
	}
	nodes := func() []*node {
		w := while("w", func(d *data) bool { return len(d.Log) < 8 }, step("a").behind(count), delay("d", time.Hour).behind(count))
		w.Blocks[0].Frame = true
		return block(w)
	}
	play(t, nodes, func(t *testing.T, h *host) {
		for range 3 {
			if h.s.Status == instance.Complete {
				break
			}
			h.done("a")
			h.wake()
		}
		h.is(instance.Complete)
		require.Equal(t, []string{"a", "", "x", "a", "", "x", "a", "", "x"}, h.log())
	})
}

func TestFrame_ThatIsTooLargeIsAnErrorAndChangesNothing(t *testing.T) {
	t.Parallel()
	w := while("w", yes, step("a").behind(func(sc engine.Scope) int {
		sc.Items[0].Vars = make([]byte, engine.MaxPayload+1)
		sc.Data.(*data).Log = nil
		return 0
	}))
	w.Blocks[0].Frame = true
	h := live(t, w)
	h.done("a")
	h.is(instance.Suspended)
	require.Contains(t, h.s.Failure.Message, "the variables of a round or an element would be 1048577 bytes; at most 1048576 are allowed")
	require.Equal(t, []string{"a"}, h.log())
}

func TestEdge_BehindASagaThatFailsHandsOnWhatTheSagaDidOnce(t *testing.T) {
	t.Parallel()
	x := &trap{set: true}
	play(t, func() []*node {
		return block(try("s", undoable("a"), saga("inner", undoable("b")).compensate(step("own")).behind(x.code)))
	}, func(t *testing.T, h *host) {
		h.done("a", "b", "undo b", "own", "undo a")
		h.is(instance.Complete)
	})
}

func TestEdge_OfASagasOwnCompensationIsNeverSkipped(t *testing.T) {
	t.Parallel()
	for _, crashes := range []bool{false, true} {
		x := &trap{set: true}
		h := newHost(t, compile(t, saga("s", undoable("a"), saga("inner", undoable("b"), step("bad")).compensate().at(1, x.code))))
		h.crashes = crashes
		h.start(data{})
		h.done("a", "b")
		h.failWith("bad", instance.StepError{Message: "bad", Permanent: true})
		h.done("undo b")
		h.is(instance.Suspended)
		h.command(instance.Cancel)
		h.is(instance.Suspended) // it has failed again
		x.set = false
		h.resume()
		require.Equal(t, 1, count(h.log(), "code"))
		h.done("undo a")
		h.is(instance.Terminated)
	}
}

func TestEdge_OfASagasOwnCompensationKeepsWhyItWasRolledBack(t *testing.T) {
	t.Parallel()
	for _, crashes := range []bool{false, true} {
		x := &trap{set: true}
		n := try("t", step("bad"))
		n.compensate().at(1, x.code)
		h := newHost(t, compile(t, n))
		h.crashes = crashes
		h.start(data{})
		h.failWith("bad", instance.StepError{Message: "the cause", Permanent: true})
		h.is(instance.Suspended)
		x.set = false
		h.resume()
		h.is(instance.Complete)
		require.Contains(t, h.log(), "the cause")
	}
}

func TestEdge_OfANodeThatIsOverOrNotReachedIsNotCancelledByItsCondition(t *testing.T) {
	t.Parallel()
	for name, edge := range map[string]func(n *node, x *trap) *node{
		"behind": func(n *node, x *trap) *node { return call("c", n.behind(x.code)) },
		"before": func(n *node, x *trap) *node { return call("c", n).at(0, x.code) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x, gone := &trap{set: true}, false
			h := newHost(t, compile(t, edge(step("a").cancelWhen(func(*data) bool { return gone }), x), step("after")))
			h.start(data{})
			if name == "behind" {
				h.done("a")
			}
			h.is(instance.Suspended)
			x.set, gone = false, true
			h.resume()
			require.Equal(t, 1, count(h.log(), "code"))
			require.Equal(t, []string{"after"}, h.running())
		})
	}
}

func TestEdge_ThatCancelsTheNextNodeDoesSoBeforeItBegins(t *testing.T) {
	t.Parallel()
	cancel := func(sc engine.Scope) int {
		d := sc.Data.(*data)
		d.Log = append(d.Log, "cancel")
		return 0
	}
	holds := func(d *data) bool { return count(d.Log, "cancel") > 0 }
	for name, nodes := range map[string][]*node{
		"behind a node":         block(step("a").behind(cancel), step("b").cancelWhen(holds).proceed(), step("c")),
		"before a node":         block(step("a"), call("call", step("b").cancelWhen(holds).proceed()).at(0, cancel), step("c")),
		"before what is around": block(step("a"), call("call", step("b")).at(0, cancel).cancelWhen(holds).proceed(), step("c")),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := live(t, nodes...)
			h.done("a", "c")
			h.is(instance.Complete)
			require.Equal(t, []string{"a", "c"}, h.ran)
		})
	}
}
