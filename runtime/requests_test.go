package wfe_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/store"
	"github.com/wfegen/wfe/runtime/store/memory"
	"github.com/wfegen/wfe/runtime/store/sqlite"
)

// database is a store that several processes open, one after the other or together.
type database struct {
	open func() store.Store
	kill func(st store.Store) // ends the process that has st open
}

// memoryDatabase is one in memory.
func memoryDatabase(*testing.T) database {
	st := memory.New()
	return database{func() store.Store { return st }, func(store.Store) { st.Crash() }}
}

// sqliteDatabase is a file.
func sqliteDatabase(t *testing.T) database {
	t.Helper()
	path := filepath.Join(t.TempDir(), "wfe.db")
	return database{
		func() store.Store {
			st, err := sqlite.Open(context.Background(), path, sqlite.Config{Log: slog.New(slog.DiscardHandler)})
			require.NoError(t, err)
			t.Cleanup(func() { _ = st.Close() })
			return st
		},
		func(st store.Store) { _ = st.Close() },
	}
}

// fate is at which commit of the owners of a database one of them dies.
type fate struct {
	database
	at      int // from 1; 0 is never
	after   bool
	commits atomic.Int32
}

// mortal is the database as an owner sees it.
type mortal struct {
	store.Store
	*fate
}

func (m mortal) Commit(ctx context.Context, l store.Lease, b store.Batch) ([]store.Outcome, error) {
	if len(b.Items) == 0 || int(m.commits.Add(1)) != m.at {
		return m.Store.Commit(ctx, l, b)
	}
	if m.after {
		if _, err := m.Store.Commit(ctx, l, b); err != nil {
			return nil, err
		}
	}
	m.kill(m.Store)
	return nil, store.ErrFenced
}

// owners runs a host, and another one when that has died, until they are stopped.
func (f *fate) owners(t *testing.T, r rig, between func()) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	all.Go(func() {
		for ctx.Err() == nil {
			h := wfe.NewHost(mortal{f.open(), f}, wfe.Config{})
			if err := r.register(h); err != nil {
				t.Errorf("%v", err)
				return
			}
			if err := h.Start(ctx); err == nil {
				select {
				case <-h.Done():
				case <-ctx.Done():
				}
			}
			_ = h.Stop(now())
			if between != nil && ctx.Err() == nil {
				between()
			}
		}
	})
	return func() { cancel(); all.Wait() }
}

// caller is another process, with what it was answered.
type caller struct {
	*testing.T
	wfe.Client
	answers []string
}

func (c *caller) ask(what string, err error) {
	c.Helper()
	c.answers = append(c.answers, fmt.Sprintf("%s: %v", what, err))
}

func (c *caller) start(id string) wfe.Handle[data] {
	c.Helper()
	i, err := wfe.Start(c.Context(), c, ref, &data{Key: "k"}, wfe.ID(id))
	c.ask("start "+id, err)
	return i
}

// until waits until an instance is as wanted.
func (c *caller) until(i wfe.Handle[data], what string, is func(i wfe.Instance[data]) bool) {
	c.Helper()
	for range 10_000 {
		if now, err := i.Get(c.Context()); err == nil && is(now) {
			return
		}
		time.Sleep(time.Millisecond)
	}
	c.Fatalf("%s is not %s; the answers so far: %q", i.ID(), what, c.answers)
}

func (c *caller) untilIs(i wfe.Handle[data], s wfe.Status) {
	c.Helper()
	c.until(i, string(s), func(i wfe.Instance[data]) bool { return i.Status == s })
}

func (c *caller) untilWaits(i wfe.Handle[data]) {
	c.Helper()
	c.until(i, "waiting", func(i wfe.Instance[data]) bool { return len(i.Waiting) > 0 })
}

// facts is what there is of all instances: how they ended, and what happened to
// them, but for bodies that began.
func (c *caller) facts() []string {
	c.Helper()
	page, err := wfe.Query(c.Context(), c, wfe.Filter{})
	require.NoError(c, err)
	var all []string
	for _, s := range page.Instances {
		i := wfe.Get(c, ref, s.ID)
		data, err := i.Get(c.Context())
		require.NoError(c, err)
		history, err := wfe.History(c.Context(), c, s.ID)
		require.NoError(c, err)
		fact := fmt.Sprint(s.ID, " ", s.Status, " ", s.Reason, " ", data.Data.Log)
		for _, r := range history {
			switch r.Kind {
			case wfe.RecordStepStarted, wfe.RecordUndoStarted:
			default:
				fact += fmt.Sprint("; ", r.Kind, " ", r.Node, " ", r.Text)
			}
		}
		all = append(all, fact)
	}
	slices.Sort(all)
	return all
}

// request is what another process asks for, of instances of a workflow.
type request struct {
	build func(b *builder)
	ask   func(c *caller)
}

// stubborn always fails, and suspends then.
func stubborn(b *builder) { b.task("fail").OnError(atOnce(wfe.Suspend)) }

func justWaits(b *builder) { b.await("w") }

// requests are scripts, with each kind of request.
var requests = map[string]request{
	"Start": {build: func(b *builder) { b.task("a") }, ask: func(c *caller) {
		for _, id := range []string{"x", "y", "x"} {
			i := c.start(id)
			_, err := i.Wait(c.Context())
			c.ask("wait", err)
		}
		_, err := wfe.Start(c.Context(), c, ref, &data{Key: "other"}, wfe.ID("x"))
		c.ask("another start", err)
	}},
	"Start with a reference of its own": {build: justWaits, ask: func(c *caller) {
		for _, id := range []string{"x", "y"} {
			_, err := wfe.Start(c.Context(), c, ref, &data{Key: "k"}, wfe.ID(id), wfe.Reference("r"), wfe.Unique())
			c.ask("start "+id, err)
		}
	}},
	"Suspend": {build: justWaits, ask: func(c *caller) {
		i := c.start("x")
		c.untilWaits(i)
		c.ask("suspend", i.Suspend(c.Context()))
	}},
	// What came meanwhile ends the instance with the Resume.
	"Resume": {build: justWaits, ask: func(c *caller) {
		i := c.start("x")
		c.untilWaits(i)
		c.ask("suspend", i.Suspend(c.Context()))
		publish(c.T, c, "k", "meanwhile")
		time.Sleep(time.Second)
		c.ask("resume", i.Resume(c.Context()))
		_, err := i.Wait(c.Context())
		c.ask("wait", err)
		c.ask("resume again", i.Resume(c.Context()))
	}},
	"Retry": {build: stubborn, ask: func(c *caller) {
		i := c.start("x")
		for n := range 3 {
			c.until(i, "failed", func(i wfe.Instance[data]) bool { return i.Status == wfe.Suspended })
			failures, err := wfe.Failures(c.Context(), c, "x")
			require.NoError(c, err)
			require.Len(c, failures, n+1, "%q", c.answers)
			if n < 2 {
				c.ask("retry", i.Retry(c.Context()))
			}
		}
	}},
	"Cancel": {build: func(b *builder) { b.Saga("s", func(b *builder) { b.task("a"); b.await("w") }) }, ask: func(c *caller) {
		i := c.start("x")
		c.untilWaits(i)
		c.ask("cancel", i.Cancel(c.Context()))
		c.untilIs(i, wfe.Terminated)
		c.ask("resume", i.Resume(c.Context()))
	}},
	"Terminate": {build: justWaits, ask: func(c *caller) {
		i := c.start("x")
		c.untilWaits(i)
		c.ask("terminate", i.Terminate(c.Context(), "enough"))
		c.ask("suspend", i.Suspend(c.Context()))
	}},
	"Purge": {build: func(*builder) {}, ask: func(c *caller) {
		for n := range 3 {
			c.start(fmt.Sprint(n))
		}
		for _, e := range []wfe.Ended{{ID: "1"}, {ID: "1"}, {}, {}} {
			n, err := wfe.Purge(c.Context(), c, e)
			c.ask(fmt.Sprintf("purge %q, deleted %d", e.ID, n), err)
		}
	}},
	"Many at once": {build: justWaits, ask: func(c *caller) {
		const n = 7
		answers := make([]*caller, n)
		var all sync.WaitGroup
		for k := range n {
			one := &caller{T: c.T, Client: c.Client}
			answers[k] = one
			all.Go(func() {
				i := one.start(fmt.Sprint(k))
				one.ask("suspend", i.Suspend(c.Context()))
				one.ask("resume", i.Resume(c.Context()))
				one.ask("terminate", i.Terminate(c.Context(), "enough"))
				one.ask("cancel", i.Cancel(c.Context()))
			})
		}
		all.Wait()
		for _, one := range answers {
			c.answers = append(c.answers, one.answers...)
		}
	}},
	"Purge of one that lives": {build: justWaits, ask: func(c *caller) {
		c.start("x")
		n, err := wfe.Purge(c.Context(), c, wfe.Ended{ID: "x"})
		c.ask(fmt.Sprintf("purge, deleted %d", n), err)
	}},
}

// uncertain is a store of which nobody knows whether it has kept what was posted,
// a few times.
type uncertain struct {
	store.Store
	keeps bool
	times int
}

func (u *uncertain) Post(ctx context.Context, m []store.Msg) error {
	if u.times == 0 {
		return u.Store.Post(ctx, m)
	}
	u.times--
	if u.keeps {
		_ = u.Store.Post(ctx, m)
	}
	return fmt.Errorf("posting: %w", store.ErrUnknown)
}

func TestRequests_AreServedOnceThoughItIsNotKnownWhetherTheyWereRecorded(t *testing.T) {
	t.Parallel()
	for _, keeps := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			st := memory.New()
			rig{build: justWaits}.host(t, st, wfe.Config{})
			u := &uncertain{Store: st, keeps: keeps}
			c := &caller{T: t, Client: wfe.NewClient(u)}
			i := c.start("x")
			c.untilWaits(i)
			u.times = 3
			require.NoError(t, i.Suspend(t.Context()))
			u.times = 1_000_000
			err := i.Resume(t.Context())
			require.ErrorIs(t, err, store.ErrUnknown)
			require.ErrorContains(t, err, "not known")
			commands := 0
			history, err := wfe.History(t.Context(), c, "x")
			require.NoError(t, err)
			for _, r := range history {
				if r.Kind == wfe.RecordCommand {
					commands++
				}
			}
			require.Equal(t, map[bool]int{false: 1, true: 2}[keeps], commands)
		})
	}
}

// play runs a script while the owner dies at a commit, and another one takes over.
// It returns the answers and what there is then, and false when nobody died.
func (q request) play(t *testing.T, f *fate) (answers, facts []string, died bool) {
	t.Helper()
	r := rig{build: q.build, retry: &wfe.RetryPolicy{}, undo: func(context.Context, *task) error { return nil }}
	r.do = func(ctx wfe.StepContext, s *task) (wfe.Result, error) {
		if s.has("fail") {
			return ctx.Next(), errTask
		}
		s.Out = s.Label
		return ctx.Next(), nil
	}
	stop := f.owners(t, r, nil)
	defer stop()
	st := f.open()
	c := &caller{T: t, Client: wfe.NewClient(st)}
	q.ask(c)
	inbox, err := st.Inbox(t.Context(), 0, 10)
	require.NoError(t, err)
	require.Empty(t, inbox, "what was answered is not there any more")
	return c.answers, c.facts(), int(f.commits.Load()) >= f.at
}

// servedOnce plays a script with a crash before and after each commit.
func (q request) servedOnce(t *testing.T, open func(*testing.T) database) {
	t.Helper()
	var answers, facts []string
	synctest.Test(t, func(t *testing.T) { answers, facts, _ = q.play(t, &fate{database: open(t)}) })
	for _, after := range []bool{false, true} {
		for at, died := 1, true; died && !t.Failed(); at++ {
			synctest.Test(t, func(t *testing.T) {
				var a, f []string
				a, f, died = q.play(t, &fate{database: open(t), at: at, after: after})
				require.Equal(t, answers, a, "after %v commit %d", after, at)
				require.Equal(t, facts, f, "after %v commit %d", after, at)
			})
		}
	}
}

func TestRequests_AreServedOnceAndAnsweredWhereverTheirHostDies(t *testing.T) {
	t.Parallel()
	for name, q := range requests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q.servedOnce(t, memoryDatabase)
		})
	}
}

func TestRequests_AreServedOnceOnSQLiteToo(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Start", "Resume", "Retry", "Purge"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			requests[name].servedOnce(t, sqliteDatabase)
		})
	}
}

// Somebody purges the instance between the death of the host that has started it
// and the next one.
func TestRequests_AStartWhoseInstanceWasPurgedMeanwhileIsNotRepeated(t *testing.T) {
	t.Parallel()
	for at := range 12 {
		synctest.Test(t, func(t *testing.T) {
			open := memoryDatabase
			if at%2 == 1 {
				open = sqliteDatabase
			}
			f := &fate{database: open(t), at: at / 2, after: true}
			purged := 0
			stop := f.owners(t, rig{build: func(*builder) {}}, func() {
				st := f.open()
				l, err := st.Acquire(t.Context(), "operator", nil)
				require.NoError(t, err)
				out, err := st.Commit(t.Context(), l, store.Batch{Items: []store.Item{{Purge: &store.Purge{Before: 1 << 62, Limit: 9}}}})
				require.NoError(t, err)
				require.NoError(t, st.Release(t.Context(), l))
				purged += out[0].N
			})
			defer stop()
			c := &caller{T: t, Client: wfe.NewClient(f.open())}
			c.start("x")
			require.Equal(t, []string{"start x: <nil>"}, c.answers)
			require.Len(t, c.facts(), 1-purged, "at %d", at)
		})
	}
}

// Each message between instances ends with the transition that takes it.
func TestMessages_EndWithTheTransitionThatTakesThem(t *testing.T) {
	bubble(t, func(t *testing.T) {
		st := memory.New()
		alone, together := 0, 0
		st.Inject(func(_ int, b store.Batch) memory.Fault {
			for _, it := range b.Items {
				if it.Instance == nil {
					alone += len(it.Done)
				} else {
					together += len(it.Done)
				}
			}
			return memory.None
		})
		h := family{rig: rig{build: func(b *builder) {
			b.Parallel("all", func(b *builder) { b.child("one") }, func(b *builder) { b.child("two") }, func(b *builder) { b.child("three") })
		}, do: out}, sub: tasks("a")}.host(t, st, wfe.Config{})
		require.Len(t, completes(t, begin(t, h, "p", data{})), 3)
		require.NoError(t, h.Stop(t.Context()))
		require.Zero(t, alone)
		require.Equal(t, 6, together, "three starts and three ends")
	})
}
