package wfe_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/store/memory"
)

func TestAnotherProcessStartsPublishesResumesAndWaits(t *testing.T) {
	bubble(t, func(t *testing.T) {
		st := memory.New()
		r := rig{build: func(b *builder) { b.task("a"); b.await("wait") }, retry: &wfe.RetryPolicy{}}
		fail := true
		r.do = func(ctx wfe.StepContext, s *task) (wfe.Result, error) {
			if fail {
				return ctx.Next(), errTask
			}
			return ctx.Next(), nil
		}
		r.host(t, st, wfe.Config{})
		c := wfe.NewClient(st)
		i := begin(t, c, "i", data{Key: "k"})
		begin(t, c, "i", data{Key: "k"}) // again is the same
		_, err := wfe.Start(t.Context(), c, ref, &data{Key: "other"}, wfe.ID("i"))
		require.ErrorIs(t, err, wfe.ErrAlreadyExists)
		unknown := ref
		unknown.ID = "unknown"
		_, err = wfe.Start(t.Context(), c, unknown, &data{})
		require.ErrorIs(t, err, wfe.ErrNotRegistered)
		require.Equal(t, 1, strings.Count(err.Error(), "wfe: starting"), err)
		require.ErrorIs(t, wfe.Get(c, ref, "none").Resume(t.Context()), wfe.ErrNotFound)
		_, err = wfe.Get(c, ref, "none").Wait(t.Context())
		require.ErrorIs(t, err, wfe.ErrNotFound)

		synctest.Wait()
		require.Equal(t, wfe.Suspended, status(t, i).Status)
		fail = false
		require.NoError(t, i.Resume(t.Context()))
		publish(t, c, "k", "event")
		require.Equal(t, []string{"event"}, completes(t, i))
		require.ErrorContains(t, i.Resume(t.Context()), "complete")
	})
}

func TestWithoutAHostARequestIsPendingAndDoneLater(t *testing.T) {
	bubble(t, func(t *testing.T) {
		st := memory.New()
		c := wfe.NewClient(st)
		x := newTimes()
		_, err := wfe.Start(t.Context(), c, ref, &data{Key: "k"}, wfe.ID("i"))
		require.ErrorIs(t, err, wfe.ErrPending)
		x.note()
		x.on(t, 10*time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err = wfe.Get(c, ref, "i").Resume(ctx)
		require.ErrorIs(t, err, wfe.ErrPending)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		publish(t, c, "k", "too early")

		h := rig{build: func(b *builder) { b.await("wait") }}.host(t, st, wfe.Config{})
		<-time.After(time.Second)
		publish(t, h, "k", "event")
		require.Equal(t, []string{"event"}, completes(t, wfe.Get(h, ref, "i")))
	})
}

func TestARequestThatFailedSucceedsWhenItsReasonIsGone(t *testing.T) {
	bubble(t, func(t *testing.T) {
		st := memory.New()
		c := wfe.NewClient(st)
		h := wfe.NewHost(st, wfe.Config{})
		require.NoError(t, h.Start(t.Context()))
		_, err := wfe.Start(t.Context(), c, ref, &data{}, wfe.ID("i"))
		require.ErrorContains(t, err, "registered are: none")
		require.NoError(t, h.Stop(now()))
		rig{build: func(b *builder) {}}.host(t, st, wfe.Config{})
		completes(t, begin(t, c, "i", data{}))
	})
}

func TestManyRequestsAreAllAnswered(t *testing.T) {
	bubble(t, func(t *testing.T) {
		st := memory.New()
		rig{build: func(b *builder) { b.task("a") }}.host(t, st, wfe.Config{})
		c := wfe.NewClient(st)
		var all sync.WaitGroup
		for n := range 350 {
			all.Go(func() { completes(t, begin(t, c, fmt.Sprint(n), data{})) })
		}
		all.Wait()
	})
}
