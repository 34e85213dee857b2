package storetest

import (
	"bytes"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/store"
)

func transitionTests() []test {
	return []test{
		{"a higher revision replaces the one before it", func(e *env) {
			e.own()
			k := e.start("a")
			row := next("a", k, 2)
			row.Status, row.Reason, row.Ready, row.Ended, row.Head = instance.Terminated, instance.ReasonFailed, false, 50, []byte("new")
			require.Equal(e, store.Outcome{K: k}, e.commit(store.Item{Instance: row})[0])
			got := e.load("a")
			require.Equal(e, instance.Terminated, got.Status)
			require.Equal(e, instance.ReasonFailed, got.Reason)
			require.False(e, got.Ready)
			require.EqualValues(e, 50, got.Ended)
			require.EqualValues(e, 2, got.Rev)
			require.Equal(e, "new", string(got.Head))
		}},
		{"ID, Definition, Born, Created, StartHash and Parent stay", func(e *env) {
			e.own()
			e.event("n", "k", "")
			k := e.start("a")
			before := e.load("a")
			row := next("a", k, 2)
			row.Definition, row.Born, row.Created, row.StartHash, row.Parent = "d2", 99, 99, []byte("other"), "other"
			e.commit(store.Item{Instance: row})
			got := e.load("a")
			require.Equal(e, before.Definition, got.Definition)
			require.Equal(e, before.Born, got.Born)
			require.Equal(e, before.Created, got.Created)
			require.Equal(e, before.StartHash, got.StartHash)
			require.Equal(e, before.Parent, got.Parent)
		}},
		{"a revision that does not follow the stored one is Stale and changes nothing", func(e *env) {
			e.own()
			k := e.start("a")
			e.commit(store.Item{Instance: next("a", k, 2)})
			for _, rev := range []uint64{2, 4, 9} {
				row := next("a", k, rev)
				row.Head = []byte("stale")
				require.Equal(e, store.Stale, e.commit(store.Item{Instance: row})[0].Code)
			}
			require.EqualValues(e, 2, e.load("a").Rev)
			require.Equal(e, "head", string(e.load("a").Head))
		}},
		{"a revision of an instance that is not there is Stale", func(e *env) {
			e.own()
			require.Equal(e, store.Stale, e.commit(store.Item{Instance: next("a", 0, 2)})[0].Code)
			require.Equal(e, store.Stale, e.commit(store.Item{Instance: next("a", 1, 2)})[0].Code)
			e.missing("a")
		}},
		{"an instance is found by its ID when the row number is not known", func(e *env) {
			e.own()
			e.start("a")
			k := e.start("b")
			out := e.commit(store.Item{Instance: next("b", 0, 2)})
			require.Equal(e, store.Outcome{K: k}, out[0])
			require.EqualValues(e, 1, e.load("a").Rev)
			require.EqualValues(e, 2, e.load("b").Rev)
		}},
		{"a Ready that changes is written like the rest", func(e *env) {
			e.own()
			k := e.start("a")
			for rev := uint64(2); rev < 10; rev++ {
				row := next("a", k, rev)
				row.Ready = rev%3 == 0
				row.Head = bytes.Repeat([]byte{byte(rev)}, int(rev))
				require.Equal(e, store.Written, e.commit(store.Item{Instance: row})[0].Code)
				got := e.load("a")
				require.Equal(e, row.Ready, got.Ready)
				require.Equal(e, rev, got.Rev)
				require.Equal(e, row.Head, got.Head)
			}
		}},
		{"a head may grow and shrink", func(e *env) {
			e.own()
			k := e.start("a")
			rev := uint64(1)
			for _, n := range []int{10, 1 << 20, 0, 4096, 100_000, 1} {
				rev++
				row := next("a", k, rev)
				row.Head = bytes.Repeat([]byte("x"), n)
				e.commit(store.Item{Instance: row})
				require.Len(e, e.load("a").Head, n)
			}
		}},
	}
}
