package wfe_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
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

// controlled runs a test in the process of the host and from another one.
func controlled(t *testing.T, test func(t *testing.T, start func(r rig) wfe.Client)) {
	t.Helper()
	for _, remote := range []bool{false, true} {
		t.Run(fmt.Sprintf("remote=%t", remote), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				var h *wfe.Host
				test(t, func(r rig) wfe.Client {
					st := memory.New()
					h = r.host(t, st, wfe.Config{})
					if remote {
						return wfe.NewClient(st)
					}
					return h
				})
				require.NoError(t, h.Stop(now()))
			})
		})
	}
}

// refused requires that a command is answered by a status.
func refused(t *testing.T, err error, status wfe.Status, reason wfe.Reason) {
	t.Helper()
	var e *wfe.CommandError
	require.ErrorAs(t, err, &e)
	require.Equal(t, status, e.Status)
	require.Equal(t, reason, e.Reason)
	require.ErrorContains(t, err, string(status))
	require.ErrorContains(t, err, string(e.Command))
}

func TestControl_SuspendLetsBodiesEndAndStartsNoneUntilResume(t *testing.T) {
	t.Parallel()
	controlled(t, func(t *testing.T, start func(r rig) wfe.Client) {
		gate := make(chan struct{})
		var began atomic.Int32
		r := rig{build: func(b *builder) { b.task("one"); b.task("two") }}
		r.do = func(ctx wfe.StepContext, s *task) (wfe.Result, error) {
			began.Add(1)
			s.Out = s.Label
			if s.Label == "one" {
				<-gate
			}
			return ctx.Next(), ctx.Err()
		}
		c := start(r)
		i := begin(t, c, "i", data{})
		synctest.Wait()
		refused(t, i.Retry(t.Context()), wfe.Runnable, "")
		require.NoError(t, i.Suspend(t.Context()))
		require.NoError(t, i.Resume(t.Context()))
		require.NoError(t, c.Resume(t.Context(), "i"))
		require.NoError(t, i.Suspend(t.Context()))
		require.NoError(t, c.Suspend(t.Context(), "i"))
		require.Equal(t, wfe.Suspended, status(t, i).Status, "it was durable when Suspend returned")
		close(gate)
		synctest.Wait()
		require.EqualValues(t, 1, began.Load())
		require.Empty(t, status(t, i).Data.Log)
		refused(t, i.Retry(t.Context()), wfe.Suspended, "")
		require.NoError(t, i.Resume(t.Context()))
		require.Equal(t, []string{"one", "two"}, completes(t, i))
		for _, command := range []func(context.Context, string) error{c.Suspend, c.Resume, c.Retry, c.Cancel} {
			refused(t, command(t.Context(), "i"), wfe.Complete, "")
			require.ErrorIs(t, command(t.Context(), "none"), wfe.ErrNotFound)
		}
		refused(t, c.Terminate(t.Context(), "i", ""), wfe.Complete, "")
	})
}

func TestControl_SuspendHoldsBackBodiesThatWaitForTheirTurn(t *testing.T) {
	bubble(t, func(t *testing.T) {
		gate := make(chan struct{})
		var began atomic.Int32
		r := rig{build: func(b *builder) { b.each("item") }}
		r.do = func(ctx wfe.StepContext, s *task) (wfe.Result, error) { began.Add(1); <-gate; return ctx.Next(), nil }
		h := r.host(t, memory.New(), wfe.Config{Bodies: 2})
		i := begin(t, h, "i", data{Items: []int{1, 2, 3, 4, 5}})
		synctest.Wait()
		require.NoError(t, i.Suspend(t.Context()))
		close(gate)
		synctest.Wait()
		require.EqualValues(t, 2, began.Load())
		require.NoError(t, i.Resume(t.Context()))
		completes(t, i)
		require.EqualValues(t, 5, began.Load())
		require.NoError(t, h.Stop(t.Context()))
	})
}

func TestControl_RetryRunsAFailureAgain(t *testing.T) {
	t.Parallel()
	controlled(t, func(t *testing.T, start func(r rig) wfe.Client) {
		var mended atomic.Bool
		r := rig{build: func(b *builder) { b.task("a") }, retry: &wfe.RetryPolicy{}}
		r.do = func(ctx wfe.StepContext, s *task) (wfe.Result, error) {
			if !mended.Load() {
				return ctx.Next(), errTask
			}
			return ctx.Next(), nil
		}
		c := start(r)
		i := begin(t, c, "i", data{})
		synctest.Wait()
		require.Equal(t, wfe.Suspended, status(t, i).Status)
		mended.Store(true)
		require.NoError(t, i.Retry(t.Context()))
		completes(t, i)
	})
}

// trip is a saga whose last step waits until it is stopped.
func trip(undone *[]string, fails *atomic.Bool) rig {
	var mu sync.Mutex
	r := rig{build: func(b *builder) {
		b.Saga("trip", func(b *builder) { b.task("one"); b.task("two"); b.task("waits") })
		b.task("never")
	}, retry: &wfe.RetryPolicy{}}
	r.do = func(ctx wfe.StepContext, s *task) (wfe.Result, error) {
		if s.Label == "waits" {
			<-ctx.Done()
		}
		return ctx.Next(), ctx.Err()
	}
	r.undo = func(_ context.Context, s *task) error {
		if fails.Load() && s.Label == "two" {
			return errTask
		}
		mu.Lock()
		defer mu.Unlock()
		*undone = append(*undone, s.Label)
		return nil
	}
	return r
}

func TestControl_CancelRollsBackAndEndsAsCancelled(t *testing.T) {
	t.Parallel()
	controlled(t, func(t *testing.T, start func(r rig) wfe.Client) {
		var undone []string
		c := start(trip(&undone, new(atomic.Bool)))
		i := begin(t, c, "i", data{})
		synctest.Wait()
		require.NoError(t, i.Cancel(t.Context()))
		_, err := i.Wait(t.Context())
		var ended *wfe.EndedError
		require.ErrorAs(t, err, &ended)
		require.EqualError(t, err, "instance i is terminated (cancelled)")
		require.Equal(t, []string{"waits", "two", "one"}, undone)
		require.Empty(t, status(t, i).Left)
		require.NoError(t, i.Cancel(t.Context()), "it is cancelled")
		refused(t, i.Resume(t.Context()), wfe.Terminated, wfe.ReasonCancelled)
		refused(t, i.Terminate(t.Context(), ""), wfe.Terminated, wfe.ReasonCancelled)
	})
}

func TestControl_ACancelThatCannotUndoSuspendsAndResumeGoesOnWithIt(t *testing.T) {
	t.Parallel()
	controlled(t, func(t *testing.T, start func(r rig) wfe.Client) {
		var undone []string
		var fails atomic.Bool
		c := start(trip(&undone, &fails))
		fails.Store(true)
		i := begin(t, c, "i", data{})
		synctest.Wait()
		require.NoError(t, i.Cancel(t.Context()))
		for status(t, i).Status != wfe.Suspended {
			<-time.After(time.Second)
		}
		require.True(t, status(t, i).Cancelling)
		require.NoError(t, i.Cancel(t.Context()))
		require.Equal(t, wfe.Suspended, status(t, i).Status)
		fails.Store(false)
		require.NoError(t, i.Retry(t.Context()))
		_, err := i.Wait(t.Context())
		require.EqualError(t, err, "instance i is terminated (cancelled)")
		require.Equal(t, []string{"waits", "two", "one"}, undone)
	})
}

func TestControl_TerminateStopsBodiesUndoesNothingAndSaysWhatIsLeft(t *testing.T) {
	t.Parallel()
	controlled(t, func(t *testing.T, start func(r rig) wfe.Client) {
		var undone []string
		c := start(trip(&undone, new(atomic.Bool)))
		i := begin(t, c, "i", data{})
		synctest.Wait()
		require.ErrorIs(t, i.Terminate(t.Context(), strings.Repeat("x", wfe.MaxWhy+1)), wfe.ErrTooLarge)
		require.NoError(t, i.Terminate(t.Context(), "it was a test"))
		_, err := i.Wait(t.Context())
		require.EqualError(t, err, "instance i is terminated (operator): it was a test")
		s := status(t, i)
		require.Equal(t, "it was a test", s.Why)
		require.Equal(t, []wfe.Left{
			{Node: "trip/one", Step: "task", Key: "i/2"}, {Node: "trip/two", Step: "task", Key: "i/3"},
			{Node: "trip/waits", Step: "task", Key: "i/4", InPart: true},
		}, s.Left)
		require.NoError(t, i.Terminate(t.Context(), "again"))
		require.Equal(t, "it was a test", status(t, i).Why)
		refused(t, i.Cancel(t.Context()), wfe.Terminated, wfe.ReasonOperator)
		require.Empty(t, undone)
		synctest.Wait()
	})
}

func TestControl_TerminateGoesBeforeWhatWaitsWithIt(t *testing.T) {
	bubble(t, func(t *testing.T) {
		gate := make(chan struct{})
		r := rig{build: func(b *builder) { b.task("a") }}
		r.do = func(ctx wfe.StepContext, s *task) (wfe.Result, error) { <-gate; return ctx.Next(), nil }
		st := memory.New()
		h := r.host(t, st, wfe.Config{})
		i := begin(t, h, "i", data{})
		synctest.Wait()
		// While the store can't be written, one transition waits to become durable and the rest for it.
		st.Inject(func(int, store.Batch) memory.Fault { return memory.Refused })
		answers := make(chan error, 3)
		go func() { answers <- i.Suspend(t.Context()) }()
		synctest.Wait()
		close(gate) // the result waits
		synctest.Wait()
		resumed := make(chan error, 1)
		go func() { resumed <- i.Resume(t.Context()) }()
		synctest.Wait()
		go func() { answers <- i.Terminate(t.Context(), "now") }()
		synctest.Wait()
		require.Empty(t, answers, "nothing is answered before it is durable")
		st.Inject(nil)
		require.NoError(t, <-answers)
		require.NoError(t, <-answers)
		refused(t, <-resumed, wfe.Terminated, wfe.ReasonOperator) // it came first and goes second
		require.Equal(t, wfe.Terminated, status(t, i).Status, "not complete")
		require.NoError(t, h.Stop(t.Context()))
	})
}

func TestControl_WithoutAHostACommandIsPendingAndDoneLater(t *testing.T) {
	bubble(t, func(t *testing.T) {
		st := memory.New()
		r := rig{build: func(b *builder) { b.await("w") }}
		h := r.host(t, st, wfe.Config{})
		i := begin(t, h, "i", data{Key: "k"})
		synctest.Wait()
		require.NoError(t, h.Stop(t.Context()))
		x := newTimes()
		require.ErrorIs(t, wfe.NewClient(st).Cancel(t.Context(), "i"), wfe.ErrPending)
		x.note()
		x.on(t, 10*time.Second)
		h = r.host(t, st, wfe.Config{})
		_, err := wfe.Get(h, ref, i.ID()).Wait(t.Context())
		require.EqualError(t, err, "instance i is terminated (cancelled)")
		require.NoError(t, h.Stop(t.Context()))
	})
}

// TestControl_CommandsRaceWithStepsAndNoneIsLost has 50 of each command come while
// the steps of an instance run, a few hundred times.
func TestControl_CommandsRaceWithSteps(t *testing.T) {
	t.Parallel()
	var undone sync.Map
	r := rig{build: func(b *builder) {
		b.Saga("saga", func(b *builder) {
			for n := range 5 {
				b.task(fmt.Sprint("step-", n))
			}
			b.each("item")
		})
	}}
	r.do = func(ctx wfe.StepContext, s *task) (wfe.Result, error) { s.Out = s.Label; return ctx.Next(), nil }
	r.undo = func(ctx context.Context, s *task) error {
		n, _ := undone.LoadOrStore(wfe.Info(ctx).Undoes, new(atomic.Int32))
		n.(*atomic.Int32).Add(1)
		return nil
	}
	st := memory.New()
	h := r.host(t, st, wfe.Config{})
	c := wfe.NewClient(st)
	for round := range 10 {
		i := begin(t, h, fmt.Sprint("i", round), data{Items: []int{1, 2, 3, 4}})
		var all sync.WaitGroup
		var cancelled, terminated atomic.Int32
		from := func(n int) wfe.Client {
			if n%10 == 0 {
				return c
			}
			return h
		}
		for n := range 50 {
			all.Go(func() { possible(t, from(n).Suspend(t.Context(), i.ID())) })
			all.Go(func() { possible(t, from(n).Resume(t.Context(), i.ID())) })
			all.Go(func() { possible(t, from(n).Retry(t.Context(), i.ID())) })
			if round%3 == 1 {
				all.Go(func() {
					if possible(t, from(n).Cancel(t.Context(), i.ID())) {
						cancelled.Add(1)
					}
				})
			}
			if round%3 == 2 {
				all.Go(func() {
					if possible(t, from(n).Terminate(t.Context(), i.ID(), "race")) {
						terminated.Add(1)
					}
				})
			}
		}
		all.Wait()
		_ = i.Resume(t.Context())
		_, err := i.Wait(t.Context())
		s := status(t, i)
		switch {
		case cancelled.Load() > 0:
			require.EqualValues(t, 50, cancelled.Load(), "one that was done is done for all")
			require.Equal(t, wfe.ReasonCancelled, s.Reason)
			require.Error(t, err)
		case terminated.Load() > 0:
			require.EqualValues(t, 50, terminated.Load())
			require.Equal(t, wfe.ReasonOperator, s.Reason)
		default:
			require.NoError(t, err)
			require.Len(t, s.Data.Log, 9)
		}
	}
	undone.Range(func(key, n any) bool {
		require.EqualValues(t, 1, n.(*atomic.Int32).Load(), key)
		return true
	})
	require.NoError(t, h.Stop(t.Context()))
}

// possible reports whether a command was done; it may have been refused, nothing else.
func possible(t *testing.T, err error) bool {
	var e *wfe.CommandError
	if err != nil && !errors.As(err, &e) {
		t.Errorf("%v", err)
	}
	return err == nil
}

func TestControl_CommandsThatWaitedForAHostAreDoneInTheirOrder(t *testing.T) {
	bubble(t, func(t *testing.T) {
		st := memory.New()
		r := rig{build: func(b *builder) { b.await("w") }}
		h := r.host(t, st, wfe.Config{})
		begin(t, h, "i", data{Key: "k"})
		require.NoError(t, h.Stop(t.Context()))
		c := wfe.NewClient(st)
		for range 30 {
			require.ErrorIs(t, c.Resume(t.Context(), "i"), wfe.ErrPending)
			require.ErrorIs(t, c.Suspend(t.Context(), "i"), wfe.ErrPending)
		}
		require.ErrorIs(t, c.Resume(t.Context(), "none"), wfe.ErrPending)
		h = r.host(t, st, wfe.Config{})
		time.Sleep(time.Second)
		require.Equal(t, wfe.Suspended, status(t, wfe.Get(h, ref, "i")).Status)
		require.NoError(t, h.Stop(t.Context()))
	})
}

// posted notes the requests that are posted.
type posted struct {
	*memory.Store
	requests *[]string
}

func (p posted) Post(ctx context.Context, m []store.Msg) error {
	*p.requests = append(*p.requests, m[0].Request)
	return p.Store.Post(ctx, m)
}

func TestControl_RepliesAreNotKeptForEver(t *testing.T) {
	bubble(t, func(t *testing.T) {
		st := posted{memory.New(), new([]string)}
		r := rig{build: func(b *builder) { b.await("w") }}
		h := r.host(t, st.Store, wfe.Config{})
		c := wfe.NewClient(st)
		begin(t, c, "i", data{Key: "k"})
		kept := func(n int) {
			t.Helper()
			for i, request := range *st.requests {
				_, err := st.Reply(t.Context(), request)
				require.Equal(t, i < len(*st.requests)-n, errors.Is(err, store.ErrNotFound), "reply %d", i)
			}
		}
		kept(1)
		time.Sleep(50 * time.Minute)
		require.NoError(t, c.Suspend(t.Context(), "i"))
		time.Sleep(15 * time.Minute)
		require.NoError(t, c.Suspend(t.Context(), "i"))
		synctest.Wait()
		kept(2)
		require.NoError(t, h.Stop(t.Context()))
		time.Sleep(2 * time.Hour)
		h = r.host(t, st.Store, wfe.Config{})
		kept(0)
		require.NoError(t, h.Stop(t.Context()))
	})
}

func TestControl_AFullInboxIsAnErrorOfItsOwn(t *testing.T) {
	t.Parallel()
	st := memory.New()
	many := make([]store.Msg, store.MaxUnread)
	for i := range many {
		many[i].Target = "i"
	}
	require.NoError(t, st.Post(t.Context(), many))
	require.ErrorIs(t, wfe.NewClient(st).Suspend(t.Context(), "i"), wfe.ErrInboxFull, "no host has dealt with them")
}
