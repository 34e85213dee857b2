package engine_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/instance"
)

// at is a time so long after hosts of these tests begin.
func at(d time.Duration) func(*data) instance.Instant {
	return func(*data) instance.Instant {
		return instance.At(time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)).Add(d)
	}
}

func TestSchedule_RunsItsBlockAtTheTimeThenGoesOn(t *testing.T) {
	t.Parallel()
	for name, n := range map[string]func() *node{
		"at":    func() *node { return schedule("s", at(time.Hour), step("a"), step("b")) },
		"after": func() *node { return scheduleAfter("s", time.Hour, step("a"), step("b")) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play(t, func() []*node { return block(n(), step("c")) }, func(t *testing.T, h *host) {
				require.Empty(t, h.running())
				require.Equal(t, map[string]time.Duration{"s": time.Hour}, h.wakes())
				h.wake()
				h.done("a", "b", "c")
				h.is(instance.Complete)
			})
		})
	}
}

func TestSchedule_RunsAtOnceWhenTheTimeIsOver(t *testing.T) {
	t.Parallel()
	for name, n := range map[string]*node{
		"past":  schedule("s", at(-time.Hour), step("a")),
		"now":   schedule("s", at(0), step("a")),
		"never": schedule("s", func(*data) instance.Instant { return instance.At(time.Time{}) }, step("a")),
		"after": scheduleAfter("s", 0, step("a")),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := live(t, n)
			h.done("a")
			h.is(instance.Complete)
		})
	}
}

func TestSchedule_WithoutNodesOnlyWaits(t *testing.T) {
	t.Parallel()
	play(t, func() []*node { return block(scheduleAfter("s", time.Minute), step("a")) }, func(t *testing.T, h *host) {
		h.wake()
		h.done("a")
		h.is(instance.Complete)
	})
}

func TestSchedule_ThatPanicsFailsAndIsAskedAgainOnResume(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		broken := true
		return block(schedule("s", func(*data) instance.Instant {
			if broken {
				broken = false
				panic("no time")
			}
			return 0
		}, step("a")))
	}, func(t *testing.T, h *host) {
		h.is(instance.Suspended)
		require.Contains(t, h.s.Failure.Message, "no time")
		h.resume()
		h.done("a")
		h.is(instance.Complete)
	})
}

func TestSchedule_IsDroppedWithItsSaga(t *testing.T) {
	t.Parallel()
	play(t, func() []*node {
		return block(saga("saga", parallel("p", block(scheduleAfter("s", time.Hour, step("late"))), block(step("b")))).compensate(step("c")))
	}, func(t *testing.T, h *host) {
		h.failWith("b", instance.StepError{Message: "no", Permanent: true})
		require.Empty(t, h.wakes())
		h.done("c")
		h.is(instance.Complete)
	})
}
