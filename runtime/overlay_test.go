package wfe_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/store"
	"github.com/wfegen/wfe/runtime/store/memory"
)

func TestPolicy_OfTheStepIsTheNewestRegisteredOneForRunningInstancesToo(t *testing.T) {
	bubble(t, func(t *testing.T) {
		st := memory.New()
		r := rig{build: func(b *builder) { b.task("a") }, retry: &wfe.RetryPolicy{MaxRetries: 5, Interval: time.Hour}}
		runs := 0
		r.do = func(ctx wfe.StepContext, _ *task) (wfe.Result, error) {
			runs++
			<-ctx.Done() // nothing but a timeout ends it
			return ctx.Next(), errTask
		}
		h := r.host(t, st, wfe.Config{})
		i := begin(t, h, "i", data{})
		synctest.Wait()
		require.NoError(t, h.Stop(now())) // in its first attempt, without a timeout

		r.retry, r.timeout = &wfe.RetryPolicy{MaxRetries: 1, Interval: time.Second, Then: wfe.Terminate}, time.Second
		began := time.Now()
		h = r.host(t, st, wfe.Config{})
		_, err := wfe.Get(h, ref, i.ID()).Wait(t.Context())
		var ended *wfe.EndedError
		require.ErrorAs(t, err, &ended)
		require.Equal(t, wfe.ReasonFailed, ended.Reason)
		require.Equal(t, 3, runs)
		require.Less(t, time.Since(began), time.Minute)
	})
}

func TestPolicy_OfTheWorkflowGoesBeforeThatOfTheStep(t *testing.T) {
	bubble(t, func(t *testing.T) {
		runs := 0
		r := rig{build: func(b *builder) {
			b.task("a").OnError(wfe.RetryPolicy{MaxRetries: 1, Interval: time.Second, Then: wfe.Terminate})
		},
			retry: &wfe.RetryPolicy{MaxRetries: 5, Interval: time.Second}}
		r.do = func(ctx wfe.StepContext, _ *task) (wfe.Result, error) { runs++; return ctx.Next(), errTask }
		_, err := begin(t, r.host(t, memory.New(), wfe.Config{}), "i", data{}).Wait(t.Context())
		require.Error(t, err)
		require.Equal(t, 2, runs)
	})
}

func TestPolicy_WithoutAnyIsThreeRetriesFromASecondDoubling(t *testing.T) {
	bubble(t, func(t *testing.T) {
		x := newTimes()
		r := rig{build: func(b *builder) { b.task("a") }}
		r.do = func(ctx wfe.StepContext, _ *task) (wfe.Result, error) { x.note(); return ctx.Next(), errTask }
		i := begin(t, r.host(t, memory.New(), wfe.Config{}), "i", data{})
		time.Sleep(time.Minute)
		require.Equal(t, wfe.Suspended, status(t, i).Status)
		at := x.all()
		require.Len(t, at, 4)
		for n, wait := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second} {
			took := at[n+1] - at[n]
			require.LessOrEqual(t, took, wait+10*time.Millisecond)
			require.GreaterOrEqual(t, took, wait*4/5) // jitter shortens by up to a fifth
		}
	})
}

func TestCommand_IsRefusedWhereTooManyInputsWait(t *testing.T) {
	t.Parallel() // the store waits under a lock, which is nothing for a bubble
	st := memory.New()
	h := rig{build: func(b *builder) { b.await("wait") }}.host(t, st, wfe.Config{})
	begin(t, h, "i", data{Key: "k"})
	free := make(chan struct{})
	st.Inject(func(int, store.Batch) memory.Fault { <-free; return memory.None })
	const many = 11_100 // up to 1,000 of them are in the transition that waits
	answers := make(chan error, many)
	for range many {
		go func() { answers <- h.Suspend(t.Context(), "i") }()
	}
	require.ErrorIs(t, <-answers, wfe.ErrInboxFull) // the others wait
	close(free)
	full := 1
	for range many - 1 {
		if err := <-answers; err != nil {
			require.True(t, errors.Is(err, wfe.ErrInboxFull), err)
			full++
		}
	}
	require.LessOrEqual(t, full, many-10_000)
	require.NoError(t, h.Terminate(t.Context(), "i", "")) // there is room again
}
