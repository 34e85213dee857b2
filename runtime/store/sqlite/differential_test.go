package sqlite

import (
	"fmt"
	"path/filepath"
	"testing"

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
)

func drawRow(t *rapid.T) *store.Row {
	r := &store.Row{
		ID: someIDs.Draw(t, "id"), Rev: rapid.Uint64Range(1, 4).Draw(t, "rev"), Ready: flags.Draw(t, "ready"),
		Status: instance.Runnable, Definition: "d", Head: rapid.SliceOfN(rapid.Byte(), 0, 3).Draw(t, "head"),
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
			Gen: uint32(pointers.Draw(t, "gen")), After: instance.Seq(rapid.Uint64Range(0, 6).Draw(t, "after")), Set: flags.Draw(t, "set"),
		})
	}
	return r
}

func drawCell(t *rapid.T) instance.CellID {
	return instance.CellID{Kind: instance.BranchCell, Ptr: instance.PtrID(pointers.Draw(t, "ptr")), Index: rapid.IntRange(0, 2).Draw(t, "index")}
}

func drawEvent(t *rapid.T) store.Event {
	return store.Event{
		Name: topics.Draw(t, "name"), Key: topics.Draw(t, "key"),
		Dedup: rapid.SampledFrom([]string{"", "1", "2"}).Draw(t, "dedup"), Payload: []byte(topics.Draw(t, "payload")),
	}
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
	if flags.Draw(t, "reply?") {
		it.Reply = &store.Reply{Request: topics.Draw(t, "request"), Code: topics.Draw(t, "code")}
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
	ready, err := s.Ready(ctx, 0, 100)
	add(ready, err)
	due, err := s.Due(ctx, store.Timer{}, 100)
	add(due, err)
	msgs, err := s.Inbox(ctx, 0, 100)
	add(msgs, err)
	events, err := s.Undelivered(ctx, 0, 100)
	add(events, err)
	for _, name := range []string{"x", "y"} {
		for seq := range instance.Seq(8) {
			waits, err := s.Waits(ctx, store.Event{Name: name, Key: "x", Seq: seq}, store.Wait{}, 100)
			add(waits, err)
			e, err := s.Match(ctx, name, "x", seq)
			all = append(all, e, err == nil)
		}
		r, err := s.Reply(ctx, name)
		all = append(all, r, err == nil)
	}
	return fmt.Sprintf("%+v", all)
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
			require.NoError(rt, err)
			gotSeqs, err := disk.Publish(t.Context(), events)
			require.NoError(rt, err)
			require.Equal(rt, wantSeqs, gotSeqs)
			require.Equal(rt, read(rt, t, mem), read(rt, t, disk))
		}
	})
}
