package wfe_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/store/memory"
)

func TestFiftyEqualStartsOfOneIdMakeOneInstance(t *testing.T) {
	t.Parallel()
	var bodies atomic.Int32
	r := rig{
		build: func(b *builder) { b.task("a") },
		do: func(ctx wfe.StepContext, s *task) (wfe.Result, error) {
			bodies.Add(1)
			s.Out = "done"
			return ctx.Next(), nil
		},
	}
	h := r.host(t, memory.New(), wfe.Config{})
	for round := range 20 {
		bodies.Store(0)
		id := fmt.Sprint("id-", round)
		var all sync.WaitGroup
		errs := make([]error, 50)
		for i := range errs {
			all.Go(func() { _, errs[i] = wfe.Start(t.Context(), h, ref, &data{Key: "k"}, wfe.ID(id)) })
		}
		all.Wait()
		for _, err := range errs {
			require.NoError(t, err)
		}
		require.Equal(t, []string{"done"}, completes(t, wfe.Get(h, ref, id)))
		require.EqualValues(t, 1, bodies.Load())
	}
}

func TestOfDifferentStartsOfOneIdOneWins(t *testing.T) {
	t.Parallel()
	h := rig{build: func(b *builder) { b.task("a") }}.host(t, memory.New(), wfe.Config{})
	var all sync.WaitGroup
	errs := make([]error, 40)
	for i := range errs {
		all.Go(func() { _, errs[i] = wfe.Start(t.Context(), h, ref, &data{Key: string(rune('a' + i%4))}, wfe.ID("id")) })
	}
	all.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
			continue
		}
		require.ErrorIs(t, err, wfe.ErrAlreadyExists)
	}
	require.Equal(t, 10, won)
}

func TestAStartThatCannotBeIsAnErrorAndStoresNothing(t *testing.T) {
	bubble(t, func(t *testing.T) {
		st := memory.New()
		h := rig{build: func(b *builder) { b.task("a") }}.host(t, st, wfe.Config{})
		commits := st.Commits()
		unknown := ref
		unknown.ID = "other"
		_, err := wfe.Start(t.Context(), h, unknown, &data{})
		require.ErrorIs(t, err, wfe.ErrNotRegistered)
		require.ErrorContains(t, err, "flow version 1")
		unknown = ref
		unknown.Version = 2
		_, err = wfe.Start(t.Context(), h, unknown, &data{})
		require.ErrorIs(t, err, wfe.ErrNotRegistered)
		_, err = wfe.Start(t.Context(), h, ref, &data{Key: strings.Repeat("x", wfe.MaxPayload)})
		require.ErrorIs(t, err, wfe.ErrTooLarge)
		for _, id := range []string{"", strings.Repeat("x", 256), "a\x00b", "\xff"} {
			_, err = wfe.Start(t.Context(), h, ref, &data{}, wfe.ID(id))
			require.Error(t, err, "%q", id)
		}
		require.Equal(t, commits, st.Commits())
	})
}

func TestAnUnknownInstanceIsNotFound(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := rig{build: func(b *builder) {}}.host(t, memory.New(), wfe.Config{})
		none := wfe.Get(h, ref, "none")
		_, err := none.Get(t.Context())
		require.ErrorIs(t, err, wfe.ErrNotFound)
		_, err = none.Wait(t.Context())
		require.ErrorIs(t, err, wfe.ErrNotFound)
		require.ErrorIs(t, none.Resume(t.Context()), wfe.ErrNotFound)
	})
}

func TestAWorkflowWithoutStepsCompletesAtOnce(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := rig{build: func(b *builder) {}}.host(t, memory.New(), wfe.Config{})
		require.Empty(t, completes(t, begin(t, h, "a", data{})))
	})
}

func TestAllWhoWaitAreWokenAtTheEnd(t *testing.T) {
	bubble(t, func(t *testing.T) {
		end := make(chan struct{})
		r := rig{
			build: func(b *builder) { b.task("a") },
			do: func(ctx wfe.StepContext, s *task) (wfe.Result, error) {
				<-end
				s.Out = "done"
				return ctx.Next(), nil
			},
		}
		h := r.host(t, memory.New(), wfe.Config{})
		i := begin(t, h, "a", data{})
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() {
				d, err := i.Wait(t.Context())
				require.NoError(t, err)
				require.Equal(t, []string{"done"}, d.Log)
			})
		}
		synctest.Wait()
		close(end)
		all.Wait()
		require.Equal(t, []string{"done"}, completes(t, i)) // it has ended already
	})
}

func TestAHostThatDoesNotRunTakesNoCalls(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := rig{build: func(b *builder) {}}
		h := wfe.NewHost(memory.New(), wfe.Config{})
		require.NoError(t, r.register(h))
		refused := func() {
			_, err := wfe.Start(t.Context(), h, ref, &data{})
			require.ErrorIs(t, err, wfe.ErrStopped)
			require.ErrorIs(t, wfe.Publish(t.Context(), h, noteEvent, "k", &note{}), wfe.ErrStopped)
			require.ErrorIs(t, wfe.Get(h, ref, "a").Resume(t.Context()), wfe.ErrStopped)
		}
		refused()
		require.NoError(t, h.Stop(t.Context()))
		require.NoError(t, h.Start(t.Context()))
		require.Error(t, h.Start(t.Context()), "it starts once")
		require.Error(t, r.register(h), "it runs")
		require.NoError(t, h.Stop(t.Context()))
		<-h.Done()
		require.NoError(t, h.Err())
		refused()
	})
}
