package wfe_test

import (
	"cmp"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/store/memory"
)

// clock stands still until it is told to go on.
type clock struct {
	mu     sync.Mutex
	wall   instance.Instant
	since  time.Duration
	timers []*timer
}

type timer struct {
	at time.Duration // of since
	f  func()
}

var _ wfe.Clock = (*clock)(nil)

func newClock() *clock { return &clock{wall: instance.At(time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC))} }

func (c *clock) Now() instance.Instant {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.wall
}

func (c *clock) Since() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.since
}

func (c *clock) AfterFunc(d time.Duration, f func()) func() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := &timer{c.since + d, f}
	if d <= 0 {
		go f()
		return func() bool { return false }
	}
	c.timers = append(c.timers, t)
	return func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		n := len(c.timers)
		c.timers = slices.DeleteFunc(c.timers, func(o *timer) bool { return o == t })
		return len(c.timers) < n
	}
}

// jump moves the wall clock alone, as an operator would.
func (c *clock) jump(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wall += instance.Instant(d)
}

// advance lets d pass, with all that happens in it.
func (c *clock) advance(d time.Duration) {
	synctest.Wait()
	c.mu.Lock()
	end := c.since + d
	for {
		slices.SortStableFunc(c.timers, func(a, b *timer) int { return cmp.Compare(a.at, b.at) })
		if len(c.timers) == 0 || c.timers[0].at > end {
			break
		}
		next := c.timers[0]
		c.timers = c.timers[1:]
		c.wall += instance.Instant(next.at - c.since)
		c.since = next.at
		c.mu.Unlock()
		next.f()
		synctest.Wait()
		c.mu.Lock()
	}
	c.wall += instance.Instant(end - c.since)
	c.since = end
	c.mu.Unlock()
	synctest.Wait()
}

func TestAWallClockThatJumpsBackFiresNothingEarlyAndNothingTwice(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c := newClock()
		var at []instance.Instant
		r := rig{build: func(b *builder) {
			b.Delay("a", 10*time.Second)
			b.task("one")
			b.Delay("b", 10*time.Second)
			b.task("two")
		}}
		r.do = func(ctx wfe.StepContext, _ *task) (wfe.Result, error) {
			at = append(at, c.Now())
			return ctx.Next(), nil
		}
		h := r.host(t, memory.New(), wfe.Config{Clock: c})
		start := c.Now()
		i := begin(t, h, "a", data{})
		c.advance(5 * time.Second)
		c.jump(-20 * time.Second)
		c.advance(24 * time.Second)
		require.Empty(t, at)
		c.advance(time.Second)
		require.Equal(t, []instance.Instant{start.Add(10 * time.Second)}, at)
		c.jump(-10 * time.Minute)
		c.advance(time.Minute)
		require.Len(t, at, 1)
		c.advance(10 * time.Minute)
		require.Equal(t, []instance.Instant{start.Add(10 * time.Second), start.Add(20 * time.Second)}, at)
		completes(t, i)
	})
}

func TestAWallClockThatJumpsAheadFiresWhatIsDue(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c := newClock()
		r := rig{build: func(b *builder) { b.Delay("a", 100*time.Hour) }}
		h := r.host(t, memory.New(), wfe.Config{Clock: c})
		i := begin(t, h, "a", data{})
		c.advance(time.Minute)
		c.jump(100 * time.Hour)
		c.advance(time.Second)
		require.Equal(t, wfe.Complete, status(t, i).Status)
	})
}

func TestALongWaitCostsAndLosesNothing(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c := newClock()
		r := rig{build: func(b *builder) {
			b.await("wait").Timeout(12*time.Hour, func(b *builder) { b.task("late") })
		}}
		r.do = func(ctx wfe.StepContext, s *task) (wfe.Result, error) { s.Out = s.Label; return ctx.Next(), nil }
		st := memory.New()
		h := r.host(t, st, wfe.Config{Clock: c, Poll: time.Hour, Beat: time.Hour, Stale: 2 * time.Hour})
		commits := st.Commits()
		i := begin(t, h, "a", data{Key: "k"})
		c.advance(12*time.Hour - time.Millisecond)
		require.Equal(t, wfe.Runnable, status(t, i).Status)
		require.Equal(t, commits+1, st.Commits(), "one commit, that of its start")
		c.advance(time.Millisecond)
		require.Equal(t, []string{"late"}, completes(t, i))
	})
}
