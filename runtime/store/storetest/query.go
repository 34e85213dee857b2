package storetest

import (
	"fmt"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/store"
)

// query lists the ids of what q asks for.
func (e *env) query(q store.Query) []string {
	e.Helper()
	if q.Limit == 0 {
		q.Limit = 100
	}
	list, err := e.Store.Query(e.Context(), q)
	require.NoError(e, err)
	ids := []string{}
	for _, v := range list {
		ids = append(ids, v.ID)
	}
	return ids
}

// three commits the definitions d version 1 and 2, and e version 1.
func (e *env) three() *env {
	e.Helper()
	for hash, d := range map[string]store.Definition{"d1": {Name: "d", Version: 1}, "d2": {Name: "d", Version: 2}, "e1": {Name: "e", Version: 1}} {
		d.Hash = hash
		e.commit(store.Item{Definition: &d})
	}
	return e
}

func queryTests() []test {
	return []test{
		{"a query has all that it asks for, and its answers say what they are", func(e *env) {
			e.own().three()
			for i, def := range []string{"d1", "d2", "e1", "d1"} {
				row := fresh(fmt.Sprint(i))
				row.Definition, row.Created, row.Reference = def, instance.Instant(10+i), []string{"", "r"}[i%2]
				if i > 1 {
					row.Status, row.Reason, row.Ended, row.Ready = instance.Terminated, instance.ReasonFailed, instance.Instant(20+i), false
				}
				e.commit(store.Item{Instance: row})
			}
			for _, c := range []struct {
				q    store.Query
				want []string
			}{
				{store.Query{}, []string{"0", "1", "2", "3"}},
				{store.Query{Descending: true}, []string{"3", "2", "1", "0"}},
				{store.Query{Limit: 2}, []string{"0", "1"}},
				{store.Query{Status: instance.Runnable}, []string{"0", "1"}},
				{store.Query{Status: instance.Terminated}, []string{"2", "3"}},
				{store.Query{Status: instance.Complete}, []string{}},
				{store.Query{Workflow: "d"}, []string{"0", "1", "3"}},
				{store.Query{Workflow: "d", Version: 1}, []string{"0", "3"}},
				{store.Query{Workflow: "none"}, []string{}},
				{store.Query{Reference: "r"}, []string{"1", "3"}},
				{store.Query{Reference: "r", Status: instance.Runnable}, []string{"1"}},
				{store.Query{CreatedFrom: 11, CreatedTo: 13}, []string{"1", "2"}},
				{store.Query{EndedFrom: 1}, []string{"2", "3"}},
				{store.Query{EndedTo: 23}, []string{"2"}},
				{store.Query{EndedFrom: 23, Workflow: "e"}, []string{}},
			} {
				require.Equal(e, c.want, e.query(c.q), "%+v", c.q)
			}
			list, err := e.Open().Query(e.Context(), store.Query{CreatedFrom: 13, Limit: 9})
			require.NoError(e, err)
			require.Equal(e, []store.Summary{{Place: store.Place{Created: 13, K: 4}, ID: "3", Definition: "d1", Workflow: "d", Version: 1, Reference: "r",
				Status: instance.Terminated, Reason: instance.ReasonFailed, Ended: 23}}, list)
		}},
		{"going on after a place neither skips nor repeats, whatever was started meanwhile", func(e *env) {
			e.own().three()
			start := func(id string, created instance.Instant) {
				row := fresh(id)
				row.Created = created
				e.commit(store.Item{Instance: row})
			}
			for i := range 6 {
				start(fmt.Sprint(i), instance.Instant(10+i/2)) // two of a time
			}
			for _, descending := range []bool{false, true} {
				q := store.Query{Descending: descending, Limit: 1}
				seen := map[string]int{}
				for n := 0; ; n++ {
					list, err := e.Store.Query(e.Context(), q)
					require.NoError(e, err)
					if len(list) == 0 {
						break
					}
					seen[list[0].ID]++
					q.After = &list[0].Place
					if n < 4 {
						start(fmt.Sprint("new", descending, n), instance.Instant(5))
						start(fmt.Sprint("last", descending, n), instance.Instant(50+n))
					}
				}
				for i := range 6 {
					require.Equal(e, 1, seen[fmt.Sprint(i)])
				}
			}
		}},
		{"a reference that is to be unique is refused while a live instance of the workflow has it", func(e *env) {
			e.own().three()
			start := func(id, def string, unique bool) store.Outcome {
				row := fresh(id)
				row.Definition, row.Reference, row.Unique = def, "r", unique
				return e.commit(store.Item{Instance: row})[0]
			}
			first := start("first", "d1", false)
			require.Equal(e, store.Outcome{Code: store.Conflict, K: first.K}, start("second", "d2", true), "of another version")
			e.missing("second")
			require.Equal(e, store.Exists, start("first", "d1", true).Code, "the id counts more")
			require.Equal(e, store.Written, start("other", "e1", true).Code, "of another workflow")
			require.Equal(e, store.Written, start("third", "d1", false).Code)
			e.commit(store.Item{Instance: ended("first", 2, 5)}, store.Item{Instance: ended("third", 2, 5)})
			require.Equal(e, store.Written, start("second", "d2", true).Code)
			require.Equal(e, store.Conflict, start("fourth", "d1", false).Code, "the one there is Unique")
			row := e.load("second")
			require.Equal(e, "r", row.Reference)
			require.True(e, row.Unique)
		}},
	}
}
