package storetest

import (
	"context"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/store"
)

func batchTests() []test {
	return []test{
		{"an empty batch has no outcomes and no error", func(e *env) {
			e.own()
			require.Empty(e, e.commit())
			require.Empty(e, e.commit())
		}},
		{"outcome i belongs to item i", func(e *env) {
			e.own().start("a")
			out := e.commit(
				store.Item{Instance: fresh("b")},
				store.Item{Instance: fresh("a")},
				store.Item{Event: &store.Event{Name: "n", Key: "k"}},
				store.Item{Instance: next("a", 0, 7)},
				store.Item{},
				store.Item{Instance: next("a", 0, 2)},
			)
			codes := make([]store.OutcomeCode, len(out))
			for i, o := range out {
				codes[i] = o.Code
			}
			require.Equal(e, []store.OutcomeCode{
				store.Written, store.Exists, store.Written, store.Stale, store.Written, store.Written,
			}, codes)
			require.NotZero(e, out[2].Seq)
		}},
		{"items are written in order, and later ones see earlier ones", func(e *env) {
			e.own()
			out := e.commit(
				store.Item{Instance: fresh("a")},
				store.Item{Instance: next("a", 0, 2)},
				store.Item{Instance: next("a", 0, 3)},
				store.Item{Instance: next("a", 0, 3)},
				store.Item{Instance: fresh("a")},
			)
			require.Equal(e, store.Written, out[2].Code)
			require.Equal(e, store.Stale, out[3].Code)
			require.Equal(e, store.Exists, out[4].Code)
			require.EqualValues(e, 3, e.load("a").Rev)
		}},
		{"an item whose instance is not written writes nothing else, and its neighbours are", func(e *env) {
			e.own()
			k := e.start("a")
			require.NoError(e, e.Store.Post(e.Context(), []store.Msg{{Request: "r", Class: "c"}}))
			msgs, err := e.Store.Inbox(e.Context(), 0, 10)
			require.NoError(e, err)
			require.Len(e, msgs, 1)
			seq := e.event("n", "k", "")
			for _, row := range []*store.Row{fresh("a"), next("a", k, 5), next("nobody", 0, 2)} {
				row.Cells = append(row.Cells, cell(1, 1, 1, "x"))
				row.Timers = []store.TimerOp{{Due: 9, Ptr: 1, Set: true}}
				row.Waits = []store.WaitOp{{Name: "n", Key: "k", Ptr: 1, Set: true}}
				out := e.commit(
					store.Item{Instance: fresh("before " + row.ID + string(rune('0'+row.Rev)))},
					store.Item{
						Instance:   row,
						Definition: &store.Definition{Hash: "no", Name: "no", Version: 1, Body: []byte("no")},
						Event:      &store.Event{Name: "other", Key: "k"},
						Delivered:  &store.Delivered{Seq: seq},
						Done:       []store.Done{{N: msgs[0].N, Reply: &store.Reply{Request: "no"}}},
					},
					store.Item{Instance: fresh("behind " + row.ID + string(rune('0'+row.Rev)))},
				)
				require.Equal(e, store.Written, out[0].Code)
				require.NotEqual(e, store.Written, out[1].Code)
				require.Zero(e, out[1].Seq)
				require.Equal(e, store.Written, out[2].Code)
			}
			ctx := e.Context()
			require.Empty(e, e.load("a").Cells)
			due, err := e.Store.Due(ctx, store.Timer{}, 10)
			require.NoError(e, err)
			require.Empty(e, due)
			waits, err := e.Store.Waits(ctx, store.Event{Name: "n", Key: "k", Seq: 1 << 40}, store.Wait{}, 10)
			require.NoError(e, err)
			require.Empty(e, waits)
			_, err = e.Store.Definition(ctx, "no")
			require.ErrorIs(e, err, store.ErrNotFound)
			_, err = e.Store.Match(ctx, store.Match{Name: "other", Key: "k"})
			require.ErrorIs(e, err, store.ErrNotFound)
			open, err := e.Store.Undelivered(ctx, 0, 10)
			require.NoError(e, err)
			require.Len(e, open, 1)
			msgs, err = e.Store.Inbox(ctx, 0, 10)
			require.NoError(e, err)
			require.Len(e, msgs, 1)
			_, err = e.Store.Reply(ctx, "no")
			require.ErrorIs(e, err, store.ErrNotFound)
		}},
		{"any of the fields of an item may be set together", func(e *env) {
			e.own()
			seq := e.event("n", "k", "")
			require.NoError(e, e.Store.Post(e.Context(), []store.Msg{{Request: "r", Class: "c"}}))
			msgs, err := e.Store.Inbox(e.Context(), 0, 10)
			require.NoError(e, err)
			out := e.commit(store.Item{
				Instance:   fresh("a"),
				Definition: &store.Definition{Hash: "d1", Name: "w", Version: 1, Body: []byte("body")},
				Event:      &store.Event{Name: "n", Key: "k"},
				Delivered:  &store.Delivered{Seq: seq},
				Done:       []store.Done{{N: msgs[0].N, Reply: &store.Reply{Request: "r", Code: "ok"}}},
			})
			require.Equal(e, store.Written, out[0].Code)
			require.Positive(e, out[0].K)
			require.Equal(e, seq, out[0].Born)
			require.Greater(e, out[0].Seq, seq)
			e.load("a")
			_, err = e.Store.Definition(e.Context(), "d1")
			require.NoError(e, err)
			open, err := e.Store.Undelivered(e.Context(), 0, 10)
			require.NoError(e, err)
			require.Len(e, open, 1)
			require.Equal(e, out[0].Seq, open[0].Seq)
			msgs, err = e.Store.Inbox(e.Context(), 0, 10)
			require.NoError(e, err)
			require.Empty(e, msgs)
			_, err = e.Store.Reply(e.Context(), "r")
			require.NoError(e, err)
		}},
		{"in an item with an instance the code is the instance's, and Seq shows a used Dedup", func(e *env) {
			e.own()
			seq := e.event("n", "k", "once")
			out := e.commit(store.Item{Instance: fresh("a"), Event: &store.Event{Name: "n", Key: "k", Dedup: "once"}})
			require.Equal(e, store.Written, out[0].Code)
			require.Equal(e, seq, out[0].Seq)
			e.load("a")
		}},
		{"a call whose context is done writes nothing", func(e *env) {
			e.own()
			ctx, cancel := context.WithCancel(e.Context())
			cancel()
			_, err := e.Store.Commit(ctx, e.lease, store.Batch{Items: []store.Item{{Instance: fresh("a")}}})
			require.ErrorIs(e, err, context.Canceled)
			_, err = e.Store.Publish(ctx, []store.Event{{Name: "n", Key: "k"}})
			require.ErrorIs(e, err, context.Canceled)
			require.ErrorIs(e, e.Store.Post(ctx, []store.Msg{{Request: "r"}}), context.Canceled)
			e.missing("a")
			_, err = e.Store.Match(e.Context(), store.Match{Name: "n", Key: "k"})
			require.ErrorIs(e, err, store.ErrNotFound)
			_, err = e.Store.Load(ctx, "a")
			require.ErrorIs(e, err, context.Canceled)
		}},
		{"what goes in and what comes out is not shared with the caller", func(e *env) {
			e.own()
			row := fresh("a")
			row.Cells = append(row.Cells, cell(1, 1, 1, "cell"))
			ev := &store.Event{Name: "n", Key: "k", Payload: []byte("payload")}
			def := &store.Definition{Hash: "h", Name: "w", Body: []byte("body")}
			msg := []store.Msg{{Request: "r", Body: []byte("message")}}
			e.commit(store.Item{Instance: row, Event: ev, Definition: def})
			require.NoError(e, e.Store.Post(e.Context(), msg))
			spoil := func(b []byte) { clear(b) }
			for range 2 {
				spoil(row.Head)
				spoil(row.StartHash)
				spoil(row.Cells[0].Body)
				spoil(ev.Payload)
				spoil(def.Body)
				spoil(msg[0].Body)
				got := e.load("a")
				require.Equal(e, "head of a", string(got.Head))
				require.Equal(e, "hash of a", string(got.StartHash))
				require.Equal(e, "cell", string(got.Cells[0].Body))
				event, err := e.Store.Match(e.Context(), store.Match{Name: "n", Key: "k"})
				require.NoError(e, err)
				require.Equal(e, "payload", string(event.Payload))
				body, err := e.Store.Definition(e.Context(), "h")
				require.NoError(e, err)
				require.Equal(e, "body", string(body))
				msgs, err := e.Store.Inbox(e.Context(), 0, 1)
				require.NoError(e, err)
				require.Equal(e, "message", string(msgs[0].Body))
				row, ev, def, msg = got, &event, &store.Definition{Body: body}, msgs
			}
		}},
	}
}
