package storetest

import (
	"context"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/store"
)

// standby acquires s for host in a goroutine and returns once the standby was
// told of the owner.
func (e *env) standby(ctx context.Context, s store.Store, host string) (owner string, result <-chan acquired) {
	e.Helper()
	told, done := make(chan string, 10), make(chan acquired, 1)
	go func() {
		l, err := s.Acquire(ctx, host, func(owner string) { told <- owner })
		close(told)
		done <- acquired{l, err, len(told)}
	}()
	return <-told, done
}

// acquired is how an Acquire ended; more counts further calls of standby.
type acquired struct {
	lease store.Lease
	err   error
	more  int
}

func leaseTests() []test {
	return []test{
		{"the first Acquire takes the store at once, and no standby is told", func(e *env) {
			l, err := e.Store.Acquire(e.Context(), "me", func(string) { e.Error("told of an owner") })
			require.NoError(e, err)
			require.Equal(e, "me", l.Host)
			require.Positive(e, l.Epoch)
			require.False(e, l.Crashed)
		}},
		{"a standby is told once who the owner is, and gets the store when it is released", func(e *env) {
			e.own()
			other := e.Open()
			owner, result := e.standby(e.Context(), other, "second")
			require.Equal(e, "first", owner)
			e.start("a")
			require.NoError(e, e.Store.Release(e.Context(), e.lease))
			got := <-result
			require.NoError(e, got.err)
			require.Zero(e, got.more)
			require.Equal(e, "second", got.lease.Host)
			require.NotEmpty(e, e.lease.Store)
			require.Equal(e, e.lease.Store, got.lease.Store, "it is the same store")
			require.False(e, got.lease.Crashed, "it was given back")
			require.Greater(e, got.lease.Epoch, e.lease.Epoch)
			_, err := other.Commit(e.Context(), got.lease, store.Batch{Items: []store.Item{{Instance: next("a", 0, 2)}}})
			require.NoError(e, err)
			require.EqualValues(e, 2, e.load("a").Rev)
		}},
		{"a standby gets the store when the owner dies, with all that was committed", func(e *env) {
			e.own().start("a")
			other := e.Open()
			_, result := e.standby(e.Context(), other, "second")
			e.Crash(e.Store)
			got := <-result
			require.NoError(e, got.err)
			require.True(e, got.lease.Crashed)
			_, err := other.Load(e.Context(), "a")
			require.NoError(e, err)
		}},
		{"a standby of the same process waits too", func(e *env) {
			e.own()
			owner, result := e.standby(e.Context(), e.Store, "second")
			require.Equal(e, "first", owner)
			e.start("a")
			require.NoError(e, e.Store.Release(e.Context(), e.lease))
			require.NoError(e, (<-result).err)
		}},
		{"Acquire ends with the context's error", func(e *env) {
			e.own()
			ctx, cancel := context.WithCancel(e.Context())
			_, result := e.standby(ctx, e.Open(), "second")
			cancel()
			require.ErrorIs(e, (<-result).err, context.Canceled)
			e.start("a")
			_, err := e.Open().Acquire(ctx, "third", nil)
			require.ErrorIs(e, err, context.Canceled)
		}},
		{"each Acquire raises the epoch", func(e *env) {
			last := int64(0)
			for range 4 {
				e.own()
				require.Greater(e, e.lease.Epoch, last)
				last = e.lease.Epoch
				require.NoError(e, e.Store.Release(e.Context(), e.lease))
			}
		}},
		{"a lease that was lost writes nothing, not even an empty batch: ErrFenced", func(e *env) {
			e.own().start("a")
			old := e.lease
			require.NoError(e, e.Store.Release(e.Context(), old))
			e.own()
			for _, b := range []store.Batch{{}, {Items: []store.Item{{Instance: fresh("b")}}}} {
				_, err := e.Store.Commit(e.Context(), old, b)
				require.ErrorIs(e, err, store.ErrFenced)
				_, err = e.Store.Settle(e.Context(), old, b)
				require.ErrorIs(e, err, store.ErrFenced)
			}
			require.ErrorIs(e, e.Store.Release(e.Context(), old), store.ErrFenced)
			e.missing("b")
			e.start("b")
		}},
		{"a lease that was released is lost, also when nobody has the store", func(e *env) {
			e.own()
			require.NoError(e, e.Store.Release(e.Context(), e.lease))
			_, err := e.Store.Commit(e.Context(), e.lease, store.Batch{Items: []store.Item{{Instance: fresh("a")}}})
			require.ErrorIs(e, err, store.ErrFenced)
			e.missing("a")
		}},
		{"a lease that was never given is no lease", func(e *env) {
			b := store.Batch{Items: []store.Item{{Instance: fresh("a")}}}
			_, err := e.Store.Commit(e.Context(), store.Lease{}, b)
			require.ErrorIs(e, err, store.ErrFenced)
			e.own()
			_, err = e.Store.Commit(e.Context(), store.Lease{Host: "first", Epoch: e.lease.Epoch + 1}, b)
			require.ErrorIs(e, err, store.ErrFenced)
			_, err = e.Store.Commit(e.Context(), store.Lease{}, b)
			require.ErrorIs(e, err, store.ErrFenced)
			e.missing("a")
			e.start("b")
		}},
		{"a lease belongs to an ownership, not to a name", func(e *env) {
			e.own()
			old := e.lease
			require.NoError(e, e.Store.Release(e.Context(), old))
			e.own()
			require.Equal(e, old.Host, e.lease.Host)
			_, err := e.Store.Commit(e.Context(), old, store.Batch{})
			require.ErrorIs(e, err, store.ErrFenced)
			e.commit()
		}},
	}
}
