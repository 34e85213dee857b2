package filelock

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestALockIsOfOneDescriptorAndEndsWithIt(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "lock")
	open := func() *os.File {
		f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
		require.NoError(t, err)
		t.Cleanup(func() { _ = f.Close() })
		return f
	}
	one, two := open(), open()
	require.NoError(t, Lock(one))
	free, err := TryLock(two)
	require.NoError(t, err)
	require.False(t, free)

	locked := make(chan error, 1)
	go func() { locked <- Lock(two) }()
	require.NoError(t, one.Close())
	require.NoError(t, <-locked)
}
