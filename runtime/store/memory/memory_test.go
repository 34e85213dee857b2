package memory_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/store"
	"github.com/wfegen/wfe/runtime/store/memory"
)

func start(id string) store.Batch {
	return store.Batch{Items: []store.Item{{Instance: &store.Row{ID: id, Rev: 1, Status: instance.Runnable, Ready: true}}}}
}

func TestACrashIsBeforeOrAfterACommitAndFencesTheOwner(t *testing.T) {
	t.Parallel()
	for fault, written := range map[memory.Fault]bool{memory.CrashBefore: false, memory.CrashAfter: true} {
		s := memory.New()
		first, err := s.Acquire(t.Context(), "a", nil)
		require.NoError(t, err)
		s.Inject(func(n int, _ store.Batch) memory.Fault {
			if n == 2 {
				return fault
			}
			return memory.None
		})
		_, err = s.Commit(t.Context(), first, start("one"))
		require.NoError(t, err)
		_, err = s.Commit(t.Context(), first, store.Batch{}) // not counted
		require.NoError(t, err)
		_, err = s.Commit(t.Context(), first, start("two"))
		require.ErrorIs(t, err, store.ErrFenced)
		_, err = s.Commit(t.Context(), first, start("three"))
		require.ErrorIs(t, err, store.ErrFenced)

		second, err := s.Acquire(t.Context(), "b", nil)
		require.NoError(t, err)
		require.Greater(t, second.Epoch, first.Epoch)
		_, err = s.Load(t.Context(), "two")
		if written {
			require.NoError(t, err)
		} else {
			require.ErrorIs(t, err, store.ErrNotFound)
		}
		_, err = s.Load(t.Context(), "three")
		require.ErrorIs(t, err, store.ErrNotFound)
		require.Equal(t, 2, s.Commits())
	}
}

func TestARefusedCommitWritesNothingAndNeedsNoSettling(t *testing.T) {
	t.Parallel()
	s := memory.New()
	l, err := s.Acquire(t.Context(), "a", nil)
	require.NoError(t, err)
	s.Inject(func(int, store.Batch) memory.Fault { return memory.Refused })
	_, err = s.Commit(t.Context(), l, start("one"))
	require.ErrorIs(t, err, memory.ErrRefused)
	s.Inject(nil)
	_, err = s.Settle(t.Context(), l, start("one"))
	require.Error(t, err)
	_, err = s.Load(t.Context(), "one")
	require.ErrorIs(t, err, store.ErrNotFound)
	_, err = s.Commit(t.Context(), l, start("one"))
	require.NoError(t, err)
}
