package storetest

import (
	"math"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/store"
)

// How long things are kept, and when they are seen: later events, times to live,
// instances that are purged.

func (e *env) later() []store.Later {
	e.Helper()
	later, err := e.Store.Later(e.Context(), 100)
	require.NoError(e, err)
	return later
}

func (e *env) expire(now instance.Instant, limit int) int {
	e.Helper()
	return e.commit(store.Item{Expire: &store.Expire{Now: now, Limit: limit}})[0].N
}

func (e *env) events(state store.EventState) []instance.Seq {
	e.Helper()
	events, err := e.Store.Events(e.Context(), store.EventQuery{State: state, Limit: 100})
	require.NoError(e, err)
	var seqs []instance.Seq
	for _, ev := range events {
		seqs = append(seqs, ev.Seq)
	}
	return seqs
}

// kept commits a delivered event with a time to live.
func (e *env) kept(key string, published instance.Instant, ttl time.Duration) instance.Seq {
	e.Helper()
	seq := e.commit(store.Item{Event: &store.Event{Name: "n", Key: key, Published: published, TTL: ttl, Dedup: "id"}})[0].Seq
	e.deliver(seq)
	return seq
}

// ended is revision rev of an instance, in which it completes.
func ended(id string, rev uint64, at instance.Instant) *store.Row {
	row := fresh(id)
	row.Rev, row.Status, row.Ready, row.Ended = rev, instance.Complete, false, at
	return row
}

// end commits an instance that has ended at once.
func (e *env) end(id string, at instance.Instant) int64 {
	e.Helper()
	return e.commit(store.Item{Instance: ended(id, 1, max(at, 1))})[0].K
}

func keepingTests() []test {
	return []test{
		{"a later event is not visible, and has no number, before it is released", func(e *env) {
			e.own()
			out := e.commit(
				store.Item{Event: &store.Event{Name: "n", Key: "k", Due: 50, TTL: 7, Payload: []byte("p"), Trace: []byte("t")}},
				store.Item{Event: &store.Event{Name: "n", Key: "k", Due: 40}},
			)
			require.Equal(e, []store.Outcome{{}, {}}, out)
			seqs, err := e.Open().Publish(e.Context(), []store.Event{{Name: "n", Key: "k", Due: 45}})
			require.NoError(e, err)
			require.Equal(e, []instance.Seq{0}, seqs)
			require.Empty(e, e.undelivered())
			later := e.later()
			require.Len(e, later, 3)
			require.EqualValues(e, []instance.Instant{40, 45, 50}, []instance.Instant{later[0].Due, later[1].Due, later[2].Due})

			seq := e.event("n", "other", "")
			released := e.commit(store.Item{Release: later[2].N})[0].Seq
			require.Greater(e, released, seq)
			got, err := e.Store.Match(e.Context(), store.Match{Name: "n", Key: "k"})
			require.NoError(e, err)
			require.Equal(e, store.Event{Seq: released, Name: "n", Key: "k", Published: 50, TTL: 7, Payload: []byte("p"), Trace: []byte("t")}, got)
			require.Equal(e, later[:2], e.later())
			require.Zero(e, e.commit(store.Item{Release: later[2].N})[0].Seq, "once")
			require.Len(e, e.undelivered(), 2)
		}},
		{"a Dedup that a later event has is used", func(e *env) {
			e.own()
			e.commit(store.Item{Event: &store.Event{Name: "n", Key: "k", Dedup: "id", Due: 9}})
			again := store.Item{Event: &store.Event{Name: "n", Key: "k", Dedup: "id"}}
			require.Equal(e, store.Outcome{Code: store.Exists}, e.commit(again)[0])
			seq := e.commit(store.Item{Release: e.later()[0].N})[0].Seq
			require.Equal(e, store.Outcome{Code: store.Exists, Seq: seq}, e.commit(again)[0])
		}},
		{"a later signal whose instance has ended when its time comes is dropped", func(e *env) {
			e.own()
			e.start("a")
			e.commit(store.Item{Event: &store.Event{Name: "n", Key: "a", Signal: true, Due: 9}})
			e.commit(store.Item{Instance: ended("a", 2, 5)})
			require.Zero(e, e.commit(store.Item{Release: e.later()[0].N})[0].Seq)
			require.Empty(e, e.later())
			require.Empty(e, e.undelivered())
		}},
		{"a wait with Since takes what was published then or later, before its instance's start too", func(e *env) {
			e.own()
			var seqs []instance.Seq
			for at := range instance.Instant(3) {
				seqs = append(seqs, e.commit(store.Item{Event: &store.Event{Name: "n", Key: "k", Published: 10 + at}})[0].Seq)
			}
			for _, seq := range seqs {
				e.deliver(seq)
			}
			row := fresh("a")
			row.Waits = []store.WaitOp{{Name: "n", Key: "k", Ptr: 1, Since: 11, Set: true}}
			require.True(e, e.commit(store.Item{Instance: row})[0].Matched)
			require.Equal(e, seqs[1], e.undelivered()[0].Seq)
			for i, n := range []int{0, 1, 1} {
				waits, err := e.Store.Waits(e.Context(), store.Event{Name: "n", Key: "k", Seq: seqs[i], Published: 10 + instance.Instant(i)}, store.Wait{}, 9)
				require.NoError(e, err)
				require.Len(e, waits, n)
			}
			got, err := e.Store.Match(e.Context(), store.Match{Name: "n", Key: "k", After: seqs[0], Since: 12})
			require.NoError(e, err)
			require.Equal(e, seqs[2], got.Seq)
			got, err = e.Store.Match(e.Context(), store.Match{Name: "n", Key: "k", After: seqs[0], Until: 11})
			require.NoError(e, err)
			require.Equal(e, seqs[1], got.Seq)
			_, err = e.Store.Match(e.Context(), store.Match{Name: "n", Key: "k", Until: 9})
			require.ErrorIs(e, err, store.ErrNotFound)
		}},
		{"an event is untaken until an instance takes it, and failed when one could do nothing with it", func(e *env) {
			e.own()
			k := e.start("a")
			one, two, three := e.event("n", "k", ""), e.event("n", "k", ""), e.event("n", "k", "")
			e.deliver(one)
			require.Equal(e, []instance.Seq{one, two, three}, e.events(store.Untaken))
			row := next("a", k, 2)
			row.Took = []store.Took{{Seq: one}, {Seq: two, Failed: true}}
			e.commit(store.Item{Instance: row})
			row = next("a", k, 3)
			row.Took = []store.Took{{Seq: one}, {Seq: two}, {Seq: 99}}
			e.commit(store.Item{Instance: row})
			require.Equal(e, []instance.Seq{three}, e.events(store.Untaken))
			require.Equal(e, []instance.Seq{two}, e.events(store.FailedEvent))
			events, err := e.Store.Events(e.Context(), store.EventQuery{State: store.Untaken, After: three, Limit: 9})
			require.NoError(e, err)
			require.Empty(e, events)
		}},
		{"delivered events are deleted when their time to live is over, the first to end first", func(e *env) {
			e.own()
			late, early := e.kept("late", 10, 9), e.kept("early", 10, 5)
			forever := e.kept("for ever", 10, 0)
			open := e.commit(store.Item{Event: &store.Event{Name: "n", Key: "open", Published: 10, TTL: 1}})[0].Seq
			far := e.kept("far", math.MaxInt64-1, 5)
			for now, want := range map[instance.Instant]bool{14: false, 15: true} {
				expired, err := e.Store.Expired(e.Context(), now)
				require.NoError(e, err)
				require.Equal(e, want, expired)
			}
			require.Zero(e, e.expire(14, 9))
			require.Equal(e, 1, e.expire(100, 1))
			require.Equal(e, []instance.Seq{late, forever, open, far}, e.events(store.Untaken))
			require.Equal(e, 1, e.expire(19, 9))
			require.Equal(e, []instance.Seq{forever, open, far}, e.events(store.Untaken))
			_, err := e.Store.Match(e.Context(), store.Match{Name: "n", Key: "early"})
			require.ErrorIs(e, err, store.ErrNotFound)
			again := e.kept("early", 30, 1)
			require.Greater(e, again, far, "its Dedup is free, its number is not used again")
			require.Less(e, early, again)
		}},
		{"an event stays while a wait may still take it", func(e *env) {
			e.own()
			k := e.start("a")
			e.kept("k", 10, 5)
			since := e.kept("s", 10, 5)
			row := next("a", k, 2)
			row.Waits = []store.WaitOp{{Name: "n", Key: "k", Ptr: 1, Set: true}, {Name: "n", Key: "s", Ptr: 2, Since: 11, Set: true}}
			e.commit(store.Item{Instance: row})
			e.commit(store.Item{Delivered: &store.Delivered{Seq: since - 1, Round: 1}})
			require.Equal(e, 1, e.expire(100, 9), "of the other topic the wait takes only later ones")
			require.Equal(e, []instance.Seq{since - 1}, e.events(store.Untaken))
			row = next("a", k, 3)
			row.Waits = []store.WaitOp{{Name: "n", Key: "k", Ptr: 1}}
			e.commit(store.Item{Instance: row})
			require.Equal(e, 1, e.expire(100, 9))
		}},
		{"Purge deletes what has ended before a time, the first ended first, and nothing that lives", func(e *env) {
			e.own()
			e.start("live")
			e.end("late", 30)
			e.end("early", 20)
			purge := func(p store.Purge) int { return e.commit(store.Item{Purge: &p})[0].N }
			require.Zero(e, purge(store.Purge{Before: 20, Limit: 9}))
			require.Zero(e, purge(store.Purge{Before: 99, Status: instance.Terminated, Limit: 9}))
			require.Zero(e, purge(store.Purge{Before: 99, ID: "live", Limit: 9}))
			require.Equal(e, 1, purge(store.Purge{Before: 99, Status: instance.Complete, Limit: 1}))
			e.missing("early")
			require.Equal(e, 1, purge(store.Purge{Before: 99, ID: "late", Limit: 9}))
			e.missing("late")
			require.Zero(e, purge(store.Purge{Before: math.MaxInt64, Limit: 9}))
			e.load("live")
		}},
		{"Purge deletes the cells and the signals of an instance, and no others", func(e *env) {
			e.own()
			archived := instance.Cell{ID: instance.CellID{Kind: instance.HistoryCell, Index: 1}, Body: []byte("h")}
			for _, id := range []string{"a", "b"} {
				row := fresh(id)
				row.Cells = []instance.Cell{archived}
				e.commit(store.Item{Instance: row})
				e.signal("n", id)
				e.commit(store.Item{Event: &store.Event{Name: "n", Key: id, Signal: true, Due: 9}})
				e.event("n", id, "")
			}
			e.commit(store.Item{Instance: ended("a", 2, 5)}, store.Item{Purge: &store.Purge{Before: 9, Limit: 9}})
			require.Len(e, e.later(), 1)
			require.Len(e, e.undelivered(), 3)
			e.start("a")
			for id, n := range map[string]int{"a": 0, "b": 1} {
				cells, err := e.Store.Archive(e.Context(), id, instance.HistoryCell)
				require.NoError(e, err)
				require.Len(e, cells, n)
			}
		}},
		{"archived cells are no part of what is loaded", func(e *env) {
			e.own()
			row := fresh("a")
			cell := func(kind instance.CellKind, index int) instance.Cell {
				return instance.Cell{ID: instance.CellID{Kind: kind, Index: index}, Body: []byte{byte(index)}}
			}
			row.Cells = []instance.Cell{cell(instance.HistoryCell, 2), cell(instance.UndoCell, 1), cell(instance.HistoryCell, 1), cell(instance.FailureCell, 3)}
			e.commit(store.Item{Instance: row})
			require.Equal(e, row.Cells[1:2], e.load("a").Cells)
			cells, err := e.Open().Archive(e.Context(), "a", instance.HistoryCell)
			require.NoError(e, err)
			require.Equal(e, []instance.Cell{row.Cells[2], row.Cells[0]}, cells)
			cells, err = e.Store.Archive(e.Context(), "none", instance.HistoryCell)
			require.NoError(e, err)
			require.Empty(e, cells)
		}},
	}
}
