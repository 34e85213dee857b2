package wfe_test

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/codec"
	"github.com/wfegen/wfe/runtime/store/memory"
)

func TestAWaitTakesWhatWasPublishedAfterTheStartAndNothingBefore(t *testing.T) {
	bubble(t, func(t *testing.T) {
		gate := make(chan struct{})
		r := rig{
			build: func(b *builder) { b.task("first"); b.await("wait") },
			do:    func(ctx wfe.StepContext, _ *task) (wfe.Result, error) { <-gate; return ctx.Next(), nil },
		}
		h := r.host(t, memory.New(), wfe.Config{})
		publish(t, h, "k", "before the start")
		synctest.Wait()
		i := begin(t, h, "a", data{Key: "k"})
		publish(t, h, "k", "before the wait")
		publish(t, h, "k", "later")
		publish(t, h, "other", "another key")
		synctest.Wait()
		close(gate)
		require.Equal(t, []string{"before the wait"}, completes(t, i))
	})
}

func TestEventsOfOneKeyAreTakenInTheirOrderEachOnce(t *testing.T) {
	t.Parallel()
	r := rig{build: func(b *builder) {
		wfe.Each(b, "rounds", func(d *data) []int { return d.Items }, func(b *builder, _ *int) { b.await("wait") }, wfe.Sequential())
	}}
	h := r.host(t, memory.New(), wfe.Config{})
	const rounds = 50
	var instances []wfe.Handle[data]
	for n := range 8 {
		instances = append(instances, begin(t, h, fmt.Sprint(n), data{Key: "k", Items: make([]int, rounds)}))
	}
	var want []string
	for n := range rounds {
		want = append(want, fmt.Sprint(n))
		publish(t, h, "k", fmt.Sprint(n))
	}
	for _, i := range instances {
		require.Equal(t, want, completes(t, i))
	}
}

func TestOfSeveralWaitsTheOldestTakesAnEventAndTheNextOneTheNext(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var order []string
		r := rig{build: func(b *builder) {
			b.Parallel("p",
				func(b *builder) { b.await("one"); b.task("after-one") },
				func(b *builder) { b.await("two"); b.task("after-two") },
				func(b *builder) { b.await("three"); b.task("after-three") })
		}}
		r.do = func(ctx wfe.StepContext, s *task) (wfe.Result, error) {
			order = append(order, s.Label)
			return ctx.Next(), nil
		}
		h := r.host(t, memory.New(), wfe.Config{})
		i := begin(t, h, "a", data{Key: "k"})
		synctest.Wait()
		for n, want := range []string{"after-one", "after-two", "after-three"} {
			publish(t, h, "k", fmt.Sprint(n))
			synctest.Wait()
			require.Equal(t, want, order[len(order)-1])
			require.Len(t, order, n+1)
		}
		require.Equal(t, []string{"0", "1", "2"}, completes(t, i))
	})
}

func TestPublishingAgainUnderOneIdDoesNothing(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := rig{build: func(b *builder) { b.await("one"); b.await("two") }}
		h := r.host(t, memory.New(), wfe.Config{})
		i := begin(t, h, "a", data{Key: "k"})
		for range 3 {
			publish(t, h, "k", "first", wfe.Dedup("id"))
		}
		publish(t, h, "other", "elsewhere", wfe.Dedup("id"))
		synctest.Wait()
		require.Equal(t, "two", status(t, i).Waiting[0].Node)
		publish(t, h, "k", "second")
		require.Equal(t, []string{"first", "second"}, completes(t, i))
	})
}

func TestAWaitGivesUpOnlyIfNoEventWasVisibleAtItsDeadline(t *testing.T) {
	const limit = 3 * time.Second
	for name, at := range map[string]time.Duration{"before": limit - time.Millisecond, "at": limit, "after": limit + 20*time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				x := newTimes()
				r := rig{build: func(b *builder) {
					b.await("wait").Timeout(limit, func(b *builder) { b.task("late") })
				}}
				r.do = func(ctx wfe.StepContext, s *task) (wfe.Result, error) {
					x.note()
					s.Out = s.Label
					return ctx.Next(), nil
				}
				st := memory.New()
				h := r.host(t, st, wfe.Config{})
				i := begin(t, h, "a", data{Key: "k"})
				time.AfterFunc(at, func() { _ = wfe.Publish(t.Context(), h, noteEvent, "k", &note{"event"}) })
				log := completes(t, i)
				if name == "after" {
					require.Equal(t, []string{"late"}, log)
					x.on(t, limit)
				} else if name == "before" {
					require.Equal(t, []string{"event"}, log)
				} else { // both are at the same moment: whichever came first
					require.Len(t, log, 1)
				}
			})
		})
	}
}

// What another process published is found before a timeout, also when the host
// has not looked for it since.
func TestAWaitTakesAnEventThatTheHostHasNotSeenAtItsDeadline(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := rig{build: func(b *builder) {
			b.Parallel("p",
				func(b *builder) { b.await("one").Timeout(time.Second, func(b *builder) { b.task("late-one") }) },
				func(b *builder) { b.await("two").Timeout(time.Second, func(b *builder) { b.task("late-two") }) },
				func(b *builder) { b.await("three").Timeout(time.Second, func(b *builder) { b.task("late-three") }) })
		}}
		r.do = func(ctx wfe.StepContext, s *task) (wfe.Result, error) { s.Out = s.Label; return ctx.Next(), nil }
		st := memory.New()
		h := r.host(t, st, wfe.Config{Poll: time.Hour})
		i := begin(t, h, "a", data{Key: "k"})
		publish(t, wfe.NewClient(st), "k", "x")
		publish(t, wfe.NewClient(st), "k", "y")
		require.Equal(t, []string{"x", "y", "late-three"}, completes(t, i))
	})
}

func TestAnEventReachesEachOfMoreThanAPageOfWaits(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := rig{build: func(b *builder) { b.await("wait") }}
		h := r.host(t, memory.New(), wfe.Config{})
		var all []wfe.Handle[data]
		for n := range 1100 {
			all = append(all, begin(t, h, fmt.Sprint(n), data{Key: "k"}))
		}
		publish(t, h, "k", "x")
		for _, i := range all {
			require.Equal(t, []string{"x"}, completes(t, i))
		}
	})
}

func TestNoEventIsLostBesideWaitsThatAreJustSet(t *testing.T) {
	t.Parallel()
	st := memory.New()
	r := rig{build: func(b *builder) { b.task("first"); b.await("wait"); b.await("again") }}
	h := r.host(t, st, wfe.Config{Poll: time.Millisecond})
	outside := wfe.NewClient(st)
	var all sync.WaitGroup
	for n := range 300 {
		key := fmt.Sprint("key", n%7)
		i := begin(t, h, fmt.Sprint(n), data{Key: key})
		all.Go(func() {
			publish(t, h, key, "x")
			publish(t, outside, key, "x")
		})
		all.Go(func() { require.Equal(t, []string{"x", "x"}, completes(t, i)) })
	}
	all.Wait()
}

func TestAnEventThatIsDeliveredWhenTheHostEndsIsDeliveredByTheNext(t *testing.T) {
	bubble(t, func(t *testing.T) {
		st := memory.New()
		r := rig{build: func(b *builder) { b.await("wait") }}
		h := r.host(t, st, wfe.Config{})
		i := begin(t, h, "a", data{Key: "k"})
		synctest.Wait()
		st.Crash()
		publish(t, wfe.NewClient(st), "k", "x")
		h = r.host(t, st, wfe.Config{})
		require.Equal(t, []string{"x"}, completes(t, wfe.Get(h, ref, i.ID())))
	})
}

func TestAnEventThatDoesNotDecodeFailsTheWaitAndIsNotTakenAgain(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := rig{build: func(b *builder) { b.await("wait") }}
		h := r.host(t, memory.New(), wfe.Config{})
		i := begin(t, h, "a", data{Key: "k"})
		type other struct{ Text int }
		require.NoError(t, wfe.Publish(t.Context(), h, wfe.Event[other]{Name: "note", Codec: codec.JSON[other]()}, "k", &other{5}))
		publish(t, h, "k", "right")
		require.Equal(t, []string{"right"}, completes(t, i))
	})
}
