package engine_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/instance"
)

// logged holds once n bodies have ended.
func logged(n int) func(*data) bool { return func(d *data) bool { return len(d.Log) >= n } }

func TestRecur_RunsAtOnceThenEachIntervalUntilItsConditionHolds(t *testing.T) {
	t.Parallel()
	play(t, func() []*node { return block(recur("r", time.Hour, logged(3), step("a")), step("b")) }, func(t *testing.T, h *host) {
		h.done("a")
		require.Equal(t, map[string]time.Duration{"r": time.Hour}, h.wakes())
		h.wake()
		h.done("a")
		h.wake()
		h.done("a") // the third: it does not wait for the fourth
		h.done("b")
		h.is(instance.Complete)
	})
}

func TestRecur_StaysOnTheGridOfItsFirstRound(t *testing.T) {
	t.Parallel()
	play(t, func() []*node { return block(recur("r", time.Hour, no, step("a"))) }, func(t *testing.T, h *host) {
		start := h.now
		for n := range 4 {
			h.now = h.now.Add(time.Duration(n*13) * time.Minute) // how long the round takes
			h.done("a")
			require.Equal(t, start.Add(time.Duration(n+1)*time.Hour), h.pointer("r").Due)
			h.wake()
		}
	})
}

func TestRecur_RunsMissedRoundsOnceAndNeverTwoAtATime(t *testing.T) {
	t.Parallel()
	play(t, func() []*node { return block(recur("r", time.Hour, no, step("a"))) }, func(t *testing.T, h *host) {
		start := h.now
		h.now = start.Add(3*time.Hour + 20*time.Minute) // rounds 1, 2 and 3 are due while round 0 runs
		require.Equal(t, []string{"a"}, h.running())
		h.done("a")
		require.Equal(t, []string{"a"}, h.running())
		h.done("a")
		require.Empty(t, h.running())
		require.Equal(t, start.Add(4*time.Hour), h.pointer("r").Due)

		h.now = start.Add(9*time.Hour + 30*time.Minute) // no host was there
		h.wake()
		h.done("a")
		require.Empty(t, h.running())
		require.Equal(t, start.Add(10*time.Hour), h.pointer("r").Due)
	})
}

func TestRecur_ByCronBeginsWithTheFirstTimeAfterItIsReached(t *testing.T) {
	t.Parallel()
	hourly := func(after instance.Instant) instance.Instant {
		return instance.At(after.Time().Truncate(time.Hour).Add(time.Hour))
	}
	play(t, func() []*node { return block(delay("d", 10*time.Minute), recurAt("r", hourly, logged(3), step("a"))) }, func(t *testing.T, h *host) {
		h.wake()
		require.Empty(t, h.running())
		require.Equal(t, map[string]time.Duration{"r": 50 * time.Minute}, h.wakes())
		h.wake()
		h.now = h.now.Add(150 * time.Minute)
		h.done("a")
		h.done("a") // for the two rounds that were missed
		require.Equal(t, map[string]time.Duration{"r": 30 * time.Minute}, h.wakes())
		h.wake()
		h.done("a")
		h.is(instance.Complete)
	})
}

func TestRecur_AsksItsConditionOnEntryAndBeforeEachRound(t *testing.T) {
	t.Parallel()
	h := live(t, recur("never", time.Hour, yes, step("a")), step("b"))
	h.done("b")
	h.is(instance.Complete)

	play(t, func() []*node {
		return block(parallel("p", block(recur("r", time.Hour, logged(2), step("a"))), block(step("b"))))
	}, func(t *testing.T, h *host) {
		h.done("a", "b")
		h.wake() // b made it hold meanwhile
		h.is(instance.Complete)
	})
}

func TestRecur_WithoutNodesSleepsFromRoundToRound(t *testing.T) {
	t.Parallel()
	asked := 0
	h := live(t, recur("r", time.Hour, func(*data) bool { asked++; return asked > 5 }))
	for asked < 6 {
		h.is(instance.Runnable)
		h.wake()
	}
	h.is(instance.Complete)
}

func TestRecur_ThatPanicsKeepsItsGridOverResume(t *testing.T) {
	t.Parallel()
	broken := false
	h := live(t, recur("r", time.Hour, func(*data) bool {
		if broken {
			panic("no condition")
		}
		return false
	}, step("a")))
	start := h.now
	h.done("a")
	broken = true
	h.wake()
	h.is(instance.Suspended)
	broken = false
	h.now = start.Add(80 * time.Minute)
	h.resume()
	h.done("a")
	require.Equal(t, start.Add(2*time.Hour), h.pointer("r").Due)
}

func TestRecur_LeavesNothingBehindOfARound(t *testing.T) {
	t.Parallel()
	quiet := func(name string) *node {
		n := step(name)
		n.out = nil
		return n
	}
	h := live(t, recur("r", time.Second, no, quiet("a"), quiet("b")))
	sizes := map[int]int{}
	for n := range 100 {
		h.done("a", "b")
		sizes[n] = len(h.head) - len(h.s.Log.Records)
		h.wake()
	}
	require.InDelta(t, sizes[10], sizes[99], 8) // numbers grow longer
}
