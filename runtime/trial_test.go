package wfe_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/store"
	"github.com/wfegen/wfe/runtime/store/memory"
)

// court is a store with the bodies that run now, by instance. One whose name begins
// with long has a body that does not end; that of another one takes nine seconds.
type court struct {
	t  *testing.T
	st *memory.Store
	c  wfe.Config
	h  *wfe.Host

	slow time.Duration // of each commit

	mu   sync.Mutex
	runs map[string]bool
}

func newCourt(t *testing.T, c wfe.Config) *court {
	c.Schedulers = 1 // instances are recovered in the order in which they began
	x := &court{t: t, st: memory.New(), c: c}
	x.live()
	return x
}

// live begins the life of a host.
func (x *court) live() {
	runs := map[string]bool{} // those of a host that crashed note nothing any more
	x.mu.Lock()
	x.runs = runs
	x.mu.Unlock()
	r := rig{build: func(b *builder) { b.task("a") }, retry: &wfe.RetryPolicy{}}
	r.do = func(ctx wfe.StepContext, _ *task) (wfe.Result, error) {
		id := wfe.Info(ctx).Instance
		x.mu.Lock()
		runs[id] = true
		x.mu.Unlock()
		d := 9 * time.Second
		if strings.HasPrefix(id, "long") {
			d = 1000 * time.Hour
		}
		select {
		case <-time.After(d):
		case <-ctx.Done():
		}
		x.mu.Lock()
		delete(runs, id)
		x.mu.Unlock()
		return ctx.Next(), ctx.Err()
	}
	x.h = wfe.NewHost(slow{x.st, x.slow}, x.c)
	require.NoError(x.t, r.register(x.h))
	require.NoError(x.t, x.h.Start(x.t.Context()))
	h := x.h
	x.t.Cleanup(func() { _ = h.Stop(now()) })
	synctest.Wait()
}

// slow is a store whose commits take a while.
type slow struct {
	*memory.Store
	commit time.Duration
}

func (s slow) Commit(ctx context.Context, l store.Lease, b store.Batch) ([]store.Outcome, error) {
	time.Sleep(s.commit)
	return s.Store.Commit(ctx, l, b)
}

// crash ends it as a crash would.
func (x *court) crash() { crash(x.st, x.h) }

// now lists the bodies that run.
func (x *court) now() []string {
	synctest.Wait()
	x.mu.Lock()
	defer x.mu.Unlock()
	ids := []string{}
	for id := range x.runs {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

func (x *court) is(id string, s wfe.Status) {
	x.t.Helper()
	require.Equal(x.t, s, status(x.t, wfe.Get(x.h, ref, id)).Status, id)
}

func TestTrial_NothingRunsBesideASuspect(t *testing.T) {
	bubble(t, func(t *testing.T) {
		x := newCourt(t, wfe.Config{MaxCrashes: 2})
		begin(t, x.h, "a", data{})
		begin(t, x.h, "b", data{})
		require.Equal(t, []string{"a", "b"}, x.now())
		x.crash()
		x.live()
		require.Equal(t, []string{"a"}, x.now(), "both are suspects")
		begin(t, x.h, "c", data{}) // a commit: a is not to blame
		require.Equal(t, []string{"a"}, x.now(), "b has to be alone")
		time.Sleep(time.Second)
		require.Equal(t, []string{"a"}, x.now())
	})
}

func TestTrial_SuspectsComeBeforeWhatElseIsRecovered(t *testing.T) {
	bubble(t, func(t *testing.T) {
		x := newCourt(t, wfe.Config{MaxCrashes: 4})
		begin(t, x.h, "long 1", data{})
		begin(t, x.h, "long 2", data{})
		x.crash()
		x.live()
		x.crash()
		x.live() // both are suspects
		time.Sleep(time.Minute)
		require.Equal(t, []string{"long 1", "long 2"}, x.now(), "1 is cleared, 2 was not alone")
		x.crash()
		for range 2 {
			x.live()
			require.Equal(t, []string{"long 2"}, x.now())
			x.crash()
		}
		x.live()
		x.is("long 2", wfe.Suspended)
		x.is("long 1", wfe.Runnable)
		require.Equal(t, []string{"long 1"}, x.now())
	})
}

func TestTrial_NothingBeginsBeforeAllSuspectsAreKnown(t *testing.T) {
	bubble(t, func(t *testing.T) {
		const run = 512 // as many as one commit recovers
		x := newCourt(t, wfe.Config{MaxCrashes: 4, Bodies: run})
		for i := range run + 100 {
			begin(t, x.h, fmt.Sprint("long ", i), data{})
		}
		x.crash()
		x.live()
		cleared := x.now()
		require.Len(t, cleared, run)
		publish(t, x.h, "k", "those that run are not to blame; those in the queue may be")
		synctest.Wait()
		x.crash()
		x.slow = time.Second
		x.live()
		time.Sleep(5 * time.Second)
		require.Len(t, x.now(), 1)
		require.NotContains(t, cleared, x.now()[0])
	})
}

func TestTrial_OneThatTakesLongEndsWhenOthersWant(t *testing.T) {
	bubble(t, func(t *testing.T) {
		x := newCourt(t, wfe.Config{MaxCrashes: 2})
		begin(t, x.h, "long", data{})
		x.crash()
		x.live()
		time.Sleep(5 * time.Minute)
		require.Equal(t, []string{"long"}, x.now())
		begin(t, x.h, "b", data{})
		require.Equal(t, []string{"b", "long"}, x.now())
		x.crash()
		x.live()
		x.is("long", wfe.Runnable)
	})
}

func TestTrial_ThatPassedIsNoReasonToFail(t *testing.T) {
	bubble(t, func(t *testing.T) {
		x := newCourt(t, wfe.Config{MaxCrashes: 2})
		begin(t, x.h, "long 1", data{})
		begin(t, x.h, "long 2", data{})
		x.crash()
		x.live()
		require.Equal(t, []string{"long 1"}, x.now())
		time.Sleep(9 * time.Second)
		require.Equal(t, []string{"long 1"}, x.now())
		time.Sleep(2 * time.Second) // long 1 has passed; long 2 waits to be alone
		require.Equal(t, []string{"long 1"}, x.now())
		time.Sleep(10 * time.Second)
		require.Equal(t, []string{"long 1", "long 2"}, x.now())
		x.crash() // counted for long 1, which had passed, but not for long 2, which was not alone
		for range 5 {
			x.live()
			time.Sleep(21 * time.Second)
			require.Equal(t, []string{"long 1", "long 2"}, x.now())
			x.crash()
		}
		x.live()
		x.is("long 1", wfe.Runnable)
		x.is("long 2", wfe.Runnable)
	})
}

func TestTrial_AnInnocentBodyIsNotBlamedForOneThatOutlivesCommits(t *testing.T) {
	bubble(t, func(t *testing.T) {
		x := newCourt(t, wfe.Config{MaxCrashes: 2})
		begin(t, x.h, "long poison", data{})
		begin(t, x.h, "long innocent", data{})
		x.crash()
		for range 10 {
			x.live()
			publish(t, x.h, "k", "a commit: what runs alone is cleared")
			synctest.Wait()
			time.Sleep(time.Minute)
			require.Contains(t, x.now(), "long poison")
			x.crash()
		}
		x.live()
		x.is("long innocent", wfe.Runnable)
	})
}

func TestTrial_ThereAreNoneAfterAMinute(t *testing.T) {
	bubble(t, func(t *testing.T) {
		x := newCourt(t, wfe.Config{MaxCrashes: 2})
		for i := range 20 {
			begin(t, x.h, fmt.Sprint("suspect ", i), data{})
		}
		require.Len(t, x.now(), 20)
		x.crash()
		x.live()
		for range 7 {
			require.Len(t, x.now(), 1)
			time.Sleep(9 * time.Second)
		}
		require.Len(t, x.now(), 13)
		x.crash()
		x.live()
		require.Len(t, x.now(), 1, "it is tried by the next host")
	})
}

func TestTrial_WaitsForABodyThatWasLeftBehind(t *testing.T) {
	bubble(t, func(t *testing.T) {
		left := make(chan struct{})
		st := memory.New()
		var began []string
		r := rig{build: func(b *builder) { b.task("a") }, retry: &wfe.RetryPolicy{}, timeout: time.Second}
		r.do = func(ctx wfe.StepContext, _ *task) (wfe.Result, error) {
			began = append(began, wfe.Info(ctx).Instance)
			<-left // whatever its context says
			return ctx.Next(), nil
		}
		h := r.host(t, st, wfe.Config{MaxCrashes: 2, Grace: time.Second, Bodies: 1, Schedulers: 1})
		begin(t, h, "a", data{})
		begin(t, h, "b", data{})
		synctest.Wait()
		crash(st, h)
		began = nil
		h = r.host(t, st, wfe.Config{MaxCrashes: 2, Grace: time.Second, Bodies: 1, Schedulers: 1})
		synctest.Wait()
		require.Equal(t, []string{"a"}, began)
		time.Sleep(5 * time.Second)
		require.Equal(t, wfe.Suspended, status(t, wfe.Get(h, ref, "a")).Status, "it was left behind")
		require.Equal(t, []string{"a"}, began)
		close(left)
		synctest.Wait()
		require.Equal(t, []string{"a", "b"}, began)
	})
}
