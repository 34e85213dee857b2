package storetest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/store"
)

// Harness is one empty database and what a test may do to it. Whatever it opens
// it closes at the end of the test.
type Harness struct {
	// Store is the database as the first process sees it.
	Store store.Store
	// Open returns the same database as another process sees it.
	Open func() store.Store
	// Crash ends the process that sees the database through s, which must not
	// be used again: nothing is released, nothing flushed.
	Crash func(s store.Store)
	// Unknown makes the next batch with items that s commits or settles end in
	// store.ErrUnknown, with the batch durable or not. It is nil for a store
	// that cannot be made to; the tests that need it are skipped.
	Unknown func(s store.Store, durable bool)
}

// Run runs the suite. open is called once for each test, with the test it is for.
func Run(t *testing.T, open func(t *testing.T) Harness) {
	t.Helper()
	areas := []struct {
		name  string
		tests []test
	}{
		{"batch", batchTests()},
		{"start", startTests()},
		{"transition", transitionTests()},
		{"definition", definitionTests()},
		{"cells", cellTests()},
		{"timers", timerTests()},
		{"waits", waitTests()},
		{"events", eventTests()},
		{"signals", signalTests()},
		{"keeping", keepingTests()},
		{"query", queryTests()},
		{"texts", textTests()},
		{"inbox", inboxTests()},
		{"lease", leaseTests()},
		{"unknown", unknownTests()},
		{"paging", pagingTests()},
		{"concurrent", concurrentTests()},
	}
	for _, area := range areas {
		t.Run(area.name, func(t *testing.T) {
			t.Parallel()
			for _, c := range area.tests {
				t.Run(c.name, func(t *testing.T) {
					t.Parallel()
					c.run(&env{T: t, Harness: open(t)})
				})
			}
		})
	}
}

// test is one test; its name is the sentence it proves.
type test struct {
	name string
	run  func(e *env)
}

// env is what a test works with.
type env struct {
	*testing.T
	Harness
	lease store.Lease
}

// own takes the ownership for the first process.
func (e *env) own() *env {
	e.Helper()
	l, err := e.Store.Acquire(e.Context(), "first", nil)
	require.NoError(e, err)
	e.lease = l
	return e
}

// commit commits items in one batch and expects no error.
func (e *env) commit(items ...store.Item) []store.Outcome {
	e.Helper()
	out, err := e.Store.Commit(e.Context(), e.lease, store.Batch{Items: items})
	require.NoError(e, err)
	require.Len(e, out, len(items))
	return out
}

// start commits a new instance and returns its row number.
func (e *env) start(id string) int64 {
	e.Helper()
	out := e.commit(store.Item{Instance: fresh(id)})
	require.Equal(e, store.Written, out[0].Code)
	require.Positive(e, out[0].K)
	return out[0].K
}

// load loads an instance that must be there.
func (e *env) load(id string) *store.Row {
	e.Helper()
	row, err := e.Store.Load(e.Context(), id)
	require.NoError(e, err)
	return row
}

// missing expects that there is no such instance.
func (e *env) missing(id string) {
	e.Helper()
	_, err := e.Store.Load(e.Context(), id)
	require.ErrorIs(e, err, store.ErrNotFound)
}

// event commits an event and returns its sequence number.
func (e *env) event(name, key, dedup string) instance.Seq {
	e.Helper()
	out := e.commit(store.Item{Event: &store.Event{Name: name, Key: key, Dedup: dedup, Published: 5, Payload: []byte("p")}})
	return out[0].Seq
}

// fresh is the first revision of an instance.
func fresh(id string) *store.Row {
	return &store.Row{
		ID: id, Definition: "d1", Status: instance.Runnable, Rev: 1, Ready: true,
		Created: 1000, StartHash: []byte("hash of " + id), Head: []byte("head of " + id),
	}
}

// next is revision rev of an instance.
func next(id string, k int64, rev uint64) *store.Row {
	return &store.Row{K: k, ID: id, Status: instance.Runnable, Rev: rev, Ready: true, Head: []byte("head")}
}
