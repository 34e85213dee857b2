package engine_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/engine"
	"github.com/wfegen/wfe/runtime/instance"
)

// child starts a workflow; its label goes into the child's data, the child's Out to the log.
func child(name string) *node {
	n := &node{in: func(*data, []string) string { return name }}
	n.ID, n.Kind, n.Workflow = name, definition.Child, "sub"
	n.out = func(d *data, v value) { d.Log = append(d.Log, v.Out) }
	return n
}

func (n *node) abandon() *node {
	n.Abandon = true
	return n
}

// started lists the ids of the children that were asked for, and terminated those
// that are not wanted any more.
func (h *host) started() (ids []string) {
	for _, m := range h.sent {
		if m.Start != nil {
			ids = append(ids, m.To)
		}
	}
	return ids
}

func (h *host) terminated() (ids []string) {
	for _, m := range h.sent {
		if m.Start == nil && m.Input.Kind == instance.Terminate {
			ids = append(ids, m.To)
		}
	}
	return ids
}

// childEnd is what the n-th child that was started tells; an empty result is a failure.
func (h *host) childEnd(n int, result string) instance.Input {
	seen := 0
	for _, m := range h.sent {
		if m.Start == nil {
			continue
		}
		if seen++; seen < n {
			continue
		}
		in := instance.Input{Kind: instance.ChildEnded, Ptr: m.Start.Parent.Ptr, Gen: m.Start.Parent.Gen, At: h.now}
		if result == "" {
			in.Err = &instance.StepError{Message: "child " + m.To + " is terminated (failed): it broke"}
			return in
		}
		body, err := json.Marshal(value{Out: result})
		require.NoError(h.t, err)
		in.Payload = body
		return in
	}
	require.FailNow(h.t, "no such child", "%d of %d", n, seen)
	return instance.Input{}
}

func (h *host) childEnds(n int, result string) { h.apply(h.childEnd(n, result)) }

func TestChild_IsStartedOnceWithItsDataAndHandsOnItsResult(t *testing.T) {
	t.Parallel()
	play(t, func() []*node { return block(child("ship"), step("after")) }, func(t *testing.T, h *host) {
		require.Len(t, h.sent, 1)
		m := h.sent[0]
		require.Equal(t, "i/1.1", m.To)
		require.JSONEq(t, `{"in":"ship"}`, string(m.Start.Data))
		require.Equal(t, "sub", m.Start.Workflow)
		require.Equal(t, instance.Parent{ID: "i", Ptr: 1, Gen: m.Start.Parent.Gen, Depth: 1}, m.Start.Parent)
		h.recover() // a crash asks for no second one
		h.childEnds(1, "shipped")
		h.childEnds(1, "shipped again") // told twice, taken once
		h.done("after")
		require.Equal(t, instance.Complete, h.s.Status)
		require.Equal(t, []string{"shipped", "after"}, h.data().Log)
		require.Len(t, h.sent, 1)
	})
}

func TestChild_ThatFailsIsAnErrorOfItsNodeWithoutARetry(t *testing.T) {
	t.Parallel()
	play(t, func() []*node { return block(child("ship")) }, func(t *testing.T, h *host) {
		h.childEnds(1, "")
		require.Equal(t, instance.Suspended, h.s.Status)
		require.Equal(t, "ship", h.s.Failure.Node)
		require.Equal(t, "child i/1.1 is terminated (failed): it broke", h.s.Failure.Message)
		h.resume()
		require.Equal(t, []string{"i/1.1", "i/1.2"}, h.started())
		h.childEnds(1, "late") // of the first child
		require.Equal(t, instance.Runnable, h.s.Status)
		h.childEnds(2, "shipped")
		require.Equal(t, []string{"shipped"}, h.data().Log)
	})
}

func TestChild_ARetryIsAnotherChildWithTheSameData(t *testing.T) {
	t.Parallel()
	policy := definition.RetryPolicy{MaxRetries: 2, Interval: time.Minute}
	play(t, func() []*node {
		ship := child("ship").retry(policy)
		ship.in = func(d *data, _ []string) string { return strings.Join(d.Log, " ") }
		return block(parallel("p", block(ship), block(step("a"))))
	}, func(t *testing.T, h *host) {
		h.done("a")
		h.childEnds(1, "")
		h.wake()
		h.childEnds(2, "")
		h.wake()
		require.Equal(t, []string{"i/2.1", "i/2.2", "i/2.3"}, h.started())
		require.Equal(t, h.sent[0].Start.Data, h.sent[2].Start.Data)
		h.childEnds(3, "")
		require.Equal(t, instance.Suspended, h.s.Status)
		require.EqualValues(t, 3, h.s.Failure.Attempt)
	})
}

func TestChild_ItsEndIsTakenOnceWhileTheParentIsSuspended(t *testing.T) {
	t.Parallel()
	play(t, func() []*node { return block(parallel("p", block(child("ship"), step("after")), block(step("a")))) }, func(t *testing.T, h *host) {
		h.fail("a")
		require.Equal(t, instance.Suspended, h.s.Status)
		require.Empty(t, h.terminated(), "children of a suspended parent go on")
		h.childEnds(1, "shipped")
		h.childEnds(1, "twice")
		require.Empty(t, h.data().Log)
		require.NotContains(t, h.ran, "after")
		h.resume()
		require.Equal(t, []string{"shipped"}, h.data().Log)
		require.Contains(t, h.ran, "after")
	})
}

func TestChild_IsTerminatedWithItsParentUnlessAbandoned(t *testing.T) {
	t.Parallel()
	for name, stop := range map[string]func(h *host){
		"Terminate": func(h *host) { h.command(instance.Terminate) },
		"End":       func(h *host) { h.done("a") },
		"failure":   func(h *host) { h.fail("b") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play(t, func() []*node {
				return block(parallel("p", block(child("own")), block(child("free").abandon()), block(step("a"), end("e")),
					block(step("b").onError(definition.Terminate))))
			}, func(t *testing.T, h *host) {
				require.Len(t, h.started(), 2)
				stop(h)
				require.True(t, h.s.Status.Ended())
				require.Equal(t, h.started()[:1], h.terminated())
			})
		})
	}
}

func TestChild_OfACancelledParentIsTerminatedAndAwaited(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(saga("s", undoable("a"), parallel("p", block(child("own")), block(child("free").abandon()))))
	}, func(t *testing.T, h *host) {
		h.done("a")
		h.command(instance.Cancel)
		require.Equal(t, h.started()[:1], h.terminated())
		require.NotContains(t, h.ran, "undo a", "the child has not ended yet")
		h.childEnds(1, "")
		h.done("undo a")
		require.Equal(t, instance.Terminated, h.s.Status)
		require.Equal(t, instance.ReasonCancelled, h.s.Reason)
	})
}

func TestChild_ThatDoesNotEndWithinTheGraceIsLeft(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(saga("s", undoable("a"), parallel("p", block(child("own")), block(step("b")))))
	}, func(t *testing.T, h *host) {
		h.done("a")
		h.fail("b")
		require.Len(t, h.terminated(), 1)
		h.wake()
		h.done("undo a")
		require.Equal(t, instance.Terminated, h.s.Status)
		require.Len(t, h.terminated(), 1)
	})
}

func TestChild_IsUndoneByItsCompensationAlone(t *testing.T) {
	t.Parallel()
	cases := map[string]func(h *host){
		"completed":                  func(h *host) { h.childEnds(1, "shipped"); h.fail("b") },
		"failed":                     func(h *host) { h.childEnds(1, ""); h.stopped("b", false) },
		"terminated":                 func(h *host) { h.fail("b"); h.childEnds(1, "") },
		"completed in spite of that": func(h *host) { h.fail("b"); h.childEnds(1, "shipped") },
	}
	for name, fail := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play(t, func() []*node {
				return block(saga("s", parallel("p", block(child("ship").compensate(step("back"))), block(child("plain"), step("b")))))
			}, func(t *testing.T, h *host) {
				h.childEnds(2, "x")
				fail(h)
				require.Equal(t, []string{"back"}, h.running())
				h.done("back")
				require.Equal(t, instance.Terminated, h.s.Status)
				require.Empty(t, h.s.Undo)
			})
		})
	}
}

func TestChild_ThatHasNotBegunIsNotStarted(t *testing.T) {
	t.Parallel()
	play(t, func() []*node { return block(step("a"), parallel("p", block(child("ship")), block(end("e")))) }, func(t *testing.T, h *host) {
		h.done("a")
		require.Equal(t, instance.Complete, h.s.Status)
		require.Empty(t, h.sent)
	})
}

func TestChild_ThatIsCompensatedRunsAgainAsAnother(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(child("ship").compensate(step("back")).retry(definition.RetryPolicy{MaxRetries: 1, Interval: time.Minute, Then: definition.CompensateThenRetry}))
	}, func(t *testing.T, h *host) {
		h.childEnds(1, "")
		h.done("back")
		h.wake()
		require.Len(t, h.started(), 2)
		require.NotEqual(t, h.started()[0], h.started()[1])
		h.childEnds(2, "shipped")
		require.Equal(t, instance.Complete, h.s.Status)
	})
}

func TestChild_ACompensationThatRunsIsAwaitedWhenTheSagaAroundFails(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(saga("s", parallel("p", block(child("ship").compensate(step("back")).onError(definition.Compensate), step("after")), block(step("b")))))
	}, func(t *testing.T, h *host) {
		h.childEnds(1, "")
		h.fail("b")
		require.Equal(t, []string{"back"}, h.running())
		h.done("back")
		h.is(instance.Terminated)
		require.NotContains(t, h.ran, "after")
		require.Equal(t, []string{"back"}, h.log())
	})
}

func TestChild_NestsTo32AndNoDeeper(t *testing.T) {
	t.Parallel()
	for depth, started := range map[int]int{engine.MaxDepth - 1: 1, engine.MaxDepth: 0} {
		h := newHost(t, compile(t, child("ship")))
		h.s.Parent = &instance.Parent{ID: "parent", Ptr: 1, Gen: 1, Depth: depth}
		h.start(data{})
		require.Len(t, h.started(), started)
		if started == 0 {
			require.Equal(t, instance.Suspended, h.s.Status)
			require.Contains(t, h.s.Failure.Message, "33 instances above it, and at most 32 are allowed")
		} else {
			require.Equal(t, 32, h.sent[0].Start.Parent.Depth)
		}
	}
}

func TestChild_TellsItsParentHowItEnded(t *testing.T) {
	t.Parallel()
	parent := &instance.Parent{ID: "parent", Ptr: 7, Gen: 3, Depth: 1}
	play := func(end func(h *host)) engine.Msg {
		h := newHost(t, compile(t, step("a").onError(definition.Terminate)))
		h.s.Parent = parent
		h.start(data{})
		end(h)
		require.Len(t, h.sent, 1)
		m := h.sent[0]
		require.Equal(t, "parent", m.To)
		require.Equal(t, instance.ChildEnded, m.Input.Kind)
		require.EqualValues(t, 7, m.Input.Ptr)
		require.EqualValues(t, 3, m.Input.Gen)
		return m
	}
	require.JSONEq(t, `{"log":["a"]}`, string(play(func(h *host) { h.done("a") }).Input.Payload))
	require.Equal(t, "child i of workflow test is terminated (failed): node a: a failed",
		play(func(h *host) { h.fail("a") }).Input.Err.Message)
	require.Equal(t, "child i of workflow test is terminated (operator): enough",
		play(func(h *host) { h.apply(instance.Input{Kind: instance.Terminate, Payload: []byte("enough")}) }).Input.Err.Message)
}

func TestChildID_FitsForAnyParent(t *testing.T) {
	t.Parallel()
	require.Equal(t, "order-7/12.1", engine.ChildID("order-7", 12, 1))
	long := strings.Repeat("x", 250)
	require.NotEqual(t, engine.ChildID(long+"ab", 12, 1000), engine.ChildID(long+"ba", 12, 1000))
	require.NoError(t, definition.CheckName(engine.ChildID(long+"ab", 12, 1000)))
}

func TestChild_ItsIdIsInTheHistory(t *testing.T) {
	t.Parallel()
	h := newHost(t, compile(t, child("ship")))
	var fx engine.Effects
	h.advance(&fx, instance.Input{Kind: instance.Started, At: h.now, Payload: []byte("{}")})
	i := slices.IndexFunc(fx.Log, func(r instance.Record) bool { return r.Kind == instance.RecordStepStarted })
	require.GreaterOrEqual(t, i, 0)
	require.Equal(t, "i/1.1", fx.Log[i].Text)
}
