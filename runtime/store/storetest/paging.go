package storetest

import (
	"fmt"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/store"
)

// pages reads with page until one is empty; each has at most limit entries and
// all but the last ones exactly that.
func pages[T any](e *env, limit int, page func(after *T) ([]T, error)) []T {
	e.Helper()
	var all []T
	var after *T
	for {
		p, err := page(after)
		require.NoError(e, err)
		require.LessOrEqual(e, len(p), limit)
		if len(p) == 0 {
			return all
		}
		all = append(all, p...)
		after = &all[len(all)-1]
	}
}

func pagingTests() []test {
	const n = 7
	fill := func(e *env) *env {
		e.own()
		for i := range n {
			ptr := instance.PtrID(i%3 + 1)
			e.startWith(fmt.Sprint(i), []store.TimerOp{{Due: 10, Ptr: ptr, Set: true}, {Due: 20, Ptr: ptr, Set: true}, {Due: 10, Ptr: ptr + 1, Set: true}},
				[]store.WaitOp{{Name: "n", Key: "k", Ptr: ptr, Set: true}, {Name: "n", Key: "k", Ptr: ptr + 1, Set: true}})
		}
		for i := range n {
			e.event("n", "k", "")
			require.NoError(e, e.Store.Post(e.Context(), []store.Msg{{Request: fmt.Sprint(i)}}))
		}
		return e
	}
	same := func(name string, f func(e *env, limit int) (all, paged int)) test {
		return test{name + ": pages of any size together are the whole, without gaps and doubles", func(e *env) {
			fill(e)
			for limit := 1; limit <= 4; limit++ {
				all, paged := f(e, limit)
				require.Equal(e, all, paged)
			}
		}}
	}
	return []test{
		same("Ready", func(e *env, limit int) (int, int) {
			all, err := e.Store.Ready(e.Context(), 0, 1000)
			require.NoError(e, err)
			got := pages(e, limit, func(after *store.Key) ([]store.Key, error) {
				if after == nil {
					after = &store.Key{}
				}
				return e.Store.Ready(e.Context(), after.K, limit)
			})
			require.Equal(e, all, got)
			return n, len(got)
		}),
		same("Due", func(e *env, limit int) (int, int) {
			all, err := e.Store.Due(e.Context(), store.Timer{}, 1000)
			require.NoError(e, err)
			got := pages(e, limit, func(after *store.Timer) ([]store.Timer, error) {
				if after == nil {
					after = &store.Timer{}
				}
				return e.Store.Due(e.Context(), *after, limit)
			})
			require.Equal(e, all, got)
			return 3 * n, len(got)
		}),
		same("Waits", func(e *env, limit int) (int, int) {
			event := store.Event{Name: "n", Key: "k", Seq: 1}
			all, err := e.Store.Waits(e.Context(), event, store.Wait{}, 1000)
			require.NoError(e, err)
			got := pages(e, limit, func(after *store.Wait) ([]store.Wait, error) {
				if after == nil {
					after = &store.Wait{}
				}
				return e.Store.Waits(e.Context(), event, *after, limit)
			})
			require.Equal(e, all, got)
			return 2 * n, len(got)
		}),
		same("Undelivered", func(e *env, limit int) (int, int) {
			got := pages(e, limit, func(after *store.Event) ([]store.Event, error) {
				if after == nil {
					after = &store.Event{}
				}
				return e.Store.Undelivered(e.Context(), after.Seq, limit)
			})
			require.Equal(e, e.undelivered(), got)
			return n, len(got)
		}),
		same("Inbox", func(e *env, limit int) (int, int) {
			got := pages(e, limit, func(after *store.Msg) ([]store.Msg, error) {
				if after == nil {
					after = &store.Msg{}
				}
				return e.Store.Inbox(e.Context(), after.N, limit)
			})
			require.Equal(e, e.inbox(0), got)
			return n, len(got)
		}),
		{"a limit of none lists none", func(e *env) {
			fill(e)
			ctx := e.Context()
			for _, limit := range []int{0, -1} {
				keys, err := e.Store.Ready(ctx, 0, limit)
				require.NoError(e, err)
				require.Empty(e, keys)
				timers, err := e.Store.Due(ctx, store.Timer{}, limit)
				require.NoError(e, err)
				require.Empty(e, timers)
				events, err := e.Store.Undelivered(ctx, 0, limit)
				require.NoError(e, err)
				require.Empty(e, events)
				waits, err := e.Store.Waits(ctx, store.Event{Name: "n", Key: "k", Seq: 1}, store.Wait{}, limit)
				require.NoError(e, err)
				require.Empty(e, waits)
				msgs, err := e.Store.Inbox(ctx, 0, limit)
				require.NoError(e, err)
				require.Empty(e, msgs)
			}
		}},
	}
}
