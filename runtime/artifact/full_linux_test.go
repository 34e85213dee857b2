package artifact_test

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/artifact"
)

// TestLayout_OnAFullDiskStaysValidAndASweepMakesRoom needs the right to mount a
// small disk.
func TestLayout_OnAFullDiskStaysValidAndASweepMakesRoom(t *testing.T) {
	t.Parallel()
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=4m"); err != nil {
		t.Skipf("no disk to fill: %v", err)
	}
	t.Cleanup(func() { require.NoError(t, syscall.Unmount(disk, syscall.MNT_DETACH)) })
	dir := filepath.Join(disk, "artifacts")
	l, err := artifact.OpenLayout(dir, artifact.Config{})
	require.NoError(t, err)
	defer l.Close()
	var acked []wfe.Artifact
	full := 0
	for i := range 120 {
		size := rand.Int64N(200 << 10)
		if full > 20 {
			size = rand.Int64N(2000) // so that the index meets the end, too
		}
		a, err := l.Put(t.Context(), wfe.Artifact{}, io.MultiReader(strings.NewReader(fmt.Sprint(i, " ")), noise(size)))
		if errors.Is(err, syscall.ENOSPC) {
			full++
			continue
		}
		require.NoError(t, err)
		acked = append(acked, a)
	}
	require.Greater(t, full, 20)
	require.GreaterOrEqual(t, len(valid(t, dir)), len(acked))
	for _, a := range acked {
		r, err := l.Open(t.Context(), a)
		require.NoError(t, err)
		require.NoError(t, r.Close())
	}
	require.Empty(t, files(t, filepath.Join(dir, "ingest")))
	age(t, dir)
	s, err := l.Sweep(t.Context(), func(d string) bool { return d == acked[0].Digest })
	require.NoError(t, err)
	require.Equal(t, 1, s.Kept)
	require.Greater(t, s.Bytes, int64(3<<20))
	require.Len(t, valid(t, dir), 1)
	put(t, l, "a", strings.Repeat("x", 3<<20))
}
