package engine_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/engine"
	"github.com/wfegen/wfe/runtime/instance"
)

func TestWaitFor_HandsThePayloadOn(t *testing.T) {
	t.Parallel()
	play(t, func() []*node { return block(await("w", "paid").timeout(time.Hour, step("late")), step("a")) }, func(t *testing.T, h *host) {
		h.publish("paid", "another", `{"out":"not mine"}`)
		h.publish("sent", "key", `{"out":"not mine"}`)
		require.Empty(t, h.running())
		h.publish("paid", "key", `{"out":"payload"}`)
		require.Empty(t, h.timers)
		h.done("a")
		h.is(instance.Complete)
		require.Equal(t, []string{"payload", "a"}, h.log())
	})
}

func TestWaitFor_RunsItsTimeoutBlockWhenTimeIsUp(t *testing.T) {
	t.Parallel()
	play(t, func() []*node { return block(await("w", "paid").timeout(time.Hour, step("late"))) }, func(t *testing.T, h *host) {
		h.wake()
		require.Empty(t, h.waits)
		h.publish("paid", "key", `{}`)
		h.done("late")
		h.is(instance.Complete)
		require.Equal(t, []string{"late"}, h.log())
	})
	play(t, func() []*node { return block(await("w", "paid").timeout(time.Hour)) }, func(_ *testing.T, h *host) {
		h.wake()
		h.is(instance.Complete)
	})
}

func TestEvent_IsTakenOnceByAnInstance(t *testing.T) {
	t.Parallel()
	play(t, func() []*node { return block(each("each", list(2), await("w", "paid"), step("a")).sequential()) }, func(t *testing.T, h *host) {
		h.publish("paid", "key", `{"out":"first"}`)
		h.done("a[0]")
		h.offer() // the wait of the second round does not take it again
		require.Len(t, h.waits, 1)
		h.publish("paid", "key", `{"out":"second"}`)
		h.done("a[1]")
		require.Equal(t, []string{"first", "a[0]", "second", "a[1]"}, h.log())
	})
}

func TestEvent_PublishedBeforeTheWaitIsTaken(t *testing.T) {
	t.Parallel()
	play(t, func() []*node { return block(step("a"), await("w", "paid"), await("v", "paid")) }, func(t *testing.T, h *host) {
		h.publish("paid", "key", `{"out":"first"}`)
		h.publish("paid", "key", `{"out":"second"}`)
		h.done("a")
		h.offer()
		h.is(instance.Complete)
		require.Equal(t, []string{"a", "first", "second"}, h.log())
	})
}

func TestEvent_OfBeforeTheInstanceIsNotTaken(t *testing.T) {
	t.Parallel()
	h := newHost(t, compile(t, await("w", "paid")))
	h.seq, h.s.Born = 7, 7
	h.start(data{})
	require.Equal(t, instance.Seq(7), h.waits[1].After)
	w := h.pointer("w")
	h.apply(instance.Input{Kind: instance.EventOffered, Ptr: w.ID, Gen: w.Gen, Seq: 7, Payload: []byte(`{}`)})
	h.is(instance.Runnable)
	h.publish("paid", "key", `{}`)
	h.is(instance.Complete)
}

func TestEvent_GoesToTheOldestPointerThatWaits(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(parallel("p", block(await("w1", "paid"), step("a")), block(await("w2", "paid"), step("b")), block(await("w3", "paid"), step("c"))))
	}, func(t *testing.T, h *host) {
		h.publish("paid", "key", `{}`)
		require.Equal(t, []string{"a"}, h.running())
		h.publish("paid", "key", `{}`)
		require.Equal(t, []string{"a", "b"}, h.running())
		h.publish("paid", "key", `{}`)
		h.done("c", "b", "a")
		h.is(instance.Complete)
	})
}

func TestEvent_ThatIsLeftGoesToTheWaitThatIsNextInLine(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(step("go"), parallel("p", block(await("w1", "paid"), step("a")), block(await("w2", "paid"), step("b"))))
	}, func(t *testing.T, h *host) {
		h.publish("paid", "key", `{}`)
		h.publish("paid", "key", `{}`)
		h.done("go")
		w := h.pointer("w2").ID
		h.offer()
		require.Equal(t, []string{"a", "b"}, h.running())
		require.NotContains(t, h.waits, w)
	})
}

func TestEvent_WhosePayloadDoesNotFitFailsTheWaitWhoseRetryTakesTheNextOne(t *testing.T) {
	t.Parallel()
	play(t, func() []*node { return block(await("w", "paid").retry(retries(1, definition.Default))) }, func(t *testing.T, h *host) {
		h.publish("paid", "key", `{"out":17}`)
		require.Equal(t, map[string]time.Duration{"w": time.Second}, h.wakes())
		require.Contains(t, h.pointer("w").Cause.Message, `event paid, key "key", number 1: its payload does not fit`)
		h.wake()
		h.offer() // not the same one again
		require.Equal(t, instance.Seq(1), h.waits[h.pointer("w").ID].After)
		h.publish("paid", "key", `[]`)
		h.is(instance.Suspended)
		require.Equal(t, uint32(2), h.s.Failure.Attempt)
		h.resume()
		h.publish("paid", "key", `{"out":"good"}`)
		h.is(instance.Complete)
		require.Equal(t, []string{"good"}, h.log())
	})
}

func TestWaitFor_RefusesAKeyThatIsNone(t *testing.T) {
	t.Parallel()
	w := await("w", "paid")
	w.key = func(*data) string { return "" }
	h := live(t, w)
	h.is(instance.Suspended)
	require.Contains(t, h.s.Failure.Message, `the key "" of event paid is empty`)
}

func TestEvent_StaysTakenWhenItsSagaRollsBack(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(saga("s", await("w", "paid"), step("a")).retry(retries(1, definition.Default)))
	}, func(t *testing.T, h *host) {
		h.publish("paid", "key", `{}`)
		h.fail("a")
		h.wake() // the saga runs again
		h.offer()
		require.Empty(t, h.running())
		h.publish("paid", "key", `{}`)
		require.Equal(t, []string{"a"}, h.running())
	})
}

// signal offers a signal of the next number.
func (h *host) signal(name, payload string) {
	h.seq++
	h.apply(instance.Input{Kind: instance.EventOffered, Signal: name, Seq: h.seq, Payload: []byte(payload)})
}

func TestSignal_ReachesTheOldestWaitOfItsNameWhateverItsKey(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		other := await("w2", "paid")
		other.key = func(*data) string { return "other" }
		return block(parallel("p", block(await("w0", "sent")), block(await("w1", "paid"), step("a")), block(other, step("b"))))
	}, func(t *testing.T, h *host) {
		h.signal("none", `{}`)
		require.Empty(t, h.took)
		h.signal("paid", `{"out":"first"}`)
		require.Equal(t, []string{"a"}, h.running())
		h.apply(instance.Input{Kind: instance.EventOffered, Signal: "paid", Seq: h.seq, Payload: []byte(`{}`)})
		require.Equal(t, []string{"a"}, h.running(), "once")
		require.Equal(t, h.seq, h.waits[h.pointer("w2").ID].Signals)
		h.signal("paid", `{"out":"second"}`)
		require.Equal(t, []string{"a", "b"}, h.running())
		require.Equal(t, []engine.Took{{Seq: h.seq - 1}, {Seq: h.seq}}, h.took)
		require.Equal(t, []string{"first", "second"}, h.log())
	})
}

func TestSignal_DoesNotMoveTheCursorOfAKey(t *testing.T) {
	t.Parallel()
	play(t, func() []*node { return block(await("w", "paid"), step("a"), await("v", "paid")) }, func(t *testing.T, h *host) {
		h.seq = 8
		h.signal("paid", `{"out":"signal"}`)
		h.events = append(h.events, storedEvent{"paid", "key", 5, []byte(`{"out":"event"}`)})
		h.done("a")
		require.Equal(t, engine.Wait{Name: "paid", Key: "key", Ptr: h.pointer("v").ID, Gen: h.pointer("v").Gen, Signals: 9, Set: true}, h.waits[h.pointer("v").ID])
		h.offer()
		h.is(instance.Complete)
	})
}

func TestSignal_IsKeptWhileTheInstanceIsSuspended(t *testing.T) {
	t.Parallel()
	play(t, func() []*node { return block(await("w", "paid")) }, func(t *testing.T, h *host) {
		h.command(instance.Suspend)
		h.signal("paid", `{"out":"signal"}`)
		h.signal("paid", `{"out":"another"}`)
		require.Len(t, h.took, 1)
		h.command(instance.Resume)
		h.is(instance.Complete)
		require.Equal(t, []string{"signal"}, h.log())
	})
}

func TestSignal_WhosePayloadDoesNotFitIsFailedAndFailsTheWait(t *testing.T) {
	t.Parallel()
	play(t, func() []*node { return block(await("w", "paid").retry(retries(0, definition.Default))) }, func(t *testing.T, h *host) {
		h.signal("paid", `{"out":17}`)
		h.is(instance.Suspended)
		require.Contains(t, h.s.Failure.Message, "signal paid, number 1: its payload does not fit")
		require.Equal(t, []engine.Took{{Seq: 1}, {Seq: 1, Failed: true}}, h.took)
	})
}

func TestWaitFor_AsOfATimeTakesWhatWasPublishedThenOrLater(t *testing.T) {
	t.Parallel()
	w := await("w", "paid")
	w.since = func(*data) instance.Instant { return 50 }
	h := newHost(t, compile(t, w, step("a"), await("v", "paid")))
	h.s.Born = 100
	h.start(data{})
	p := h.pointer("w")
	require.Equal(t, engine.Wait{Name: "paid", Key: "key", Ptr: p.ID, Gen: p.Gen, Since: 50, Signals: 100, Set: true}, h.waits[p.ID])
	offer := func(seq instance.Seq, at instance.Instant) {
		h.apply(instance.Input{Kind: instance.EventOffered, Ptr: p.ID, Gen: p.Gen, Seq: seq, At: at, Payload: []byte(`{}`)})
	}
	offer(7, 49)
	require.Empty(t, h.running())
	offer(8, 50)
	require.Equal(t, []string{"a"}, h.running())
	h.done("a")
	require.Equal(t, instance.Seq(100), h.waits[h.pointer("v").ID].After, "a wait without it begins at the start")
}
