package wfe_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/store/memory"
)

func TestADelayIsNotEarlyAndAtMostTenMillisecondsLate(t *testing.T) {
	bubble(t, func(t *testing.T) {
		x := newTimes()
		r := rig{build: func(b *builder) {
			b.Delay("a", 30*time.Millisecond)
			b.task("one")
			b.Delay("b", 90*time.Second)
			b.task("two")
			b.Delay("c", 2*time.Hour)
			b.task("three")
		}}
		r.do = func(ctx wfe.StepContext, _ *task) (wfe.Result, error) { x.note(); return ctx.Next(), nil }
		h := r.host(t, memory.New(), wfe.Config{Poll: time.Hour, Beat: time.Hour, Stale: 3 * time.Hour})
		completes(t, begin(t, h, "a", data{}))
		x.on(t, 30*time.Millisecond, 90*time.Second+30*time.Millisecond, 2*time.Hour+90*time.Second+30*time.Millisecond)
	})
}

func TestATimerIsNotFiredEarlyBesideAnotherOne(t *testing.T) {
	bubble(t, func(t *testing.T) {
		x := newTimes()
		r := rig{build: func(b *builder) {
			b.Parallel("p",
				func(b *builder) { b.Delay("a", time.Second-time.Millisecond); b.task("one") },
				func(b *builder) { b.Delay("b", time.Second); b.task("two") })
		}}
		r.do = func(ctx wfe.StepContext, _ *task) (wfe.Result, error) { x.note(); return ctx.Next(), nil }
		h := r.host(t, memory.New(), wfe.Config{})
		completes(t, begin(t, h, "a", data{}))
		x.on(t, time.Second-time.Millisecond, time.Second)
	})
}

func TestMoreTimersThanTheWindowHoldsAreAllInTime(t *testing.T) {
	bubble(t, func(t *testing.T) {
		const instances, each, delay = 105, 100, 40 * time.Second
		x := newTimes()
		r := rig{build: func(b *builder) {
			wfe.Each(b, "each", func(d *data) []int { return d.Items }, func(b *builder, item *int) {
				b.Delay("sleep", delay)
				b.taskOf("work", item)
			})
		}}
		r.do = func(ctx wfe.StepContext, _ *task) (wfe.Result, error) { x.note(); return ctx.Next(), nil }
		h := r.host(t, memory.New(), wfe.Config{Poll: time.Hour})
		var all []wfe.Handle[data]
		for n := range instances {
			all = append(all, begin(t, h, fmt.Sprint(n), data{Items: make([]int, each)}))
		}
		require.Zero(t, time.Since(x.start))
		for _, i := range all {
			completes(t, i)
		}
		want := make([]time.Duration, instances*each)
		for i := range want {
			want[i] = delay
		}
		x.on(t, want...)
	})
}

func TestTimersOfACrashedHostFireWhenTheNextOneIsThere(t *testing.T) {
	bubble(t, func(t *testing.T) {
		x := newTimes()
		r := rig{build: func(b *builder) { b.Delay("a", time.Minute); b.task("one") }}
		r.do = func(ctx wfe.StepContext, _ *task) (wfe.Result, error) { x.note(); return ctx.Next(), nil }
		st := memory.New()
		h := r.host(t, st, wfe.Config{})
		begin(t, h, "in time", data{})
		begin(t, h, "due", data{})
		require.NoError(t, h.Stop(t.Context()))
		<-time.After(30 * time.Second)
		h = r.host(t, st, wfe.Config{})
		completes(t, wfe.Get(h, ref, "in time"))
		completes(t, wfe.Get(h, ref, "due"))
		x.on(t, time.Minute, time.Minute)
	})
}

func TestAFailedStepRunsAgainWhenItsPolicySays(t *testing.T) {
	s := time.Second
	steady := wfe.RetryPolicy{MaxRetries: 3, Interval: s, Factor: 2}
	for name, c := range map[string]struct {
		err   error
		retry wfe.RetryPolicy
		at    []time.Duration
	}{
		"doubling":    {errTask, steady, []time.Duration{0, s, 3 * s, 7 * s}},
		"none":        {errTask, wfe.RetryPolicy{}, []time.Duration{0}},
		"permanent":   {wfe.Permanent(errTask), steady, []time.Duration{0}},
		"wrapped":     {fmt.Errorf("outer: %w", wfe.Permanent(errTask)), steady, []time.Duration{0}},
		"retry after": {wfe.RetryAfter(errTask, 5*s), steady, []time.Duration{0, 5 * s, 10 * s, 15 * s}},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				x := newTimes()
				keys := map[string]bool{}
				r := rig{build: func(b *builder) { b.task("a") }, retry: &c.retry}
				fail := true
				r.do = func(ctx wfe.StepContext, step *task) (wfe.Result, error) {
					keys[ctx.IdempotencyKey] = true
					if n := x.note(); fail {
						require.Equal(t, n, ctx.Attempt)
						return ctx.Next(), c.err
					}
					step.Out = "done"
					return ctx.Next(), nil
				}
				h := r.host(t, memory.New(), wfe.Config{})
				i := begin(t, h, "a", data{})
				for status(t, i).Status != wfe.Suspended {
					<-time.After(time.Second)
				}
				x.on(t, c.at...)
				require.Contains(t, status(t, i).Failure.Message, errTask.Error())
				require.Equal(t, len(c.at), status(t, i).Failure.Attempt)

				fail = false
				require.NoError(t, i.Resume(t.Context()))
				require.Equal(t, []string{"done"}, completes(t, i))
				require.Len(t, keys, 1, "the key is the same over retries and Resume")
				require.ErrorContains(t, i.Resume(t.Context()), "complete")
			})
		})
	}
}

func TestABodyThatOutlivesItsTimeoutIsCancelledThenLeftBehind(t *testing.T) {
	bubble(t, func(t *testing.T) {
		x := newTimes()
		release, over := make(chan struct{}), make(chan struct{})
		r := rig{build: func(b *builder) { b.task("a") }, timeout: time.Second, retry: &wfe.RetryPolicy{MaxRetries: 3}}
		r.do = func(ctx wfe.StepContext, s *task) (wfe.Result, error) {
			switch x.note() {
			case 1: // obeys
				<-ctx.Done()
				return ctx.Next(), ctx.Err()
			case 2: // does not
				defer close(over)
				<-release
				s.Out = "too late"
				return ctx.Next(), nil
			}
			s.Out = "in time"
			return ctx.Next(), nil
		}
		h := r.host(t, memory.New(), wfe.Config{Bodies: 1, Grace: 5 * time.Second})
		i := begin(t, h, "a", data{})
		require.Equal(t, []string{"in time"}, completes(t, i))
		close(release)
		<-over
		require.Equal(t, []string{"in time"}, status(t, i).Data.Log)
	})
}

func TestASteppedSleepHoldsNothingAndKeepsItsData(t *testing.T) {
	bubble(t, func(t *testing.T) {
		x := newTimes()
		r := rig{build: func(b *builder) { b.task("a") }}
		r.do = func(ctx wfe.StepContext, s *task) (wfe.Result, error) {
			var kept int
			_, err := ctx.Persisted(&kept)
			require.NoError(t, err)
			switch n := x.note(); {
			case n == 1:
				return ctx.Persist(1), nil
			case kept < 4:
				return ctx.Sleep(time.Minute).Keep(kept + 1), nil
			}
			s.Out = fmt.Sprint(kept)
			return ctx.Next(), nil
		}
		h := r.host(t, memory.New(), wfe.Config{})
		require.Equal(t, []string{"4"}, completes(t, begin(t, h, "a", data{})))
		x.on(t, 0, 0, time.Minute, 2*time.Minute, 3*time.Minute)
	})
}

func TestASagaIsUndoneNewestFirst(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var mu sync.Mutex
		var log []string
		note := func(s string) {
			mu.Lock()
			defer mu.Unlock()
			log = append(log, s)
		}
		r := rig{build: func(b *builder) {
			b.Saga("saga", func(b *builder) { b.task("one"); b.task("two"); b.task("three") })
		}, retry: &wfe.RetryPolicy{}}
		r.do = func(ctx wfe.StepContext, s *task) (wfe.Result, error) {
			note(s.Label)
			if s.Label == "three" {
				return ctx.Next(), errTask
			}
			return ctx.Next(), nil
		}
		r.undo = func(ctx context.Context, s *task) error {
			require.NotEmpty(t, wfe.Info(ctx).Undoes)
			note("undo " + s.Label)
			return nil
		}
		h := r.host(t, memory.New(), wfe.Config{})
		_, err := begin(t, h, "a", data{}).Wait(t.Context())
		var ended *wfe.EndedError
		require.ErrorAs(t, err, &ended)
		require.Equal(t, wfe.Terminated, ended.Status)
		require.Equal(t, []string{"one", "two", "three", "undo three", "undo two", "undo one"}, log)
	})
}
