package storetest

import (
	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/store"
)

func (e *env) due() []store.Timer {
	e.Helper()
	timers, err := e.Store.Due(e.Context(), store.Timer{}, 100)
	require.NoError(e, err)
	return timers
}

// startWith commits a new instance with timers and waits and returns its key.
func (e *env) startWith(id string, timers []store.TimerOp, waits []store.WaitOp) store.Key {
	e.Helper()
	row := fresh(id)
	row.Timers, row.Waits = timers, waits
	return store.Key{K: e.commit(store.Item{Instance: row})[0].K, ID: id}
}

func timerTests() []test {
	return []test{
		{"timers are listed by ascending due, row number and pointer", func(e *env) {
			e.own()
			late := instance.Instant(1) << 60
			a := e.startWith("a", []store.TimerOp{{Due: 30, Ptr: 2, Gen: 1, Set: true}, {Due: 30, Ptr: 1, Gen: 2, Set: true}, {Due: late, Ptr: 9, Gen: 4_000_000_000, Set: true}}, nil)
			b := e.startWith("b", []store.TimerOp{{Due: 10, Ptr: 5, Gen: 3, Set: true}, {Due: 30, Ptr: 1, Gen: 4, Set: true}}, nil)
			require.Equal(e, []store.Timer{
				{Due: 10, Key: b, Ptr: 5, Gen: 3},
				{Due: 30, Key: a, Ptr: 1, Gen: 2},
				{Due: 30, Key: a, Ptr: 2, Gen: 1},
				{Due: 30, Key: b, Ptr: 1, Gen: 4},
				{Due: late, Key: a, Ptr: 9, Gen: 4_000_000_000},
			}, e.due())
		}},
		{"setting a timer again replaces it", func(e *env) {
			e.own()
			a := e.startWith("a", []store.TimerOp{{Due: 30, Ptr: 2, Gen: 1, Set: true}, {Due: 30, Ptr: 2, Gen: 2, Set: true}}, nil)
			require.Equal(e, []store.Timer{{Due: 30, Key: a, Ptr: 2, Gen: 2}}, e.due())
		}},
		{"a timer is removed by its due and pointer; one that is not there is no error", func(e *env) {
			e.own()
			a := e.startWith("a", []store.TimerOp{{Due: 30, Ptr: 2, Gen: 1, Set: true}, {Due: 40, Ptr: 2, Gen: 1, Set: true}}, nil)
			b := e.startWith("b", []store.TimerOp{{Due: 30, Ptr: 2, Gen: 1, Set: true}}, nil)
			row := next("a", a.K, 2)
			row.Timers = []store.TimerOp{{Due: 30, Ptr: 2, Gen: 99}, {Due: 31, Ptr: 2}, {Due: 40, Ptr: 3}}
			require.Equal(e, store.Written, e.commit(store.Item{Instance: row})[0].Code)
			require.Equal(e, []store.Timer{{Due: 30, Key: b, Ptr: 2, Gen: 1}, {Due: 40, Key: a, Ptr: 2, Gen: 1}}, e.due())
		}},
		{"a timer that is removed and set in one write is set", func(e *env) {
			e.own()
			a := e.startWith("a", []store.TimerOp{{Due: 30, Ptr: 2, Gen: 1, Set: true}}, nil)
			row := next("a", a.K, 2)
			row.Timers = []store.TimerOp{{Due: 30, Ptr: 2}, {Due: 30, Ptr: 2, Gen: 2, Set: true}}
			e.commit(store.Item{Instance: row})
			require.Equal(e, []store.Timer{{Due: 30, Key: a, Ptr: 2, Gen: 2}}, e.due())
		}},
	}
}
