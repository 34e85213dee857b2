package storetest

import (
	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/store"
)

func (e *env) waits(name, key string, seq instance.Seq) []store.Wait {
	e.Helper()
	waits, err := e.Store.Waits(e.Context(), store.Event{Name: name, Key: key, Seq: seq}, store.Wait{}, 100)
	require.NoError(e, err)
	return waits
}

func waitTests() []test {
	return []test{
		{"the waits of an event have its name and key, by ascending row number and pointer", func(e *env) {
			e.own()
			a := e.startWith("a", nil, []store.WaitOp{
				{Name: "n", Key: "k", Ptr: 7, Gen: 1, Set: true},
				{Name: "n", Key: "k", Ptr: 2, Gen: 2, Set: true},
				{Name: "n", Key: "other", Ptr: 3, Gen: 3, Set: true},
				{Name: "other", Key: "k", Ptr: 4, Gen: 4, Set: true},
			})
			b := e.startWith("b", nil, []store.WaitOp{{Name: "n", Key: "k", Ptr: 1, Gen: 5, Set: true}})
			require.Equal(e, []store.Wait{{Key: a, Ptr: 2, Gen: 2}, {Key: a, Ptr: 7, Gen: 1}, {Key: b, Ptr: 1, Gen: 5}}, e.waits("n", "k", 1))
			require.Equal(e, []store.Wait{{Key: a, Ptr: 3, Gen: 3}}, e.waits("n", "other", 1))
			require.Empty(e, e.waits("n", "none", 1))
		}},
		{"a wait is offered only events above its After", func(e *env) {
			e.own()
			a := e.startWith("a", nil, []store.WaitOp{{Name: "n", Key: "k", Ptr: 1, After: 5, Set: true}})
			require.Empty(e, e.waits("n", "k", 5))
			require.Equal(e, []store.Wait{{Key: a, Ptr: 1}}, e.waits("n", "k", 6))
		}},
		{"a wait is offered only events above the Born of its instance", func(e *env) {
			e.own()
			old := e.event("n", "k", "")
			a := e.startWith("a", nil, []store.WaitOp{{Name: "n", Key: "k", Ptr: 1, Set: true}})
			require.Empty(e, e.waits("n", "k", old))
			require.Equal(e, []store.Wait{{Key: a, Ptr: 1}}, e.waits("n", "k", e.event("n", "k", "")))
		}},
		{"setting a wait again replaces it", func(e *env) {
			e.own()
			a := e.startWith("a", nil, []store.WaitOp{{Name: "n", Key: "k", Ptr: 1, Gen: 1, Set: true}})
			row := next("a", a.K, 2)
			row.Waits = []store.WaitOp{{Name: "n", Key: "k", Ptr: 1, Gen: 2, After: 3, Set: true}}
			e.commit(store.Item{Instance: row})
			require.Empty(e, e.waits("n", "k", 3))
			require.Equal(e, []store.Wait{{Key: a, Ptr: 1, Gen: 2}}, e.waits("n", "k", 4))
		}},
		{"a wait is removed by name, key and pointer; one that is not there is no error", func(e *env) {
			e.own()
			a := e.startWith("a", nil, []store.WaitOp{{Name: "n", Key: "k", Ptr: 1, Gen: 1, Set: true}, {Name: "n", Key: "k", Ptr: 2, Set: true}})
			b := e.startWith("b", nil, []store.WaitOp{{Name: "n", Key: "k", Ptr: 1, Gen: 1, Set: true}})
			row := next("a", a.K, 2)
			row.Waits = []store.WaitOp{{Name: "n", Key: "k", Ptr: 1, Gen: 9, After: 9}, {Name: "n", Key: "x", Ptr: 2}, {Name: "x", Key: "k", Ptr: 2}}
			require.Equal(e, store.Written, e.commit(store.Item{Instance: row})[0].Code)
			require.Equal(e, []store.Wait{{Key: a, Ptr: 2}, {Key: b, Ptr: 1, Gen: 1}}, e.waits("n", "k", 1))
		}},
		{"a wait that may take no event that is there is not Matched", func(e *env) {
			e.own()
			e.deliver(e.event("n", "k", ""))
			last := e.event("n", "other", "")
			e.deliver(last)
			row := fresh("a") // its Born is above them
			row.Waits = []store.WaitOp{{Name: "n", Key: "k", Ptr: 1, Set: true}}
			out := e.commit(store.Item{Instance: row})[0]
			require.False(e, out.Matched)
			e.deliver(e.event("n", "k", ""))
			row = next("a", out.K, 2)
			row.Waits = []store.WaitOp{{Name: "n", Key: "k", Ptr: 2, After: last + 1, Set: true}, {Name: "n", Key: "other", Ptr: 2, Set: true}, {Name: "n", Key: "k", Ptr: 1}}
			require.False(e, e.commit(store.Item{Instance: row})[0].Matched)
			require.Empty(e, e.undelivered())
		}},
		{"the oldest delivered event that a new wait may take becomes undelivered again", func(e *env) {
			e.own()
			k := e.start("a")
			e.start("b")
			first := e.event("n", "k", "")
			e.deliver(first)
			e.deliver(e.event("n", "k", ""))
			e.deliver(e.event("n", "x", ""))
			row := next("a", k, 2)
			row.Waits = []store.WaitOp{{Name: "none", Key: "k", Ptr: 1, Set: true}, {Name: "n", Key: "k", Ptr: 2, Set: true}, {Name: "z", Key: "k", Ptr: 3, Set: true}}
			require.True(e, e.commit(store.Item{Instance: row})[0].Matched)
			open := e.undelivered()
			require.Len(e, open, 1)
			require.Equal(e, first, open[0].Seq)
			require.EqualValues(e, 1, open[0].Round)
		}},
		{"a delivery that was under way when a wait came does not count for it", func(e *env) {
			e.own()
			a := e.start("a")
			seq := e.event("n", "k", "")
			row := next("a", a, 2)
			row.Waits = []store.WaitOp{{Name: "n", Key: "k", Ptr: 1, Set: true}}
			require.True(e, e.commit(store.Item{Instance: row})[0].Matched)
			e.commit(store.Item{Delivered: &store.Delivered{Seq: seq}}) // of the round before
			require.Len(e, e.undelivered(), 1)
			e.commit(store.Item{Delivered: &store.Delivered{Seq: seq, Round: 1}})
			require.Empty(e, e.undelivered())
		}},
		{"an event that was taken does not come back for a wait whose After is its number", func(e *env) {
			e.own()
			k := e.start("a")
			first, second := e.event("n", "k", ""), e.event("n", "k", "")
			e.deliver(first)
			e.deliver(second)
			row := next("a", k, 2)
			row.Waits = []store.WaitOp{{Name: "n", Key: "k", Ptr: 1, After: first, Set: true}}
			require.True(e, e.commit(store.Item{Instance: row})[0].Matched)
			require.Equal(e, second, e.undelivered()[0].Seq)
			require.Len(e, e.undelivered(), 1)
		}},
	}
}

// deliver commits that an event was offered to all its waits.
func (e *env) deliver(seq instance.Seq) {
	e.Helper()
	e.commit(store.Item{Delivered: &store.Delivered{Seq: seq}})
}
