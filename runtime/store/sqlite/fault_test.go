package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/store"
)

// scene is a database with something in it, its owner, and faults to be planned.
type scene struct {
	*testing.T
	s *Store
	f *faulty
	l store.Lease
}

func newScene(t *testing.T) *scene {
	t.Helper()
	c := scene{T: t, s: openAt(t, filepath.Join(t.TempDir(), "wfe.db"), quick()), f: &faulty{}}
	c.f.install(c.s)
	var err error
	c.l, err = c.s.Acquire(t.Context(), "first", nil)
	require.NoError(t, err)
	require.NoError(t, c.s.Post(t.Context(), []store.Msg{{Request: "r"}}))
	_, err = c.s.Commit(t.Context(), c.l, store.Batch{Items: []store.Item{
		{Event: &store.Event{Name: "n", Key: "old"}, Delivered: &store.Delivered{Seq: 1}},
		{Instance: row("a", 1)},
		{Event: &store.Event{Name: "n", Key: "k", Dedup: "id"}},
		{Event: &store.Event{Name: "n", Key: "k"}, Delivered: &store.Delivered{Seq: 2}},
		{Event: &store.Event{Name: "n", Key: "k", Due: 7}},
		{Instance: over("over")}, {Instance: over("past")},
	}})
	require.NoError(t, err)
	return &c
}

func row(id string, rev uint64) *store.Row {
	return &store.Row{ID: id, Status: instance.Runnable, Rev: rev, Ready: rev == 1, Head: []byte("head"), StartHash: []byte("h")}
}

// over is an instance that has ended.
func over(id string) *store.Row {
	r := row(id, 1)
	r.Status, r.Ready, r.Ended = instance.Complete, false, 1
	return r
}

// batch uses every statement of the writer.
func (c *scene) batch() store.Batch {
	start, next, onward := row("b", 1), row("a", 2), row("b", 2)
	onward.Ready, onward.Artifacts = true, true
	start.Reference = "ref"
	next.Took = []store.Took{{Seq: 1}}
	next.Cells = []instance.Cell{{ID: instance.CellID{Kind: 1, Ptr: 1}, Body: []byte("c")}}
	next.Drop = []instance.CellID{{Kind: 1, Ptr: 2}}
	next.Timers = []store.TimerOp{{Due: 5, Ptr: 1, Set: true}, {Due: 6, Ptr: 1}}
	next.Waits = []store.WaitOp{{Name: "n", Key: "k", Ptr: 1, Set: true}, {Name: "n", Key: "x", Ptr: 1}}
	return store.Batch{Items: []store.Item{
		{Definition: &store.Definition{Hash: "h"}, Instance: start},
		{Instance: row("a", 1)},
		{Instance: row("a", 9)},
		{Instance: next, Done: []store.Done{{N: 1, Reply: &store.Reply{Request: "r"}}}, DropReplies: 1, Send: []store.Msg{{Request: "s", Class: "c"}}},
		{Event: &store.Event{Name: "n", Key: "k", Dedup: "id"}},
		{Event: &store.Event{Name: "n", Key: "k"}, Delivered: &store.Delivered{Seq: 3}},
		{Event: &store.Event{Name: "n", Key: "k", Dedup: "later", Due: 8}},
		{Event: &store.Event{Name: "n", Key: "a", Signal: true}},
		{Release: 1, Expire: &store.Expire{Now: 9, Limit: 1}},
		{Purge: &store.Purge{Before: 5, Limit: 1}},
		{Purge: &store.Purge{ID: "past", Before: 5, Limit: 1}},
		{Instance: onward},
	}}
}

// dump returns all that is in the database but the owner.
func (c *scene) dump() string {
	c.Helper()
	conn, err := open(c.s.path, c.s.cfg.reader())
	require.NoError(c, err)
	text := ""
	for _, q := range []string{
		"SELECT * FROM definition", "SELECT * FROM instance ORDER BY k", "SELECT * FROM cell", "SELECT * FROM timer", "SELECT * FROM sub",
		"SELECT * FROM event ORDER BY seq", "SELECT * FROM event_later ORDER BY n", "SELECT * FROM inbox ORDER BY n", "SELECT * FROM reply", "SELECT * FROM sqlite_sequence ORDER BY name",
	} {
		rows, err := conn.Query(q, nil)
		require.NoError(c, err)
		text += q + "\n"
		dest := make([]driver.Value, len(rows.Columns()))
		for err = rows.Next(dest); err == nil; err = rows.Next(dest) {
			text += fmt.Sprintln(dest)
		}
		require.ErrorIs(c, err, io.EOF)
		require.NoError(c, rows.Close())
	}
	require.NoError(c, conn.Close())
	return text
}

// finish commits b in spite of what is planned and returns the outcomes. It checks
// that an error without ErrUnknown means that nothing was written.
func (c *scene) finish(b store.Batch) []store.Outcome {
	c.Helper()
	before := c.dump()
	out, err := c.s.Commit(c.Context(), c.l, b)
	for tries := 0; err != nil; tries++ {
		require.Less(c, tries, 5)
		require.ErrorIs(c, err, errInjected)
		require.NotErrorIs(c, err, store.ErrFenced)
		if errors.Is(err, store.ErrUnknown) {
			_, e := c.s.Commit(c.Context(), c.l, b)
			require.Error(c, e, "a commit must not pass one that is not settled")
			out, err = c.s.Settle(c.Context(), c.l, b)
			continue
		}
		require.Equal(c, before, c.dump())
		out, err = c.s.Commit(c.Context(), c.l, b)
	}
	return out
}

// reference returns what a run without faults gives, and its statements.
func reference(t *testing.T) (out []store.Outcome, dump string, texts []string) {
	c := newScene(t)
	c.f.set(func(int, string) fault { return works })
	out = c.finish(c.batch())
	require.Equal(t, store.Written, out[0].Code)
	require.Equal(t, store.Exists, out[1].Code)
	require.Equal(t, store.Stale, out[2].Code)
	require.True(t, out[3].Matched)
	require.Equal(t, store.Exists, out[4].Code)
	return out, c.dump(), c.f.seen()
}

func TestTheBatchOfTheFaultTestsUsesEveryStatement(t *testing.T) {
	t.Parallel()
	_, _, texts := reference(t)
	rest := map[string]bool{}
	var w writer
	for _, st := range append(w.statements(), w.events.statements()...) {
		rest[st.text] = true
	}
	for _, text := range texts {
		delete(rest, text)
	}
	for _, st := range w.statements() { // these are for other occasions
		switch st.to {
		case &w.rollback, &w.owner, &w.note, &w.take, &w.release:
			delete(rest, st.text)
		}
	}
	require.Empty(t, rest)
}

func TestAFaultOfAnyStatementOfACommitLosesNothingAndChangesNoOutcome(t *testing.T) {
	t.Parallel()
	wantOut, wantDump, texts := reference(t)
	for _, mode := range []fault{fails, doubts} {
		for _, rollback := range []fault{works, fails, doubts} {
			t.Run(fmt.Sprintf("mode %d, rollback %d", mode, rollback), func(t *testing.T) {
				t.Parallel()
				for n := 1; n <= len(texts); n++ {
					c := newScene(t)
					c.f.set(func(i int, text string) fault {
						switch {
						case i == n:
							return mode
						case text == "ROLLBACK":
							return rollback
						}
						return works
					})
					require.Equal(t, wantOut, c.finish(c.batch()), texts[n-1])
					require.Equal(t, wantDump, c.dump(), texts[n-1])
					require.Equal(t, "b", c.load("b").ID)
				}
			})
		}
	}
}

func (c *scene) load(id string) *store.Row {
	c.Helper()
	r, err := c.s.Load(c.Context(), id)
	require.NoError(c, err)
	return r
}

func TestAFaultOfAnyStatementOfASettleLosesNothingAndChangesNoOutcome(t *testing.T) {
	t.Parallel()
	wantOut, wantDump, texts := reference(t)
	for _, commit := range []fault{fails, doubts} {
		for _, mode := range []fault{fails, doubts} {
			t.Run(fmt.Sprintf("commit %d, mode %d", commit, mode), func(t *testing.T) {
				t.Parallel()
				for m := 1; ; m++ {
					c, fired := newScene(t), false
					c.f.set(func(i int, _ string) fault {
						switch i {
						case len(texts): // the COMMIT
							return commit
						case len(texts) + m:
							fired = true
							return mode
						}
						return works
					})
					require.Equal(t, wantOut, c.finish(c.batch()))
					require.Equal(t, wantDump, c.dump())
					if !fired {
						require.Greater(t, m, 3)
						return
					}
				}
			})
		}
	}
}

func TestAConnectionThatCannotBeOpenedLeavesTheBatchUnknown(t *testing.T) {
	t.Parallel()
	c := newScene(t)
	c.f.set(func(_ int, text string) fault {
		if text == "COMMIT" {
			return doubts
		}
		return works
	})
	_, err := c.s.Commit(t.Context(), c.l, c.batch())
	require.ErrorIs(t, err, store.ErrUnknown)
	connect := c.s.connect
	c.s.connect = func(role) (conn, error) { return nil, errInjected }
	for range 3 {
		_, err = c.s.Settle(t.Context(), c.l, c.batch())
		require.ErrorIs(t, err, store.ErrUnknown)
		require.ErrorIs(t, err, errInjected)
	}
	done, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = c.s.Settle(done, c.l, c.batch())
	require.ErrorIs(t, err, store.ErrUnknown)
	c.s.connect = connect
	c.f.set(nil)
	out, err := c.s.Settle(t.Context(), c.l, c.batch())
	require.NoError(t, err)
	wantOut, wantDump, _ := reference(t)
	require.Equal(t, wantOut, out)
	require.Equal(t, wantDump, c.dump())
}

func TestAnOwnerThatWasReplacedBeforeItSettledIsFenced(t *testing.T) {
	t.Parallel()
	for _, mode := range []fault{fails, doubts} {
		c := newScene(t)
		c.f.set(func(_ int, text string) fault {
			if text == "COMMIT" {
				return mode
			}
			return works
		})
		_, err := c.s.Commit(t.Context(), c.l, c.batch())
		require.ErrorIs(t, err, store.ErrUnknown)
		c.f.set(nil)
		c.tamper("UPDATE owner SET epoch = epoch + 1, batch = 0")
		_, err = c.s.Settle(t.Context(), c.l, c.batch())
		require.ErrorIs(t, err, store.ErrFenced)
		_, err = c.s.Commit(t.Context(), c.l, store.Batch{})
		require.ErrorIs(t, err, store.ErrFenced)
	}
}

func TestABatchNumberThatMovedWithoutUsIsAFence(t *testing.T) {
	t.Parallel()
	c := newScene(t)
	c.f.set(func(n int, text string) fault {
		if n == 4 || text == "ROLLBACK" {
			return fails
		}
		return works
	})
	_, err := c.s.Commit(t.Context(), c.l, c.batch())
	require.ErrorIs(t, err, store.ErrUnknown)
	c.f.set(nil)
	c.tamper("UPDATE owner SET batch = batch + 1")
	_, err = c.s.Settle(t.Context(), c.l, c.batch())
	require.ErrorIs(t, err, store.ErrFenced)
}

// tamper changes the database as another process could.
func (c *scene) tamper(text string) {
	c.Helper()
	conn, err := open(c.s.path, c.s.cfg.writer())
	require.NoError(c, err)
	_, err = conn.Exec(text, nil)
	require.NoError(c, err)
	require.NoError(c, conn.Close())
}

func TestAWriteLockThatIsHeldTooLongIsAnErrorThatWroteNothing(t *testing.T) {
	t.Parallel()
	c := newScene(t)
	require.NoError(t, c.s.dropWriter())
	c.s.cfg.Busy = 5e6
	other, err := open(c.s.path, c.s.cfg.writer())
	require.NoError(t, err)
	_, err = other.Exec("BEGIN IMMEDIATE", nil)
	require.NoError(t, err)
	before := c.dump()
	_, err = c.s.Commit(t.Context(), c.l, c.batch())
	require.ErrorIs(t, err, ErrBusy)
	require.NotErrorIs(t, err, store.ErrUnknown)
	ctx, cancel := context.WithTimeout(t.Context(), 20e6)
	defer cancel()
	_, err = c.s.Publish(ctx, []store.Event{{Name: "n", Key: "k"}})
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorIs(t, err, ErrBusy)
	require.Equal(t, before, c.dump())
	_, err = other.Exec("ROLLBACK", nil)
	require.NoError(t, err)
	require.NoError(t, other.Close())
	_, err = c.s.Commit(t.Context(), c.l, c.batch())
	require.NoError(t, err)
}

func TestADiskThatIsFullIsSaidAndHealsWithoutARestart(t *testing.T) {
	t.Parallel()
	c := newScene(t)
	require.NoError(t, c.s.dropWriter())
	connect := c.s.connect
	c.s.connect = func(r role) (conn, error) {
		raw, err := open(c.s.path, r)
		if err != nil {
			return nil, err
		}
		_, err = raw.Exec("PRAGMA max_page_count = 1", nil) // that is: as large as it is
		return rawConn{raw}, err
	}
	big := row("big", 1)
	big.Head = make([]byte, 1<<20)
	before := c.dump()
	_, err := c.s.Commit(t.Context(), c.l, store.Batch{Items: []store.Item{{Instance: big}}})
	require.ErrorIs(t, err, ErrDiskFull)
	require.NotErrorIs(t, err, store.ErrUnknown)
	require.Contains(t, err.Error(), c.s.path)
	require.Equal(t, before, c.dump())
	c.s.connect = connect
	require.NoError(t, c.s.dropWriter())
	_, err = c.s.Commit(t.Context(), c.l, store.Batch{Items: []store.Item{{Instance: big}}})
	require.NoError(t, err)
	require.Len(t, c.load("big").Head, 1<<20)
}

func TestAFaultOfAnyStatementOfPublishLosesNothing(t *testing.T) {
	t.Parallel()
	events := []store.Event{{Name: "n", Key: "k", Dedup: "new"}, {Name: "n", Key: "k", Dedup: "id"},
		{Name: "n", Key: "a", Signal: true, Dedup: "id"}, {Name: "n", Key: "k", Due: 9, Dedup: "later"}}
	for _, mode := range []fault{fails, doubts} {
		for _, rollback := range []fault{works, fails} {
			for n, fired := 1, true; fired; n++ {
				c := newScene(t)
				fired = false
				c.f.set(func(i int, text string) fault {
					switch {
					case i == n:
						fired = true
						return mode
					case text == "ROLLBACK":
						return rollback
					}
					return works
				})
				before := c.dump()
				seqs, err := c.s.Publish(t.Context(), events)
				if fired {
					require.ErrorIs(t, err, errInjected)
					if !errors.Is(err, store.ErrUnknown) {
						require.Equal(t, before, c.dump())
					}
					seqs, err = c.s.Publish(t.Context(), events)
				}
				require.NoError(t, err)
				require.Equal(t, []instance.Seq{4, 2, 5, 0}, seqs)
				c.f.set(nil)
				_, err = c.s.Commit(t.Context(), c.l, c.batch())
				require.NoError(t, err)
			}
		}
	}
}
