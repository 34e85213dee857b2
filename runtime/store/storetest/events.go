package storetest

import (
	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/store"
)

func (e *env) undelivered() []store.Event {
	e.Helper()
	events, err := e.Store.Undelivered(e.Context(), 0, 100)
	require.NoError(e, err)
	return events
}

func eventTests() []test {
	return []test{
		{"sequence numbers ascend, whoever publishes", func(e *env) {
			e.own()
			other := e.Open()
			last := instance.Seq(0)
			for range 3 {
				seqs, err := other.Publish(e.Context(), []store.Event{{Name: "n", Key: "k"}, {Name: "m", Key: "k"}})
				require.NoError(e, err)
				require.Len(e, seqs, 2)
				for _, seq := range append(seqs, e.event("n", "k", "")) {
					require.Greater(e, seq, last)
					last = seq
				}
			}
		}},
		{"an event is read back as it was published", func(e *env) {
			e.own()
			want := store.Event{Name: "n", Key: "k", Dedup: "id", Published: 77, Payload: []byte{0, 1, 255}, Trace: []byte{0, 7, 255}}
			want.Seq = e.commit(store.Item{Event: &want})[0].Seq
			got, err := e.Store.Match(e.Context(), store.Match{Name: "n", Key: "k"})
			require.NoError(e, err)
			require.Equal(e, want, got)
			require.Equal(e, []store.Event{want}, e.undelivered())
		}},
		{"a Dedup that was used for the same name and key is Exists with the earlier number", func(e *env) {
			e.own()
			seq := e.event("n", "k", "id")
			out := e.commit(
				store.Item{Event: &store.Event{Name: "n", Key: "k", Dedup: "id", Payload: []byte("other")}},
				store.Item{Event: &store.Event{Name: "n", Key: "x", Dedup: "id"}},
				store.Item{Event: &store.Event{Name: "x", Key: "k", Dedup: "id"}},
				store.Item{Event: &store.Event{Name: "n", Key: "k"}},
				store.Item{Event: &store.Event{Name: "n", Key: "k"}},
				store.Item{Event: &store.Event{Name: "n", Key: "k", Dedup: "new"}},
				store.Item{Event: &store.Event{Name: "n", Key: "k", Dedup: "new"}},
			)
			require.Equal(e, store.Outcome{Code: store.Exists, Seq: seq}, out[0])
			for _, o := range out[1:6] {
				require.Equal(e, store.Written, o.Code)
			}
			require.Equal(e, store.Outcome{Code: store.Exists, Seq: out[5].Seq}, out[6])
			require.Len(e, e.undelivered(), 6)
			got, err := e.Store.Match(e.Context(), store.Match{Name: "n", Key: "k"})
			require.NoError(e, err)
			require.Equal(e, "p", string(got.Payload))
		}},
		{"Publish gives the number of the earlier event where the Dedup was used before", func(e *env) {
			e.own()
			seq := e.event("n", "k", "id")
			other := e.Open()
			seqs, err := other.Publish(e.Context(), []store.Event{
				{Name: "n", Key: "k", Dedup: "id"}, {Name: "n", Key: "x", Dedup: "id"}, {Name: "n", Key: "x", Dedup: "id"}, {Name: "n", Key: "k"},
			})
			require.NoError(e, err)
			require.Equal(e, seq, seqs[0])
			require.Greater(e, seqs[1], seq)
			require.Equal(e, seqs[1], seqs[2])
			require.Greater(e, seqs[3], seqs[1])
			require.Len(e, e.undelivered(), 3)
			out := e.commit(store.Item{Event: &store.Event{Name: "n", Key: "x", Dedup: "id"}})
			require.Equal(e, store.Outcome{Code: store.Exists, Seq: seqs[1]}, out[0])
		}},
		{"Publish needs no owner", func(e *env) {
			seqs, err := e.Store.Publish(e.Context(), []store.Event{{Name: "n", Key: "k"}})
			require.NoError(e, err)
			require.Len(e, seqs, 1)
			e.own()
			require.Len(e, e.undelivered(), 1)
		}},
		{"Publish of nothing is nothing", func(e *env) {
			seqs, err := e.Store.Publish(e.Context(), nil)
			require.NoError(e, err)
			require.Empty(e, seqs)
		}},
		{"a delivered event is no longer Undelivered, and is still matched", func(e *env) {
			e.own()
			a, b := e.event("n", "k", ""), e.event("n", "k", "")
			e.commit(store.Item{Delivered: &store.Delivered{Seq: a}})
			open := e.undelivered()
			require.Len(e, open, 1)
			require.Equal(e, b, open[0].Seq)
			got, err := e.Store.Match(e.Context(), store.Match{Name: "n", Key: "k"})
			require.NoError(e, err)
			require.Equal(e, a, got.Seq)
		}},
		{"Undelivered has no event of the given number or below", func(e *env) {
			e.own()
			a, b := e.event("n", "k", ""), e.event("n", "k", "")
			events, err := e.Store.Undelivered(e.Context(), a, 10)
			require.NoError(e, err)
			require.Len(e, events, 1)
			require.Equal(e, b, events[0].Seq)
		}},
		{"Match gives the lowest number above after, delivered or not; ErrNotFound", func(e *env) {
			e.own()
			a := e.event("n", "k", "")
			e.event("n", "x", "")
			e.event("x", "k", "")
			b := e.event("n", "k", "")
			e.commit(store.Item{Delivered: &store.Delivered{Seq: b}})
			for after, want := range map[instance.Seq]instance.Seq{0: a, a: b, b - 1: b} {
				got, err := e.Store.Match(e.Context(), store.Match{Name: "n", Key: "k", After: after})
				require.NoError(e, err)
				require.Equal(e, want, got.Seq)
			}
			_, err := e.Store.Match(e.Context(), store.Match{Name: "n", Key: "k", After: b})
			require.ErrorIs(e, err, store.ErrNotFound)
			_, err = e.Store.Match(e.Context(), store.Match{Name: "none", Key: "k"})
			require.ErrorIs(e, err, store.ErrNotFound)
		}},
	}
}
