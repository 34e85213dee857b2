package storetest

import (
	"fmt"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/store"
)

func startTests() []test {
	return []test{
		{"an instance is read back as it was written", func(e *env) {
			e.own()
			row := fresh("a")
			row.Reason = instance.ReasonFailed
			row.Status = instance.Terminated
			row.Ready = false
			row.Ended = 2000
			row.Parent = "parent"
			k := e.commit(store.Item{Instance: row})[0].K
			want := *row
			want.K = k
			require.Equal(e, &want, e.load("a"))
		}},
		{"bytes of any value and none at all are kept", func(e *env) {
			e.own()
			all := make([]byte, 256)
			for i := range all {
				all[i] = byte(i)
			}
			a, b := fresh("a"), fresh("b")
			a.Head, a.StartHash = all, all
			b.Head, b.StartHash = nil, nil
			e.commit(store.Item{Instance: a}, store.Item{Instance: b})
			require.Equal(e, all, e.load("a").Head)
			require.Equal(e, all, e.load("a").StartHash)
			require.Empty(e, e.load("b").Head)
			require.Empty(e, e.load("b").StartHash)
		}},
		{"ids are compared byte by byte", func(e *env) {
			e.own()
			ids := []string{"a", "A", "a ", "ä", "a%", "'; DROP TABLE instance; --", `"`, "a\n", "42", "042", "4.2e1", "0x2A"}
			for _, id := range ids {
				e.start(id)
			}
			for i, id := range ids {
				row := e.load(id)
				require.Equal(e, id, row.ID)
				require.EqualValues(e, i+1, row.K)
			}
			e.missing("á")
			e.missing("")
		}},
		{"row numbers ascend in order of start", func(e *env) {
			e.own()
			last := int64(0)
			for i := range 5 {
				out := e.commit(store.Item{Instance: fresh(fmt.Sprint("z", 9-i))}, store.Item{Instance: fresh(fmt.Sprint("a", i))})
				for _, o := range out {
					require.Greater(e, o.K, last)
					last = o.K
				}
			}
		}},
		{"a second insert of an id Exists, with the row number of the first, and changes nothing", func(e *env) {
			e.own()
			k := e.start("a")
			again := fresh("a")
			again.Head = []byte("other")
			out := e.commit(store.Item{Instance: again})
			require.Equal(e, store.Outcome{Code: store.Exists, K: k}, out[0])
			require.Equal(e, "head of a", string(e.load("a").Head))
			e.commit(store.Item{Instance: next("a", k, 2)})
			require.Equal(e, store.Exists, e.commit(store.Item{Instance: again})[0].Code)
			require.EqualValues(e, 2, e.load("a").Rev)
		}},
		{"Born is the number of the newest event when it was inserted", func(e *env) {
			e.own()
			out := e.commit(store.Item{Instance: fresh("a")})
			require.Zero(e, out[0].Born)
			require.Zero(e, e.load("a").Born)
			seq := e.event("n", "k", "")
			out = e.commit(
				store.Item{Instance: fresh("b")},
				store.Item{Event: &store.Event{Name: "n", Key: "k"}},
				store.Item{Instance: fresh("c")},
			)
			require.Equal(e, seq, out[0].Born)
			require.Equal(e, out[1].Seq, out[2].Born)
			require.Equal(e, out[2].Born, e.load("c").Born)
			seqs, err := e.Open().Publish(e.Context(), []store.Event{{Name: "x", Key: "y"}})
			require.NoError(e, err)
			require.Equal(e, seqs[0], e.commit(store.Item{Instance: fresh("d")})[0].Born)
		}},
		{"Born counts an event that is released beside one that is refused", func(e *env) {
			e.own()
			e.commit(store.Item{Event: &store.Event{Name: "n", Key: "k", Due: 5}})
			out := e.commit(
				store.Item{Instance: fresh("a")},
				store.Item{Event: &store.Event{Name: "n", Key: "nobody", Signal: true}, Release: e.later()[0].N},
				store.Item{Instance: fresh("b")},
			)
			require.Equal(e, store.NoTarget, out[1].Code)
			require.NotZero(e, out[1].Seq)
			require.Equal(e, out[1].Seq, out[2].Born)
		}},
		{"what an instance's caller put into Born and K does not count", func(e *env) {
			e.own()
			row := fresh("a")
			row.Born, row.K = 77, 99
			out := e.commit(store.Item{Instance: row})
			require.Zero(e, out[0].Born)
			got := e.load("a")
			require.Zero(e, got.Born)
			require.Equal(e, out[0].K, got.K)
		}},
		{"an instance that is not there is ErrNotFound", func(e *env) {
			e.own()
			e.missing("a")
		}},
		{"Ready lists what was Ready at its last write", func(e *env) {
			e.own()
			a, b := e.start("a"), e.start("b")
			idle := fresh("c")
			idle.Ready = false
			c := e.commit(store.Item{Instance: idle})[0].K
			require.Equal(e, []store.Key{{K: a, ID: "a"}, {K: b, ID: "b"}}, e.ready())
			rest := next("a", a, 2)
			rest.Ready = false
			e.commit(store.Item{Instance: rest}, store.Item{Instance: next("b", b, 2)}, store.Item{Instance: next("c", c, 2)})
			require.Equal(e, []store.Key{{K: b, ID: "b"}, {K: c, ID: "c"}}, e.ready())
			e.commit(store.Item{Instance: next("a", a, 3)})
			require.Equal(e, []store.Key{{K: a, ID: "a"}, {K: b, ID: "b"}, {K: c, ID: "c"}}, e.ready())
		}},
	}
}

func (e *env) ready() []store.Key {
	e.Helper()
	keys, err := e.Store.Ready(e.Context(), 0, 100)
	require.NoError(e, err)
	return keys
}
