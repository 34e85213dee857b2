package storetest

import (
	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/store"
)

func (e *env) signal(name, id string) store.Outcome {
	e.Helper()
	return e.commit(store.Item{Event: &store.Event{Name: name, Key: id, Signal: true}})[0]
}

func signalTests() []test {
	return []test{
		{"a signal is for an instance that lives", func(e *env) {
			e.own()
			e.start("a")
			require.Equal(e, store.Outcome{Code: store.NoTarget}, e.signal("n", "none"))
			e.end("done", 0)
			require.Equal(e, store.NoTarget, e.signal("n", "done").Code)
			require.Equal(e, store.Written, e.signal("n", "a").Code)
			_, err := e.Open().Publish(e.Context(), []store.Event{{Name: "n", Key: "k"}, {Name: "n", Key: "none", Signal: true}})
			require.ErrorIs(e, err, store.ErrNoTarget)
			require.Len(e, e.undelivered(), 1, "nothing of the call is published")
		}},
		{"signals and events of one name and key do not meet", func(e *env) {
			e.own()
			a := e.startWith("a", nil, []store.WaitOp{{Name: "n", Key: "a", Ptr: 1, Set: true}})
			event := e.event("n", "a", "id")
			out := e.commit(store.Item{Event: &store.Event{Name: "n", Key: "a", Signal: true, Dedup: "id"}})[0]
			require.Equal(e, store.Written, out.Code)
			for signal, want := range map[bool]instance.Seq{false: event, true: out.Seq} {
				got, err := e.Store.Match(e.Context(), store.Match{Name: "n", Key: "a", Signal: signal})
				require.NoError(e, err)
				require.Equal(e, want, got.Seq)
				require.Equal(e, signal, got.Signal)
			}
			require.Equal(e, []store.Wait{{Key: a, Ptr: 1}}, e.waits("n", "a", event))
		}},
		{"a wait is matched by a signal of its name whatever its key, above its Signals", func(e *env) {
			e.own()
			k := e.start("a")
			e.start("b")
			first, other := e.signal("n", "a").Seq, e.signal("n", "b").Seq
			e.deliver(first)
			e.deliver(other)
			row := next("a", k, 2)
			row.Waits = []store.WaitOp{{Name: "n", Key: "any", Ptr: 1, Signals: first, Set: true}, {Name: "x", Key: "any", Ptr: 2, Set: true}}
			require.False(e, e.commit(store.Item{Instance: row})[0].Matched)
			row = next("a", k, 3)
			row.Waits = []store.WaitOp{{Name: "n", Key: "any", Ptr: 1, Set: true}}
			require.True(e, e.commit(store.Item{Instance: row})[0].Matched)
			open := e.undelivered()
			require.Len(e, open, 1)
			require.Equal(e, first, open[0].Seq)
		}},
		{"signals of an earlier instance of the id are not for the next", func(e *env) {
			e.own()
			e.start("a")
			old := e.signal("n", "a").Seq
			e.commit(store.Item{Instance: ended("a", 2, 5)})
			e.commit(store.Item{Purge: &store.Purge{Before: 9, Limit: 1}})
			_, err := e.Store.Match(e.Context(), store.Match{Name: "n", Key: "a", Signal: true})
			require.ErrorIs(e, err, store.ErrNotFound)
			k := e.start("a")
			require.GreaterOrEqual(e, e.load("a").Born, old)
			row := next("a", k, 2)
			row.Waits = []store.WaitOp{{Name: "n", Key: "any", Ptr: 1, Set: true}}
			require.False(e, e.commit(store.Item{Instance: row})[0].Matched)
		}},
		{"an instance has at most MaxUnread that it has not taken", func(e *env) {
			e.own()
			k := e.start("a")
			e.start("b")
			events := make([]store.Event, store.MaxUnread)
			for i := range events {
				events[i] = store.Event{Name: "n", Key: "a", Signal: true}
			}
			events[0].Due = 5
			seqs, err := e.Store.Publish(e.Context(), events)
			require.NoError(e, err)
			require.Equal(e, store.Outcome{Code: store.Full}, e.signal("other", "a"))
			require.Equal(e, store.Written, e.signal("n", "b").Code)
			_, err = e.Store.Publish(e.Context(), events[:1])
			require.ErrorIs(e, err, store.ErrFull)
			row := next("a", k, 2)
			row.Took = []store.Took{{Seq: seqs[1]}}
			e.commit(store.Item{Instance: row})
			require.Equal(e, store.Written, e.signal("n", "a").Code)
			require.Equal(e, store.Full, e.signal("n", "a").Code)
		}},
	}
}
