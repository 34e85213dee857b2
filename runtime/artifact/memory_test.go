package artifact_test

import (
	"crypto/sha256"
	"hash"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/artifact"
)

// heap is how much memory a copy may have, of any size.
const heap = 64 << 20

// watched is a reader that hashes what is read, and knows how much memory was in
// use at the most.
type watched struct {
	r    io.Reader
	hash hash.Hash
	read int64
	seen int64
	peak uint64
}

func watch(r io.Reader) *watched { return &watched{r: r, hash: sha256.New()} }

func (w *watched) Read(b []byte) (int, error) {
	n, err := w.r.Read(b)
	w.hash.Write(b[:n])
	if w.read += int64(n); w.read-w.seen > 8<<20 {
		w.seen = w.read
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		w.peak = max(w.peak, m.HeapAlloc)
	}
	return n, err
}

// noise has bytes that cannot be compressed.
func noise(n int64) io.Reader { return io.LimitReader(rand.NewChaCha8([32]byte{1}), n) }

// TestMemory_OfACopyDoesNotDependOnItsSize copies a file of 2 GiB in make torture.
// It is not parallel: memory is that of the process.
func TestMemory_OfACopyDoesNotDependOnItsSize(t *testing.T) {
	size := int64(96 << 20)
	if s := os.Getenv("WFE_ARTIFACT_BYTES"); s != "" {
		var err error
		size, err = strconv.ParseInt(s, 10, 64)
		require.NoError(t, err)
	}
	runtime.GC()
	l, _ := layout(t, artifact.Config{})
	in := watch(noise(size))
	a, err := l.Put(t.Context(), wfe.Artifact{Name: "large"}, in)
	require.NoError(t, err)
	require.Equal(t, size, a.Size)
	r, err := l.Open(t.Context(), a)
	require.NoError(t, err)
	out := watch(r)
	n, err := io.Copy(io.Discard, struct{ io.Reader }{out})
	require.NoError(t, err)
	require.NoError(t, r.Close())
	require.Equal(t, size, n)
	require.Equal(t, in.hash.Sum(nil), out.hash.Sum(nil))

	dir := t.TempDir()
	f, err := os.Create(filepath.Join(dir, "large"))
	require.NoError(t, err)
	_, err = io.Copy(f, noise(size))
	require.NoError(t, err)
	require.NoError(t, f.Close())
	packed, mediaType, err := l.Pack(t.Context(), dir)
	require.NoError(t, err)
	pack := watch(packed)
	a, err = l.Put(t.Context(), wfe.Artifact{MediaType: mediaType}, pack)
	require.NoError(t, err)
	require.NoError(t, packed.Close())
	r, err = l.Open(t.Context(), a)
	require.NoError(t, err)
	unpack := watch(r)
	mount := filepath.Join(t.TempDir(), "mount")
	require.NoError(t, l.Unpack(t.Context(), a, unpack, mount))
	require.NoError(t, r.Close())
	st, err := os.Stat(filepath.Join(mount, "large"))
	require.NoError(t, err)
	require.Equal(t, size, st.Size())

	for name, w := range map[string]*watched{"put": in, "open": out, "pack": pack, "unpack": unpack} {
		require.NotZero(t, w.peak, name)
		require.Less(t, w.peak, uint64(heap), name)
		t.Logf("%s: %d MiB read, %d KiB of heap at most", name, w.read>>20, w.peak>>10)
	}
}
