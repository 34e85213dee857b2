package artifact_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/content/oci"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/artifact"
)

// layout opens a layout in a new directory.
func layout(t *testing.T, c artifact.Config) (*artifact.Layout, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "artifacts")
	return reopen(t, dir, c), dir
}

func reopen(t *testing.T, dir string, c artifact.Config) *artifact.Layout {
	t.Helper()
	l, err := artifact.OpenLayout(dir, c)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, l.Close()) })
	return l
}

func put(t *testing.T, s wfe.ArtifactStore, name, text string) wfe.Artifact {
	t.Helper()
	a, err := s.Put(t.Context(), wfe.Artifact{Name: name, MediaType: "text/plain"}, strings.NewReader(text))
	require.NoError(t, err)
	return a
}

func get(t *testing.T, s wfe.ArtifactStore, a wfe.Artifact) string {
	t.Helper()
	r, err := s.Open(t.Context(), a)
	require.NoError(t, err)
	text, err := io.ReadAll(r)
	require.NoError(t, err)
	require.NoError(t, r.Close())
	return string(text)
}

func blobOf(dir string, a wfe.Artifact) string {
	return filepath.Join(dir, "blobs", "sha256", strings.TrimPrefix(a.Digest, "sha256:"))
}

// valid reads a layout as another tool does, and compares each blob with its name.
func valid(t testing.TB, dir string) (tags []string) {
	t.Helper()
	ctx := context.Background()
	s, err := oci.NewFromFS(ctx, os.DirFS(dir))
	require.NoError(t, err)
	require.NoError(t, s.Tags(ctx, "", func(some []string) error {
		tags = append(tags, some...)
		return nil
	}))
	for _, tag := range tags {
		d, err := s.Resolve(ctx, tag)
		require.NoError(t, err)
		text, err := content.FetchAll(ctx, s, d)
		require.NoError(t, err)
		var m ocispec.Manifest
		require.NoError(t, json.Unmarshal(text, &m))
		require.Equal(t, artifact.Type, m.ArtifactType)
		require.Len(t, m.Layers, 1)
		for _, part := range append(m.Layers, m.Config) {
			there, err := s.Exists(ctx, part)
			require.NoError(t, err)
			require.True(t, there, "%s of %s", part.Digest, tag)
		}
		require.Equal(t, tag, strings.Replace(m.Layers[0].Digest.String(), ":", "-", 1))
	}
	entries, err := os.ReadDir(filepath.Join(dir, "blobs", "sha256"))
	require.NoError(t, err)
	for _, e := range entries {
		f, err := os.Open(filepath.Join(dir, "blobs", "sha256", e.Name()))
		require.NoError(t, err)
		h := sha256.New()
		_, err = io.Copy(h, f)
		require.NoError(t, err)
		require.NoError(t, f.Close())
		require.Equal(t, e.Name(), hex.EncodeToString(h.Sum(nil)), "a blob that is not what its name says")
	}
	return tags
}

func TestLayout_KeepsBytesUnderTheirDigestAndOtherToolsReadIt(t *testing.T) {
	t.Parallel()
	l, dir := layout(t, artifact.Config{})
	a := put(t, l, "greeting.txt", "hello")
	require.Equal(t, wfe.Artifact{Digest: "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
		Size: 5, MediaType: "text/plain", Name: "greeting.txt"}, a)
	require.Equal(t, "hello", get(t, l, a))
	empty := put(t, l, "", "")
	require.Empty(t, get(t, l, empty))
	require.Len(t, valid(t, dir), 2)

	require.Equal(t, "hello", get(t, reopen(t, dir, artifact.Config{}), a))
	s, err := oci.NewFromFS(t.Context(), os.DirFS(dir))
	require.NoError(t, err)
	d, err := s.Resolve(t.Context(), strings.Replace(a.Digest, ":", "-", 1))
	require.NoError(t, err)
	parts, err := content.Successors(t.Context(), s, d)
	require.NoError(t, err)
	require.Equal(t, "greeting.txt", parts[1].Annotations[ocispec.AnnotationTitle])
	text, err := content.FetchAll(t.Context(), s, parts[1])
	require.NoError(t, err)
	require.Equal(t, "hello", string(text))
}

func TestLayout_KeepsEqualBytesOnce(t *testing.T) {
	t.Parallel()
	l, dir := layout(t, artifact.Config{})
	a, b := put(t, l, "a", "same"), put(t, l, "b", "same")
	require.Equal(t, a.Digest, b.Digest)
	require.Len(t, valid(t, dir), 1)
}

func TestLayout_RefusesReferencesThatAreNone(t *testing.T) {
	t.Parallel()
	l, dir := layout(t, artifact.Config{})
	a := put(t, l, "a", "text")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "blobs", "secret"), []byte("text"), 0o600))
	for _, d := range []string{"", "sha256:", "sha256:../secret", "sha256:../../index.json", strings.Repeat("sha256:", 99), strings.ToUpper(a.Digest),
		"sha512:" + strings.Repeat("0", 128), "sha256:" + strings.Repeat("g", 64), a.Digest + "0", a.Digest + "\x00", strings.TrimPrefix(a.Digest, "sha256:")} {
		_, err := l.Open(t.Context(), wfe.Artifact{Digest: d, Size: 4})
		require.ErrorIs(t, err, wfe.ErrArtifactInvalid, "%q", d)
	}
	_, err := l.Open(t.Context(), wfe.Artifact{Digest: a.Digest, Size: -1})
	require.ErrorIs(t, err, wfe.ErrArtifactInvalid)
	_, err = l.Open(t.Context(), wfe.Artifact{Digest: "sha256:" + strings.Repeat("0", 64), Size: 4})
	require.ErrorIs(t, err, wfe.ErrArtifactNotFound)
}

func TestLayout_ADamagedBlobIsAnErrorAndNothingOfItIsUsedUntilItIsWrittenAgain(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]func(text []byte) []byte{
		"a bit":    func(b []byte) []byte { b[len(b)-1] ^= 1; return b },
		"cut":      func(b []byte) []byte { return b[:len(b)-1] },
		"emptied":  func(b []byte) []byte { return nil },
		"appended": func(b []byte) []byte { return append(b, 'x') },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, dir := layout(t, artifact.Config{})
			a := put(t, l, "a", strings.Repeat("text", 1<<18))
			text, err := os.ReadFile(blobOf(dir, a))
			require.NoError(t, err)
			require.NoError(t, os.Remove(blobOf(dir, a)))
			require.NoError(t, os.WriteFile(blobOf(dir, a), damage(text), 0o400))
			_, err = l.Open(t.Context(), a)
			require.ErrorIs(t, err, wfe.ErrArtifactCorrupt)
			put(t, l, "a", strings.Repeat("text", 1<<18))
			require.Len(t, get(t, l, a), 4<<18)
			valid(t, dir)
		})
	}
	l, _ := layout(t, artifact.Config{})
	a := put(t, l, "a", "text")
	a.Size++
	_, err := l.Open(t.Context(), a)
	require.ErrorIs(t, err, wfe.ErrArtifactCorrupt, "a reference of another size")
}

func TestLayout_AWriteThatFailsLeavesNothing(t *testing.T) {
	t.Parallel()
	l, dir := layout(t, artifact.Config{})
	broken := errors.New("broken")
	_, err := l.Put(t.Context(), wfe.Artifact{}, io.MultiReader(strings.NewReader(strings.Repeat("x", 1<<20)), iotest.ErrReader(broken)))
	require.ErrorIs(t, err, broken)
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(broken)
	_, err = l.Put(ctx, wfe.Artifact{}, strings.NewReader("x"))
	require.ErrorIs(t, err, broken)
	require.Empty(t, valid(t, dir))
	require.Empty(t, files(t, filepath.Join(dir, "blobs")))
	require.Empty(t, files(t, filepath.Join(dir, "ingest")))
}

// files are the files below a directory that are not locks.
func files(t *testing.T, dir string) (out []string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !strings.HasPrefix(d.Name(), ".") {
			out = append(out, path)
		}
		return err
	}))
	return out
}

func TestLayout_ManyWritersInSeveralOpensLoseNothing(t *testing.T) {
	t.Parallel()
	one, dir := layout(t, artifact.Config{})
	opens := []*artifact.Layout{one, reopen(t, dir, artifact.Config{}), reopen(t, dir, artifact.Config{})}
	const each = 20
	var all sync.WaitGroup
	for i, l := range opens {
		for j := range each {
			all.Go(func() {
				put(t, l, "same", "all write this")
				put(t, l, "own", fmt.Sprint(i, j))
				put(t, l, "pair", fmt.Sprint("of one place, from all: ", j))
			})
		}
	}
	all.Wait()
	require.Len(t, valid(t, dir), 1+len(opens)*each+each)
}

func TestLayout_FilesAreForTheirOwnerAlone(t *testing.T) {
	t.Parallel()
	l, dir := layout(t, artifact.Config{})
	put(t, l, "a", "text")
	_, err := l.TempDir()
	require.NoError(t, err)
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		require.NoError(t, err)
		st, err := d.Info()
		require.NoError(t, err)
		require.Zero(t, st.Mode()&0o077, "%s has %s", path, st.Mode())
		return nil
	}))
}

func TestLayout_RefusesADirectoryOfSomethingElse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "letter.txt"), nil, 0o600))
	_, err := artifact.OpenLayout(dir, artifact.Config{})
	require.ErrorContains(t, err, `give it a directory of its own`)
	dir = t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "oci-layout"), []byte(`{"imageLayoutVersion":"2.0.0"}`), 0o600))
	_, err = artifact.OpenLayout(dir, artifact.Config{})
	require.ErrorContains(t, err, `version "2.0.0"`)
	dir = t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "oci-layout"), []byte(`{"imageLayoutVersion":"1.0.0"}`), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "index.json"), []byte(`{"schemaVersion":2,"manifests":`), 0o600))
	_, err = artifact.OpenLayout(dir, artifact.Config{})
	require.ErrorContains(t, err, "index.json")
}

func TestLayout_IsOfOneStoreOfInstances(t *testing.T) {
	t.Parallel()
	l, dir := layout(t, artifact.Config{})
	require.NoError(t, l.Claim(t.Context(), "one"))
	require.NoError(t, l.Claim(t.Context(), "one"))
	put(t, l, "a", "text")
	again := reopen(t, dir, artifact.Config{})
	require.NoError(t, again.Claim(t.Context(), "one"))
	require.ErrorContains(t, again.Claim(t.Context(), "two"), "belongs to the store of instances one")
	valid(t, dir)
}

func TestLayout_HasAQuota(t *testing.T) {
	t.Parallel()
	l, dir := layout(t, artifact.Config{Quota: 1 << 20})
	large := strings.Repeat("x", 900<<10)
	put(t, l, "a", large)
	put(t, l, "a", large) // it is kept once
	_, err := l.Put(t.Context(), wfe.Artifact{}, strings.NewReader("y"+large))
	require.ErrorIs(t, err, wfe.ErrArtifactQuota)
	_, err = l.Put(t.Context(), wfe.Artifact{}, io.LimitReader(zeros{}, 1<<40)) // ends when the quota is over
	require.ErrorIs(t, err, wfe.ErrArtifactQuota)
	put(t, reopen(t, dir, artifact.Config{}), "b", strings.Repeat("z", 100<<10)) // as another process does
	_, err = l.Put(t.Context(), wfe.Artifact{}, strings.NewReader(strings.Repeat("y", 100<<10)))
	require.ErrorIs(t, err, wfe.ErrArtifactQuota)
	age(t, dir)
	s, err := l.Sweep(t.Context(), none)
	require.NoError(t, err)
	require.Equal(t, 2, s.Removed)
	put(t, l, "c", "y"+large)
	require.Len(t, valid(t, dir), 1)
	require.Empty(t, files(t, filepath.Join(dir, "ingest")))
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

func none(string) bool { return false }

// age makes all blobs older than what a layout keeps.
func age(t *testing.T, dir string) {
	t.Helper()
	old := time.Now().Add(-48 * time.Hour)
	for _, f := range files(t, filepath.Join(dir, "blobs")) {
		require.NoError(t, os.Chtimes(f, old, old))
	}
}

func TestSweep_RemovesWhatIsOldAndNotReferredTo(t *testing.T) {
	t.Parallel()
	l, dir := layout(t, artifact.Config{})
	kept, gone, again := put(t, l, "a", "referred to"), put(t, l, "b", "not"), put(t, l, "c", "written again")
	orphan := filepath.Join(dir, "blobs", "sha256", hex.EncodeToString(sum("left by a kill")))
	require.NoError(t, os.WriteFile(orphan, []byte("left by a kill"), 0o400))
	age(t, dir)
	put(t, l, "c", "written again")
	fresh := put(t, l, "d", "just written")
	s, err := l.Sweep(t.Context(), func(d string) bool { return d == kept.Digest })
	require.NoError(t, err)
	require.Equal(t, 1, s.Removed)
	require.Equal(t, 3, s.Kept)
	require.Greater(t, s.Bytes, int64(len("not")+len("left by a kill")), "its manifest too")
	for _, a := range []wfe.Artifact{kept, again, fresh} {
		get(t, l, a)
	}
	_, err = l.Open(t.Context(), gone)
	require.ErrorIs(t, err, wfe.ErrArtifactNotFound)
	require.NoFileExists(t, orphan)
	require.Len(t, valid(t, dir), 3)
	put(t, l, "b", "not")
	require.Len(t, valid(t, dir), 4)
}

func sum(text string) []byte {
	s := sha256.Sum256([]byte(text))
	return s[:]
}

func TestSweep_LeavesAloneWhatOtherToolsHaveAdded(t *testing.T) {
	t.Parallel()
	l, dir := layout(t, artifact.Config{})
	put(t, l, "a", "ours")
	s, err := oci.New(dir)
	require.NoError(t, err)
	theirs, err := s.Resolve(t.Context(), "sha256-"+hex.EncodeToString(sum("ours")))
	require.NoError(t, err)
	text, err := content.FetchAll(t.Context(), s, theirs)
	require.NoError(t, err)
	d := content.NewDescriptorFromBytes(ocispec.MediaTypeImageManifest, bytes.Replace(text, []byte("1970"), []byte("1980"), 1))
	require.NoError(t, s.Push(t.Context(), d, bytes.NewReader(bytes.Replace(text, []byte("1970"), []byte("1980"), 1))))
	require.NoError(t, s.Tag(t.Context(), d, "release"))
	age(t, dir)
	swept, err := l.Sweep(t.Context(), none)
	require.NoError(t, err)
	require.Equal(t, 1, swept.Removed)
	fresh, err := oci.NewFromFS(t.Context(), os.DirFS(dir))
	require.NoError(t, err)
	got, err := fresh.Resolve(t.Context(), "release")
	require.NoError(t, err)
	parts, err := content.Successors(t.Context(), fresh, got)
	require.NoError(t, err)
	text, err = content.FetchAll(t.Context(), fresh, parts[1])
	require.NoError(t, err)
	require.Equal(t, "ours", string(text))
}

func TestSweep_RemovesWhatDeadProcessesLeftInIngest(t *testing.T) {
	t.Parallel()
	l, dir := layout(t, artifact.Config{})
	mine, err := l.TempDir()
	require.NoError(t, err)
	dead := filepath.Join(dir, "ingest", "process-dead")
	require.NoError(t, os.MkdirAll(filepath.Join(dead, "run-1"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dead, ".owner"), nil, 0o600))
	other := reopen(t, dir, artifact.Config{})
	theirs, err := other.TempDir()
	require.NoError(t, err)
	require.NoDirExists(t, dead, "the next process has removed it")
	require.NoError(t, os.MkdirAll(dead, 0o700))
	_, err = l.Sweep(t.Context(), none)
	require.NoError(t, err)
	require.NoDirExists(t, dead)
	require.DirExists(t, mine)
	require.DirExists(t, theirs)
}
