package wfe_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/store"
	"github.com/wfegen/wfe/runtime/store/memory"
)

func TestAGracefulStopLetsRunningBodiesEndAndStartsNone(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var began atomic.Int32
		end := make(chan struct{})
		r := rig{build: func(b *builder) { b.task("one"); b.task("two") }}
		r.do = func(ctx wfe.StepContext, s *task) (wfe.Result, error) {
			began.Add(1)
			<-end
			s.Out = s.Label
			return ctx.Next(), ctx.Err()
		}
		st := memory.New()
		h := r.host(t, st, wfe.Config{Bodies: 1})
		begin(t, h, "a", data{})
		begin(t, h, "b", data{})
		synctest.Wait()
		stopped := make(chan error, 2)
		for range 2 { // the second waits for the first
			go func() { stopped <- h.Stop(t.Context()) }()
		}
		synctest.Wait()
		require.Empty(t, stopped)
		_, err := wfe.Start(t.Context(), h, ref, &data{})
		require.ErrorIs(t, err, wfe.ErrStopped)
		close(end)
		require.NoError(t, <-stopped)
		require.NoError(t, <-stopped)
		require.EqualValues(t, 1, began.Load())
		require.Equal(t, []string{"one"}, status(t, wfe.Get(h, ref, "a")).Data.Log, "what ended was recorded")

		h = r.host(t, st, wfe.Config{})
		require.Equal(t, []string{"one", "two"}, completes(t, wfe.Get(h, ref, "a")))
		require.Equal(t, []string{"one", "two"}, completes(t, wfe.Get(h, ref, "b")))
		require.EqualValues(t, 4, began.Load())
	})
}

func TestABodyThatIsStillThereAtTheDeadlineIsCancelledAndRunAgain(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var runs atomic.Int32
		r := rig{build: func(b *builder) { b.task("a") }}
		r.do = func(ctx wfe.StepContext, s *task) (wfe.Result, error) {
			require.Equal(t, 1, ctx.Attempt)
			if runs.Add(1) == 1 {
				<-ctx.Done()
				return ctx.Next(), context.Cause(ctx)
			}
			return ctx.Next(), nil
		}
		st := memory.New()
		h := r.host(t, st, wfe.Config{})
		begin(t, h, "a", data{})
		synctest.Wait()
		x := newTimes()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.NoError(t, h.Stop(ctx))
		x.note()
		x.on(t, time.Second)
		h = r.host(t, st, wfe.Config{})
		completes(t, wfe.Get(h, ref, "a"))
		require.EqualValues(t, 2, runs.Load())
	})
}

func TestABodyThatIgnoresItsContextHoldsTheStopUpForTheGraceAlone(t *testing.T) {
	bubble(t, func(t *testing.T) {
		release := make(chan struct{})
		r := rig{build: func(b *builder) { b.task("a") }}
		r.do = func(ctx wfe.StepContext, s *task) (wfe.Result, error) { <-release; return ctx.Next(), nil }
		h := r.host(t, memory.New(), wfe.Config{Grace: 3 * time.Second})
		begin(t, h, "a", data{})
		synctest.Wait()
		x := newTimes()
		require.ErrorContains(t, h.Stop(now()), "1 bodies did not return")
		x.note()
		x.on(t, 3*time.Second)
		close(release)
	})
}

func TestAStandbyTakesOverWhenTheOwnerStops(t *testing.T) {
	bubble(t, func(t *testing.T) {
		st := memory.New()
		end := make(chan struct{})
		r := rig{build: func(b *builder) { b.task("a") }}
		r.do = func(ctx wfe.StepContext, s *task) (wfe.Result, error) {
			select {
			case <-end:
				return ctx.Next(), nil
			case <-ctx.Done():
				return ctx.Next(), ctx.Err()
			}
		}
		first := r.host(t, st, wfe.Config{})
		begin(t, first, "a", data{})
		second := wfe.NewHost(st, wfe.Config{})
		require.NoError(t, r.register(second))
		started := make(chan error, 1)
		go func() { started <- second.Start(t.Context()) }()
		synctest.Wait()
		require.Empty(t, started)
		_, err := wfe.Start(t.Context(), second, ref, &data{})
		require.ErrorIs(t, err, wfe.ErrStopped, "it does not run yet")
		close(end)
		require.NoError(t, first.Stop(now()))
		require.NoError(t, <-started)
		completes(t, wfe.Get(second, ref, "a"))
		require.NoError(t, second.Stop(now()))
	})
}

func TestStopEndsAStartThatWaits(t *testing.T) {
	bubble(t, func(t *testing.T) {
		st := memory.New()
		r := rig{build: func(b *builder) {}}
		owner := r.host(t, st, wfe.Config{})
		second := wfe.NewHost(st, wfe.Config{})
		require.NoError(t, r.register(second))
		started := make(chan error, 1)
		go func() { started <- second.Start(t.Context()) }()
		synctest.Wait()
		require.NoError(t, second.Stop(t.Context()))
		require.ErrorIs(t, <-started, wfe.ErrStopped)
		require.NoError(t, owner.Stop(now()))
		r.host(t, st, wfe.Config{}) // the second has not taken it
	})
}

func TestStopAndStartAtOnceEndInOneWayOrTheOther(t *testing.T) {
	t.Parallel()
	st := memory.New()
	r := rig{build: func(b *builder) { b.task("a") }}
	for range 200 {
		h := wfe.NewHost(st, wfe.Config{})
		require.NoError(t, r.register(h))
		var all sync.WaitGroup
		all.Go(func() { _ = h.Start(t.Context()) })
		all.Go(func() { _, _ = wfe.Start(t.Context(), h, ref, &data{}) })
		all.Go(func() { require.NoError(t, h.Stop(t.Context())) })
		all.Wait()
		require.NoError(t, h.Stop(t.Context()))
	}
	r.host(t, st, wfe.Config{}) // it is free
}

func TestAStartThatFailsHalfWayLeavesTheStoreFree(t *testing.T) {
	bubble(t, func(t *testing.T) {
		st := memory.New()
		r := rig{build: func(b *builder) { b.task("a") }}
		r.do = func(ctx wfe.StepContext, s *task) (wfe.Result, error) { <-ctx.Done(); return ctx.Next(), ctx.Err() }
		first := r.host(t, st, wfe.Config{})
		begin(t, first, "a", data{})
		require.NoError(t, first.Stop(now()))

		broken := wfe.NewHost(unready{st}, wfe.Config{})
		require.NoError(t, r.register(broken))
		require.ErrorIs(t, broken.Start(t.Context()), errTask)
		require.ErrorIs(t, broken.Err(), errTask)
		require.NoError(t, broken.Stop(t.Context()))

		builds := 0
		odd := rig{build: func(b *builder) {
			if builds++; builds > 1 {
				b.task("more")
			}
		}}
		h := wfe.NewHost(st, wfe.Config{})
		require.NoError(t, odd.register(h))
		require.ErrorContains(t, h.Start(t.Context()), "no chance")

		cancelled := wfe.NewHost(st, wfe.Config{})
		require.NoError(t, r.register(cancelled))
		require.ErrorIs(t, cancelled.Start(now()), context.Canceled)
		r.host(t, st, wfe.Config{})
	})
}

// unready is a store that does not say what is unfinished.
type unready struct{ *memory.Store }

func (unready) Ready(context.Context, int64, int) ([]store.Key, error) { return nil, errTask }

func TestStopGivesUpOnAStoreThatCannotBeWritten(t *testing.T) {
	bubble(t, func(t *testing.T) {
		st := memory.New()
		r := rig{build: func(b *builder) { b.task("a") }}
		h := r.host(t, st, wfe.Config{})
		st.Inject(func(int, store.Batch) memory.Fault { return memory.Refused })
		go func() { _, _ = wfe.Start(t.Context(), h, ref, &data{}) }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
		defer cancel()
		x := newTimes()
		require.NoError(t, h.Stop(ctx))
		x.note()
		x.on(t, 4*time.Second)
	})
}
