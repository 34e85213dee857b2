//go:build unix

package sqlite

import (
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/store"
)

func TestAnOwnerThatIsStoppedIsTakenOverAndFencedWhenItGoesOn(t *testing.T) {
	t.Parallel()
	db := filepath.Join(t.TempDir(), "wfe.db")
	for {
		p := spawn(t, "commit", db)
		for range 10 {
			_, ok := p.next("ack")
			require.True(t, ok)
		}
		require.NoError(t, p.Process.Signal(syscall.SIGSTOP))
		s := openAt(t, db, quick())
		if !s.free(t) { // it was stopped inside a transaction: nobody could write
			require.NoError(t, p.Process.Kill())
			require.Error(t, p.Wait())
			continue
		}
		told := ""
		l, err := s.Acquire(t.Context(), "second", func(owner string) { told = owner })
		require.NoError(t, err)
		require.Equal(t, "child", told)
		before, err := s.Ready(t.Context(), 0, 1_000_000)
		require.NoError(t, err)
		require.NoError(t, p.Process.Signal(syscall.SIGCONT))
		end, ok := p.next("end")
		require.True(t, ok)
		require.Equal(t, store.ErrFenced.Error(), end)
		require.NoError(t, p.Wait())
		after, err := s.Ready(t.Context(), 0, 1_000_000)
		require.NoError(t, err)
		require.Equal(t, before, after)
		_, err = s.Commit(t.Context(), l, store.Batch{Items: []store.Item{{Instance: row("z", 1)}}})
		require.NoError(t, err)
		return
	}
}

// free reports whether nobody is in the middle of a transaction.
func (s *Store) free(t *testing.T) bool {
	c, err := open(s.path, s.cfg.outside())
	require.NoError(t, err)
	_, err = c.Exec("BEGIN IMMEDIATE", nil)
	require.NoError(t, c.Close())
	return err == nil
}
