package engine_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/engine"
	"github.com/wfegen/wfe/runtime/instance"
)

// waitFor has a body return that its step waits for event paid under a key, for d
// at the longest; 0 is for ever.
func (h *host) waitFor(label, key string, d time.Duration) {
	in := instance.Input{Kind: instance.StepDone, Result: instance.WaitFor, Event: "paid", Key: key, Persist: []byte("7")}
	if d > 0 {
		in.Until = h.now.Add(d)
	}
	h.apply(h.result(label, in))
}

// has requires that a body runs with an event that its step has taken.
func (h *host) has(label, payload string) {
	r := h.run(label)
	require.Equal(h.t, []any{"paid", true, payload}, []any{r.Event, r.Taken, string(r.Payload)})
}

// hasNone requires that a body runs as if its step had never waited.
func (h *host) hasNone(label string) {
	r := h.run(label)
	require.Equal(h.t, []any{"", false, 0}, []any{r.Event, r.Taken, len(r.Payload)})
}

func TestStepWait_RunsAgainWithThePayloadWhenTheEventIsThere(t *testing.T) {
	t.Parallel()
	play(t, func() []*node { return block(step("a").retry(retries(1, definition.Default))) }, func(t *testing.T, h *host) {
		h.fail("a")
		h.wake()
		h.hasNone("a")
		first := h.run("a")
		require.Equal(t, uint32(2), first.Attempt)
		h.waitFor("a", "key", time.Hour)
		require.Empty(t, h.running())
		h.publish("paid", "another", `{}`)
		h.publish("sent", "key", `{}`)
		require.Empty(t, h.running())
		h.publish("paid", "key", `{"out":"event"}`)
		require.Empty(t, h.timers)
		h.has("a", `{"out":"event"}`)
		second := h.run("a")
		require.Equal(t, []any{first.Ptr, first.Input, "7", uint32(1)}, []any{second.Ptr, second.Input, string(second.Persist), second.Attempt})
		h.done("a")
		h.is(instance.Complete)
		require.Equal(t, []string{"started", "step started a", "step failed a: a failed until +1s", "step started a #2",
			"waiting a: paid until +1h0m0s", "event taken a: paid", "step started a", "step completed a", "completed"}, h.history())
	})
}

func TestStepWait_TakesEventsInOrderEachOnceThoseBeforeItIncluded(t *testing.T) {
	t.Parallel()
	play(t, func() []*node { return block(step("a"), step("b")) }, func(t *testing.T, h *host) {
		h.publish("paid", "key", `{"out":"1"}`)
		h.publish("paid", "key", `{"out":"2"}`)
		h.waitFor("a", "key", 0)
		h.offer()
		h.has("a", `{"out":"1"}`)
		h.waitFor("a", "key", 0)
		h.offer()
		h.has("a", `{"out":"2"}`)
		h.done("a")
		h.waitFor("b", "key", 0)
		h.offer()
		require.Empty(t, h.running())
		h.signal("paid", `{"out":"3"}`)
		h.has("b", `{"out":"3"}`)
	})
}

func TestStepWait_StandsInLineWithAllWaitsOfTheInstance(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(parallel("p", block(step("a")), block(await("w", "paid"), step("b")), block(step("c"))))
	}, func(t *testing.T, h *host) {
		h.waitFor("c", "key", 0)
		h.waitFor("a", "key", 0)
		h.publish("paid", "key", `{"out":"1"}`)
		h.has("a", `{"out":"1"}`)
		h.publish("paid", "key", `{"out":"2"}`)
		require.Equal(t, []string{"a", "b"}, h.running())
		h.publish("paid", "key", `{"out":"3"}`)
		h.has("c", `{"out":"3"}`)
	})
}

func TestStepWait_RunsAgainWithoutAnEventWhenItsTimeIsUp(t *testing.T) {
	t.Parallel()
	play(t, func() []*node { return block(step("a")) }, func(t *testing.T, h *host) {
		h.waitFor("a", "key", time.Minute)
		h.wake()
		require.Empty(t, h.waits)
		r := h.run("a")
		require.Equal(t, []any{"paid", false, 0}, []any{r.Event, r.Taken, len(r.Payload)})
		h.publish("paid", "key", `{}`)
		h.sleep("a", time.Hour)
		h.wake()
		h.hasNone("a")
		require.Contains(t, h.history(), "timed out a")
	})
}

func TestStepWait_AllAttemptsHaveTheEventAndItIsGoneWithTheNextResult(t *testing.T) {
	t.Parallel()
	play(t, func() []*node { return block(step("a").retry(retries(1, definition.Default))) }, func(t *testing.T, h *host) {
		h.waitFor("a", "key", 0)
		h.publish("paid", "key", `{}`)
		h.fail("a")
		h.wake()
		h.has("a", `{}`)
		h.fail("a")
		h.is(instance.Suspended)
		h.resume()
		h.has("a", `{}`)
		h.persist("a", "8")
		h.hasNone("a")
	})
}

func TestStepWait_AnEventThatDoesNotFitFailsTheStepWhoseRetryMayTakeTheNextOne(t *testing.T) {
	t.Parallel()
	play(t, func() []*node { return block(step("a").retry(retries(1, definition.Default))) }, func(t *testing.T, h *host) {
		h.waitFor("a", "key", 0)
		h.publish("paid", "key", `]`)
		require.Equal(t, []engine.Took{{Seq: 1}, {Seq: 1, Failed: true}}, h.took)
		require.Contains(t, h.pointer("a").Cause.Message, `event paid, key "key", number 1: `)
		h.wake()
		h.hasNone("a")
		require.Equal(t, uint32(2), h.run("a").Attempt)
		h.waitFor("a", "key", 0)
		h.offer()
		require.Empty(t, h.running())
		h.publish("paid", "key", `{}`)
		h.has("a", `{}`)
	})
}

func TestStepWait_RefusesAKeyThatIsNone(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]string{"": "is empty", strings.Repeat("k", 256): "is 256 bytes long"} {
		h := live(t, step("a").retry(retries(1, definition.Default)))
		h.waitFor("a", key, 0)
		h.is(instance.Suspended)
		require.Contains(t, h.s.Failure.Message, "it waits for event paid, whose key "+want)
		h.resume()
		h.hasNone("a")
	}
}

func TestStepWait_WasDoneInPartWhenItsSagaRollsBack(t *testing.T) {
	t.Parallel()
	play(t, siblings, func(t *testing.T, h *host) {
		h.done("first")
		h.waitFor("a", "key", time.Hour)
		h.fail("b")
		require.Empty(t, h.waits)
		require.Empty(t, h.timers)
		require.Equal(t, []string{"first", "a in part", "b in part"}, h.left())
		for len(h.running()) > 0 {
			h.done(h.running()[0])
		}
		require.Contains(t, h.ran, "undo a")
		h.is(instance.Terminated)
	})
}

func TestStepWait_TakesWhileTheInstanceIsSuspendedAndRunsAfterIt(t *testing.T) {
	t.Parallel()
	play(t, func() []*node { return block(step("a")) }, func(t *testing.T, h *host) {
		h.waitFor("a", "key", time.Hour)
		h.command(instance.Suspend)
		h.publish("paid", "key", `{"out":"1"}`)
		h.publish("paid", "key", `{"out":"2"}`)
		require.Len(t, h.took, 1)
		require.Empty(t, h.running())
		h.command(instance.Resume)
		h.has("a", `{"out":"1"}`)
		h.command(instance.Suspend)
		h.waitFor("a", "key", 0) // what a body returns meanwhile is kept
		require.Empty(t, h.waits)
		h.command(instance.Resume)
		h.offer()
		h.has("a", `{"out":"2"}`)
	})
}

func TestStepWait_IsCancelledByItsCondition(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(saga("s", parallel("p", block(undoable("a").cancelWhen(after("b")).proceed()), block(step("b"))), step("c")))
	}, func(t *testing.T, h *host) {
		h.waitFor("a", "key", time.Hour)
		h.done("b")
		require.Empty(t, h.waits)
		require.Empty(t, h.timers)
		require.Equal(t, []string{"a in part"}, h.left())
		require.Equal(t, []string{"c"}, h.running())
	})
}

func TestStepWait_InACompensationIsAwaited(t *testing.T) {
	t.Parallel()
	play(t, func() []*node { return block(saga("s", undoable("a"), step("b"))) }, func(t *testing.T, h *host) {
		h.done("a")
		h.fail("b")
		h.waitFor("undo a", "key", 0)
		h.is(instance.Runnable)
		h.publish("paid", "key", `{}`)
		h.has("undo a", `{}`)
		h.done("undo a")
		h.is(instance.Terminated)
	})
}
