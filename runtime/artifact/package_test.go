package artifact_test

import (
	"archive/tar"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2/content/oci"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/artifact"
)

func packaged(t *testing.T, from wfe.ArtifactStore, all ...wfe.Artifact) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, artifact.Package(t.Context(), from, &b, all...))
	return b.Bytes()
}

func TestPackage_CarriesArtifactsToAnotherStoreAndIsTheSameBytesEachTime(t *testing.T) {
	t.Parallel()
	from, _ := layout(t, artifact.Config{})
	_, repo := repository(t)
	g, _ := remoteStore(t, repo, artifact.Config{})
	a, b := put(t, from, "a.txt", "one"), put(t, from, "b.txt", strings.Repeat("two", 1<<18))
	again := a
	again.Name = "c.txt"
	text := packaged(t, from, a, b, again)
	require.Equal(t, text, packaged(t, from, again, b, a, a))

	to, dir := layout(t, artifact.Config{})
	got, err := artifact.Unpackage(t.Context(), to, bytes.NewReader(text))
	require.NoError(t, err)
	require.ElementsMatch(t, []wfe.Artifact{a, b, again}, got)
	require.Equal(t, "one", get(t, to, a))
	require.Equal(t, strings.Repeat("two", 1<<18), get(t, to, b))
	require.Len(t, valid(t, dir), 2)
	require.Equal(t, text, packaged(t, to, got...))

	got, err = artifact.Unpackage(t.Context(), g, bytes.NewReader(text))
	require.NoError(t, err)
	require.Equal(t, text, packaged(t, g, got...))

	none, err := artifact.Unpackage(t.Context(), to, bytes.NewReader(packaged(t, from)))
	require.NoError(t, err)
	require.Empty(t, none)

	name := filepath.Join(t.TempDir(), "package.tar")
	require.NoError(t, os.WriteFile(name, text, 0o600))
	s, err := oci.NewFromTar(t.Context(), name)
	require.NoError(t, err)
	_, err = s.Resolve(t.Context(), strings.Replace(b.Digest, ":", "-", 1))
	require.NoError(t, err)
}

func TestPackage_OfWhatIsDamagedIsAnError(t *testing.T) {
	t.Parallel()
	from, dir := layout(t, artifact.Config{})
	a := put(t, from, "a", "text")
	require.ErrorIs(t, artifact.Package(t.Context(), from, io.Discard, wfe.Artifact{Digest: "sha256:x"}), wfe.ErrArtifactInvalid)
	require.NoError(t, os.Chmod(blobOf(dir, a), 0o600))
	require.NoError(t, os.WriteFile(blobOf(dir, a), []byte("tent"), 0o600))
	require.ErrorIs(t, artifact.Package(t.Context(), from, io.Discard, a), wfe.ErrArtifactCorrupt)
}

// entries are the files of an archive.
func entries(t *testing.T, b []byte) (out []entry) {
	t.Helper()
	r := tar.NewReader(bytes.NewReader(b))
	for {
		h, err := r.Next()
		if err == io.EOF {
			return out
		}
		require.NoError(t, err)
		text, err := io.ReadAll(r)
		require.NoError(t, err)
		out = append(out, entry{tar.Header{Name: h.Name, Typeflag: h.Typeflag, Mode: h.Mode}, string(text)})
	}
}

func TestUnpackage_RefusesWhatIsNoPackage(t *testing.T) {
	t.Parallel()
	from, _ := layout(t, artifact.Config{})
	good := entries(t, packaged(t, from, put(t, from, "a", "text of a"), put(t, from, "b", "text of b")))
	index, blob := 1, len(good)-1
	manifest := slices.IndexFunc(good, func(e entry) bool { return strings.Contains(e.text, "1970") })
	edit := func(i int, f func(e *entry)) func() []entry {
		return func() []entry {
			c := slices.Clone(good)
			f(&c[i])
			return c
		}
	}
	for want, make := range map[string]func() []entry{
		"is damaged":            edit(blob, func(e *entry) { e.text = "text of c" }),
		"of 9 bytes is":         edit(blob, func(e *entry) { e.text += "!" }),
		"version \"9\"":         edit(0, func(e *entry) { e.text = `{"imageLayoutVersion":"9"}` }),
		"unexpected end":        edit(index, func(e *entry) { e.text = "{" }),
		"manifest sha256:":      edit(manifest, func(e *entry) { e.text = strings.Replace(e.text, "1970", "1971", 1) }),
		"is missing":            func() []entry { return good[:blob] },
		"there is no index":     func() []entry { return good[:1] },
		"comes before":          func() []entry { return []entry{good[0], good[blob], good[index]} },
		"no part of a package":  func() []entry { return append(slices.Clone(good), file("../evil", "x")) },
		"nothing in it names":   func() []entry { return append(slices.Clone(good), file("blobs/sha256/"+strings.Repeat("0", 64), "x")) },
		"nothing in it names s": func() []entry { return append(slices.Clone(good), file("blobs/sha256/../../x", "x")) },
		"at most 4194304":       edit(index, func(e *entry) { e.text += strings.Repeat(" ", 5<<20) }),
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			to, _ := layout(t, artifact.Config{})
			_, err := artifact.Unpackage(t.Context(), to, bytes.NewReader(archive(t, make()...)))
			require.ErrorContains(t, err, want)
		})
	}
	to, _ := layout(t, artifact.Config{})
	text := packaged(t, from, put(t, from, "a", strings.Repeat("x", 5000)))
	_, err := artifact.Unpackage(t.Context(), to, bytes.NewReader(text[:len(text)-4000]))
	require.Error(t, err, "cut")
}
