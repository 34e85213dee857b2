package wfe_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/store"
	"github.com/wfegen/wfe/runtime/store/memory"
)

// flaky is a store of which every third read fails once it is on.
type flaky struct {
	*memory.Store
	on    *atomic.Bool
	reads *atomic.Int64
}

func (f flaky) fails() error {
	if f.on.Load() && f.reads.Add(1)%3 == 0 {
		return errTask
	}
	return nil
}

func (f flaky) Load(ctx context.Context, id string) (*store.Row, error) {
	if err := f.fails(); err != nil {
		return nil, err
	}
	return f.Store.Load(ctx, id)
}

func (f flaky) Due(ctx context.Context, after store.Timer, limit int) ([]store.Timer, error) {
	if err := f.fails(); err != nil {
		return nil, err
	}
	return f.Store.Due(ctx, after, limit)
}

func (f flaky) Undelivered(ctx context.Context, after instance.Seq, limit int) ([]store.Event, error) {
	if err := f.fails(); err != nil {
		return nil, err
	}
	return f.Store.Undelivered(ctx, after, limit)
}

func (f flaky) Waits(ctx context.Context, e store.Event, after store.Wait, limit int) ([]store.Wait, error) {
	if err := f.fails(); err != nil {
		return nil, err
	}
	return f.Store.Waits(ctx, e, after, limit)
}

func (f flaky) Match(ctx context.Context, m store.Match) (store.Event, error) {
	if err := f.fails(); err != nil {
		return store.Event{}, err
	}
	return f.Store.Match(ctx, m)
}

func (f flaky) Inbox(ctx context.Context, after int64, limit int) ([]store.Msg, error) {
	if err := f.fails(); err != nil {
		return nil, err
	}
	return f.Store.Inbox(ctx, after, limit)
}

func TestAReadThatFailsIsTriedAgainAndNothingIsLost(t *testing.T) {
	bubble(t, func(t *testing.T) {
		st := flaky{memory.New(), new(atomic.Bool), new(atomic.Int64)}
		r := rig{build: func(b *builder) {
			b.Delay("sleep", 90*time.Second)
			b.await("one").Timeout(time.Hour, func(b *builder) { b.task("late") })
			b.await("two")
			b.awaitKey("none", "-none").Timeout(time.Minute, func(b *builder) { b.task("none-came") })
		}}
		r.do = func(ctx wfe.StepContext, s *task) (wfe.Result, error) { s.Out = s.Label; return ctx.Next(), nil }
		h := wfe.NewHost(st, wfe.Config{})
		require.NoError(t, r.register(h))
		require.NoError(t, h.Start(t.Context()))
		defer func() { require.NoError(t, h.Stop(t.Context())) }()
		var all []wfe.Handle[data]
		remote := wfe.NewClient(st.Store)
		for n := range 20 {
			all = append(all, begin(t, h, fmt.Sprint(n), data{Key: fmt.Sprint(n)}))
		}
		st.on.Store(true)
		for n := range 20 {
			publish(t, h, fmt.Sprint(n), "first")
			publish(t, remote, fmt.Sprint(n), "second")
		}
		late := begin(t, remote, "remote", data{Key: "3"})
		publish(t, remote, "3", "first")
		publish(t, remote, "3", "second")
		for _, i := range append(all, late) {
			for status(t, wfe.Get(remote, ref, i.ID())).Status != wfe.Complete {
				<-time.After(10 * time.Second)
			}
			require.Equal(t, []string{"first", "second", "none-came"}, status(t, wfe.Get(remote, ref, i.ID())).Data.Log)
		}
		synctest.Wait()
	})
}

// hiding is a store whose first event is not listed to be delivered.
type hiding struct{ *memory.Store }

func (h hiding) Undelivered(ctx context.Context, after instance.Seq, limit int) ([]store.Event, error) {
	return h.Store.Undelivered(ctx, max(after, 1), limit)
}

func TestAnEventThatIsOfferedDoesNotPassAnOlderOne(t *testing.T) {
	bubble(t, func(t *testing.T) {
		gate := make(chan struct{})
		r := rig{build: func(b *builder) { b.task("first"); b.await("one"); b.await("two") }}
		r.do = func(ctx wfe.StepContext, _ *task) (wfe.Result, error) { <-gate; return ctx.Next(), nil }
		h := wfe.NewHost(hiding{memory.New()}, wfe.Config{})
		require.NoError(t, r.register(h))
		require.NoError(t, h.Start(t.Context()))
		defer func() { require.NoError(t, h.Stop(t.Context())) }()
		i := begin(t, h, "a", data{Key: "k"})
		publish(t, h, "k", "older")
		close(gate)
		synctest.Wait()
		publish(t, h, "k", "newer")
		require.Equal(t, []string{"older", "newer"}, completes(t, i))
	})
}
