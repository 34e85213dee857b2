package sqlite

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/store"
	"github.com/wfegen/wfe/runtime/store/memory"
)

// What there is to draw from is little, so that draws meet.
var (
	someIDs  = rapid.SampledFrom([]string{"a", "b", "c"})
	topics   = rapid.SampledFrom([]string{"x", "y"})
	pointers = rapid.Uint64Range(1, 3)
	flags    = rapid.Bool()

	someStates = rapid.SampledFrom([]instance.Status{instance.Runnable, instance.Runnable, instance.Suspended, instance.Complete, instance.Terminated})
	someDefs   = rapid.SampledFrom([]string{"d1", "d2", "e"})
	someTimes  = rapid.Custom(func(t *rapid.T) instance.Instant { return instance.Instant(rapid.Int64Range(0, 3).Draw(t, "time")) })
)

func drawRow(t *rapid.T) *store.Row {
	r := &store.Row{
		ID: someIDs.Draw(t, "id"), Rev: rapid.Uint64Range(1, 4).Draw(t, "rev"), Ready: flags.Draw(t, "ready"),
		Status: someStates.Draw(t, "status"), Definition: someDefs.Draw(t, "def"), Created: someTimes.Draw(t, "created"),
		Reference: rapid.SampledFrom([]string{"", "x"}).Draw(t, "ref"), Unique: flags.Draw(t, "unique"), Artifacts: flags.Draw(t, "artifacts"), Head: rapid.SliceOfN(rapid.Byte(), 0, 3).Draw(t, "head"),
	}
	if r.Status.Ended() {
		r.Ended = max(someTimes.Draw(t, "ended"), 1)
		for ptr := range instance.PtrID(4) { // as the contract wants, it leaves nothing behind
			for due := range instance.Instant(4) {
				r.Timers = append(r.Timers, store.TimerOp{Due: due, Ptr: ptr})
			}
			for _, topic := range [][2]string{{"x", "x"}, {"x", "y"}, {"y", "x"}, {"y", "y"}} {
				r.Waits = append(r.Waits, store.WaitOp{Name: topic[0], Key: topic[1], Ptr: ptr})
			}
		}
		return r
	}
	if flags.Draw(t, "took?") {
		r.Took = []store.Took{{Seq: instance.Seq(rapid.Uint64Range(1, 5).Draw(t, "taken")), Failed: flags.Draw(t, "failed")}}
	}
	for range rapid.IntRange(0, 2).Draw(t, "cells") {
		r.Cells = append(r.Cells, instance.Cell{ID: drawCell(t), Body: []byte(topics.Draw(t, "body"))})
		r.Drop = append(r.Drop, drawCell(t))
	}
	for range rapid.IntRange(0, 2).Draw(t, "timers") {
		r.Timers = append(r.Timers, store.TimerOp{
			Due: instance.Instant(rapid.Int64Range(1, 3).Draw(t, "due")), Ptr: instance.PtrID(pointers.Draw(t, "ptr")),
			Gen: uint32(pointers.Draw(t, "gen")), Set: flags.Draw(t, "set"),
		})
	}
	for range rapid.IntRange(0, 2).Draw(t, "waits") {
		r.Waits = append(r.Waits, store.WaitOp{
			Name: topics.Draw(t, "name"), Key: topics.Draw(t, "key"), Ptr: instance.PtrID(pointers.Draw(t, "ptr")),
			Gen: uint32(pointers.Draw(t, "gen")), After: instance.Seq(rapid.Uint64Range(0, 6).Draw(t, "after")), Since: someTimes.Draw(t, "since"),
			Signals: instance.Seq(rapid.Uint64Range(0, 6).Draw(t, "signals")), Set: flags.Draw(t, "set"),
		})
	}
	return r
}

func drawCell(t *rapid.T) instance.CellID {
	return instance.CellID{Kind: rapid.SampledFrom([]instance.CellKind{instance.BranchCell, instance.HistoryCell}).Draw(t, "kind"), Ptr: instance.PtrID(pointers.Draw(t, "ptr")), Index: rapid.IntRange(0, 2).Draw(t, "index")}
}

func drawEvent(t *rapid.T) store.Event {
	e := store.Event{
		Published: someTimes.Draw(t, "published"), Due: someTimes.Draw(t, "due"), TTL: time.Duration(rapid.Int64Range(0, 3).Draw(t, "ttl")),
		Name: topics.Draw(t, "name"), Key: topics.Draw(t, "key"),
		Dedup: rapid.SampledFrom([]string{"", "1", "2"}).Draw(t, "dedup"), Payload: []byte(rapid.SampledFrom([]string{"x", instance.DigestMark, "\x01\x00" + instance.DigestMark + "0"}).Draw(t, "payload")),
	}
	if e.Signal = flags.Draw(t, "signal"); e.Signal {
		e.Key = someIDs.Draw(t, "target")
	}
	return e
}

func drawItem(t *rapid.T) store.Item {
	var it store.Item
	if rapid.IntRange(0, 3).Draw(t, "instance?") > 0 {
		it.Instance = drawRow(t)
	}
	if flags.Draw(t, "event?") {
		e := drawEvent(t)
		it.Event = &e
	}
	if flags.Draw(t, "delivered?") {
		it.Delivered = &store.Delivered{
			Seq: instance.Seq(rapid.Uint64Range(1, 5).Draw(t, "seq")), Round: rapid.Int64Range(0, 2).Draw(t, "round"),
		}
	}
	for range rapid.IntRange(0, 2).Draw(t, "messages") {
		it.Send = append(it.Send, store.Msg{Request: rapid.SampledFrom([]string{"", "x", "z"}).Draw(t, "message"), Class: topics.Draw(t, "class")})
	}
	if flags.Draw(t, "definition?") {
		hash := someDefs.Draw(t, "hash")
		it.Definition = &store.Definition{Hash: hash, Name: hash[:1], Version: len(hash)}
	}
	switch rapid.IntRange(0, 5).Draw(t, "clean?") {
	case 0:
		it.Release = rapid.Int64Range(1, 3).Draw(t, "release")
	case 1:
		it.Expire = &store.Expire{Now: someTimes.Draw(t, "now"), Limit: 1}
	case 2:
		it.Purge = &store.Purge{ID: rapid.SampledFrom([]string{"", "a"}).Draw(t, "victim"), Before: 3, Limit: 1}
	}
	if flags.Draw(t, "drop?") {
		it.DropReplies = instance.Instant(rapid.Int64Range(0, 3).Draw(t, "before"))
	}
	for range rapid.IntRange(0, 2).Draw(t, "done") {
		d := store.Done{N: rapid.Int64Range(0, 5).Draw(t, "dealt"), Count: flags.Draw(t, "count")}
		if flags.Draw(t, "reply?") {
			d.Reply = &store.Reply{Request: topics.Draw(t, "request"), Code: topics.Draw(t, "code"), At: instance.Instant(rapid.Int64Range(0, 3).Draw(t, "at"))}
		}
		it.Done = append(it.Done, d)
	}
	return it
}

// read returns all that can be read from a store, as text.
func read(t *rapid.T, tt *testing.T, s store.Store) string {
	ctx := tt.Context()
	var all []any
	add := func(v any, err error) {
		require.NoError(t, err)
		all = append(all, v)
	}
	for _, id := range []string{"a", "b", "c"} {
		row, err := s.Load(ctx, id)
		if err != nil {
			require.ErrorIs(t, err, store.ErrNotFound)
			continue
		}
		all = append(all, *row)
	}
	var texts []string
	err := s.Texts(ctx, func(text store.Text) error {
		texts = append(texts, fmt.Sprintf("%v %q", text.Message, text.Body))
		return nil
	})
	slices.Sort(texts)
	add(texts, err)
	ready, err := s.Ready(ctx, 0, 100)
	add(ready, err)
	due, err := s.Due(ctx, store.Timer{}, 100)
	add(due, err)
	msgs, err := s.Inbox(ctx, 0, 100)
	add(msgs, err)
	events, err := s.Undelivered(ctx, 0, 100)
	add(events, err)
	later, err := s.Later(ctx, 100)
	add(later, err)
	for state := range store.FailedEvent {
		events, err := s.Events(ctx, store.EventQuery{State: state + 1, Limit: 100})
		add(events, err)
	}
	for _, id := range []string{"a", "b", "c"} {
		cells, err := s.Archive(ctx, id, instance.HistoryCell)
		add(cells, err)
	}
	for _, name := range []string{"x", "y"} {
		for seq := range instance.Seq(8) {
			for since := range instance.Instant(2) {
				waits, err := s.Waits(ctx, store.Event{Name: name, Key: "x", Seq: seq, Published: since}, store.Wait{}, 100)
				add(waits, err)
				e, err := s.Match(ctx, store.Match{Name: name, Key: "x", After: seq, Since: since * 2, Until: since})
				all = append(all, e, err == nil)
			}
			e, err := s.Match(ctx, store.Match{Name: name, Key: "a", Signal: true, After: seq})
			all = append(all, e, err == nil)
		}
		r, err := s.Reply(ctx, name)
		all = append(all, r, err == nil)
	}
	return fmt.Sprintf("%+v", all)
}

// drawQuery draws which instances to list.
func drawQuery(t *rapid.T) store.Query {
	q := store.Query{
		Status:    rapid.SampledFrom([]instance.Status{"", instance.Runnable, instance.Suspended, instance.Complete}).Draw(t, "status is"),
		Workflow:  rapid.SampledFrom([]string{"", "d", "e"}).Draw(t, "workflow is"),
		Version:   rapid.IntRange(0, 2).Draw(t, "version is"),
		Reference: rapid.SampledFrom([]string{"", "x"}).Draw(t, "reference is"), Descending: flags.Draw(t, "descending"),
		CreatedFrom: someTimes.Draw(t, "created from"), CreatedTo: someTimes.Draw(t, "created to"),
		EndedFrom: someTimes.Draw(t, "ended from"), EndedTo: someTimes.Draw(t, "ended to"), Limit: rapid.IntRange(1, 3).Draw(t, "limit"),
	}
	if flags.Draw(t, "after?") {
		q.After = &store.Place{Created: someTimes.Draw(t, "after"), K: rapid.Int64Range(0, 3).Draw(t, "k")}
	}
	return q
}

func TestMemoryAndSQLiteAreOneStore(t *testing.T) {
	t.Parallel()
	dir, n := t.TempDir(), 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		disk, err := Open(t.Context(), filepath.Join(dir, fmt.Sprint(n)), quick())
		require.NoError(rt, err)
		defer func() { require.NoError(rt, disk.Close()) }()
		mem := memory.New()
		dl, err := disk.Acquire(t.Context(), "d", nil)
		require.NoError(rt, err)
		ml, err := mem.Acquire(t.Context(), "m", nil)
		require.NoError(rt, err)
		for range rapid.IntRange(1, 5).Draw(rt, "batches") {
			b := store.Batch{Items: rapid.SliceOfN(rapid.Custom(drawItem), 1, 4).Draw(rt, "items")}
			want, err := mem.Commit(t.Context(), ml, b)
			require.NoError(rt, err)
			got, err := disk.Commit(t.Context(), dl, b)
			require.NoError(rt, err)
			require.Equal(rt, want, got)
			events := rapid.SliceOfN(rapid.Custom(drawEvent), 0, 2).Draw(rt, "events")
			wantSeqs, err := mem.Publish(t.Context(), events)
			refused := err != nil
			gotSeqs, err := disk.Publish(t.Context(), events)
			require.Equal(rt, refused, err != nil, "%v", err)
			require.Equal(rt, wantSeqs, gotSeqs)
			for range 4 {
				q := drawQuery(rt)
				want, err := mem.Query(t.Context(), q)
				require.NoError(rt, err)
				got, err := disk.Query(t.Context(), q)
				require.NoError(rt, err)
				require.Equal(rt, want, got, "%+v", q)
			}
			require.Equal(rt, read(rt, t, mem), read(rt, t, disk))
		}
	})
}
