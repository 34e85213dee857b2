package storetest

import (
	"fmt"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/store"
)

// mixed is a batch with every outcome in it, for a store that has instance "a"
// at revision 1 and an event with the Dedup "id".
func mixed() store.Batch {
	row := next("a", 0, 2)
	row.Timers = []store.TimerOp{{Due: 5, Ptr: 1, Gen: 1, Set: true}}
	row.Cells = []instance.Cell{cell(1, 1, 1, "cell")}
	return store.Batch{Items: []store.Item{
		{Instance: fresh("b")},
		{Instance: fresh("a")},
		{Instance: row},
		{Instance: next("a", 0, 9)},
		{Event: &store.Event{Name: "n", Key: "k", Dedup: "id"}},
		{Event: &store.Event{Name: "n", Key: "k", Dedup: "new"}},
	}}
}

func unknownTests() []test {
	var tests []test
	for _, first := range []bool{true, false} {
		for _, second := range []string{"no", "durable", "lost"} {
			tests = append(tests, test{
				fmt.Sprintf("Settle has the results of Commit: first commit durable %v, second unknown %s", first, second),
				func(e *env) { settles(e, first, second) },
			})
		}
	}
	return append(tests,
		test{"a commit that is not settled lets no other through, and nothing of it is lost", func(e *env) {
			e.needUnknown()
			e.own()
			b := store.Batch{Items: []store.Item{{Instance: fresh("a")}}}
			e.Unknown(e.Store, false)
			_, err := e.Store.Commit(e.Context(), e.lease, b)
			require.ErrorIs(e, err, store.ErrUnknown)
			_, err = e.Store.Commit(e.Context(), e.lease, store.Batch{Items: []store.Item{{Instance: fresh("b")}}})
			require.Error(e, err)
			require.NotErrorIs(e, err, store.ErrUnknown)
			require.NotErrorIs(e, err, store.ErrFenced)
			_, err = e.Store.Settle(e.Context(), e.lease, b)
			require.NoError(e, err)
			e.load("a")
			e.missing("b")
			e.start("b")
		}},
		test{"an owner that lost the store before it settled is fenced", func(e *env) {
			e.needUnknown()
			e.own()
			b := store.Batch{Items: []store.Item{{Instance: fresh("a")}}}
			e.Unknown(e.Store, false)
			_, err := e.Store.Commit(e.Context(), e.lease, b)
			require.ErrorIs(e, err, store.ErrUnknown)
			old := e.lease
			require.NoError(e, e.Store.Release(e.Context(), e.lease))
			e.own()
			_, err = e.Store.Settle(e.Context(), old, b)
			require.ErrorIs(e, err, store.ErrFenced)
			e.missing("a")
			e.start("a")
		}},
		test{"there is nothing to settle after a commit that succeeded", func(e *env) {
			e.own().start("a")
			_, err := e.Store.Settle(e.Context(), e.lease, store.Batch{Items: []store.Item{{Instance: fresh("a")}}})
			require.Error(e, err)
			e.start("b")
		}},
	)
}

func (e *env) needUnknown() {
	if e.Unknown == nil {
		e.Skip("this store cannot be made to fail")
	}
}

// settles runs one commit that ends unknown, a Settle that may end so too, and a
// last one, and compares with what a commit without faults has written.
func settles(e *env, durable bool, second string) {
	e.needUnknown()
	e.own().start("a")
	seq := e.event("n", "k", "id")
	b := mixed()
	e.Unknown(e.Store, durable)
	_, err := e.Store.Commit(e.Context(), e.lease, b)
	require.ErrorIs(e, err, store.ErrUnknown)
	if second != "no" {
		e.Unknown(e.Store, second == "durable")
		_, err := e.Store.Settle(e.Context(), e.lease, b)
		require.ErrorIs(e, err, store.ErrUnknown)
	}
	out, err := e.Store.Settle(e.Context(), e.lease, b)
	require.NoError(e, err)
	checkMixed(e, out, seq)
}

func checkMixed(e *env, out []store.Outcome, seq instance.Seq) {
	e.Helper()
	b, a, events := e.load("b"), e.load("a"), e.undelivered()
	require.Len(e, events, 2)
	require.Equal(e, []store.Outcome{
		{Code: store.Written, K: b.K, Born: seq},
		{Code: store.Exists, K: a.K},
		{Code: store.Written, K: a.K},
		{Code: store.Stale},
		{Code: store.Exists, Seq: seq},
		{Code: store.Written, Seq: events[1].Seq},
	}, out)
	require.EqualValues(e, 2, a.Rev)
	require.Equal(e, []instance.Cell{cell(1, 1, 1, "cell")}, a.Cells)
	require.Len(e, e.due(), 1)
	e.start("c")
}
