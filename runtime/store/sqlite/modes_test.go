//go:build unix

package sqlite

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/store"
)

// Not parallel: the umask is the whole process's.
func TestFilesAreForTheirOwnersEyesOnlyWhateverTheUmask(t *testing.T) {
	for _, mask := range []int{0, 0o777} {
		dir := t.TempDir()
		old := syscall.Umask(mask)
		s, err := Open(t.Context(), filepath.Join(dir, "wfe.db"), quick())
		if err == nil {
			var l store.Lease
			if l, err = s.Acquire(t.Context(), "x", nil); err == nil {
				_, err = s.Commit(t.Context(), l, store.Batch{})
			}
		}
		syscall.Umask(old)
		require.NoError(t, err)
		names, err := os.ReadDir(dir)
		require.NoError(t, err)
		require.Len(t, names, 4) // the database, -wal, -shm, .owner
		for _, n := range names {
			st, err := n.Info()
			require.NoError(t, err)
			require.Equal(t, os.FileMode(0o600), st.Mode(), n.Name())
		}
		require.NoError(t, s.Close())
	}
}
