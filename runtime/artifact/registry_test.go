package artifact_test

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/registry"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/content/memory"
	"oras.land/oras-go/v2/registry/remote"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/artifact"
)

// server is a registry in this process.
type server struct {
	http.Handler
	damage  atomic.Bool // flips a bit of each blob that it gives out
	refuses atomic.Bool // deletes
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case s.refuses.Load() && r.Method == http.MethodDelete:
		http.Error(w, `{"errors":[{"code":"UNSUPPORTED"}]}`, http.StatusMethodNotAllowed)
		return
	case s.damage.Load() && r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/blobs/"):
		rec := httptest.NewRecorder()
		s.Handler.ServeHTTP(rec, r)
		for k, v := range rec.Header() {
			w.Header()[k] = v
		}
		b := rec.Body.Bytes()
		b[len(b)/2] ^= 1
		_, _ = w.Write(b)
		return
	}
	s.Handler.ServeHTTP(w, r)
}

func repository(t *testing.T) (*server, *remote.Repository) {
	t.Helper()
	s := &server{Handler: registry.New(registry.Logger(log.New(io.Discard, "", 0)))}
	http := httptest.NewServer(s)
	t.Cleanup(http.Close)
	repo, err := remote.NewRepository(strings.TrimPrefix(http.URL, "http://") + "/shop/artifacts")
	require.NoError(t, err)
	repo.PlainHTTP = true
	repo.Client = http.Client()
	return s, repo
}

func remoteStore(t *testing.T, repo *remote.Repository, c artifact.Config) (*artifact.Registry, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "spool")
	g, err := artifact.NewRegistry(repo, dir, c)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, g.Close()) })
	return g, dir
}

func TestRegistry_KeepsBytesUnderTheirDigestAndOtherToolsReadIt(t *testing.T) {
	t.Parallel()
	_, repo := repository(t)
	g, dir := remoteStore(t, repo, artifact.Config{})
	a := put(t, g, "greeting.txt", "hello")
	require.Equal(t, a, put(t, g, "greeting.txt", "hello"), "again")
	other, _ := remoteStore(t, repo, artifact.Config{})
	require.Equal(t, "hello", get(t, other, a))
	require.Empty(t, get(t, g, put(t, g, "empty", "")))
	require.Empty(t, files(t, dir), "what was on its way is gone")

	local := memory.New()
	d, err := oras.Copy(t.Context(), repo, strings.Replace(a.Digest, ":", "-", 1), local, "", oras.DefaultCopyOptions)
	require.NoError(t, err)
	parts, err := content.Successors(t.Context(), local, d)
	require.NoError(t, err)
	require.Equal(t, "greeting.txt", parts[1].Annotations[ocispec.AnnotationTitle])
	text, err := content.FetchAll(t.Context(), local, parts[1])
	require.NoError(t, err)
	require.Equal(t, "hello", string(text))
}

func TestRegistry_ADirectoryGoesThere(t *testing.T) {
	t.Parallel()
	_, repo := repository(t)
	g, dir := remoteStore(t, repo, artifact.Config{Compression: artifact.Gzip})
	r, mediaType, err := g.Pack(t.Context(), tree(t))
	require.NoError(t, err)
	a, err := g.Put(t.Context(), wfe.Artifact{MediaType: mediaType}, r)
	require.NoError(t, err)
	require.NoError(t, r.Close())
	blob, err := g.Open(t.Context(), a)
	require.NoError(t, err)
	out := filepath.Join(t.TempDir(), "out")
	require.NoError(t, g.Unpack(t.Context(), a, blob, out))
	require.NoError(t, blob.Close())
	require.Equal(t, listing(t, tree(t)), listing(t, out))
	require.Empty(t, files(t, dir))
}

func TestRegistry_WhatIsDamagedOrNotThereIsAnErrorAndNothingOfItIsUsed(t *testing.T) {
	t.Parallel()
	s, repo := repository(t)
	g, dir := remoteStore(t, repo, artifact.Config{})
	a := put(t, g, "a", strings.Repeat("text", 1<<16))
	for d, want := range map[string]error{"sha256:" + strings.Repeat("0", 64): wfe.ErrArtifactNotFound, "sha256:../../x": wfe.ErrArtifactInvalid} {
		_, err := g.Open(t.Context(), wfe.Artifact{Digest: d, Size: 4})
		require.ErrorIs(t, err, want)
	}
	short := a
	short.Size--
	_, err := g.Open(t.Context(), short)
	require.ErrorIs(t, err, wfe.ErrArtifactCorrupt)
	s.damage.Store(true)
	_, err = g.Open(t.Context(), a)
	require.ErrorIs(t, err, wfe.ErrArtifactCorrupt)
	require.Empty(t, files(t, dir))
}

func TestRegistry_SweepDeletesWhatIsOldAndNotReferredTo(t *testing.T) {
	t.Parallel()
	s, repo := repository(t)
	clock := newClock()
	g, _ := remoteStore(t, repo, artifact.Config{Clock: clock})
	_, err := g.Sweep(t.Context(), none)
	require.NoError(t, err, "there is no repository yet")
	kept, gone := put(t, g, "a", "referred to"), put(t, g, "b", "not")
	require.NoError(t, g.Claim(t.Context(), "one"))
	clock.sleep(24 * time.Hour)
	fresh := put(t, g, "c", "just written")
	s.refuses.Store(true)
	keep := func(d string) bool { return d == kept.Digest }
	_, err = g.Sweep(t.Context(), keep)
	require.ErrorContains(t, err, gone.Digest)
	s.refuses.Store(false)
	swept, err := g.Sweep(t.Context(), keep)
	require.NoError(t, err)
	require.Equal(t, wfe.ArtifactSweep{Kept: 2, Removed: 1, Bytes: 3}, swept)
	for _, a := range []wfe.Artifact{kept, fresh} {
		_, d, err := repo.FetchReference(t.Context(), strings.Replace(a.Digest, ":", "-", 1))
		require.NoError(t, err)
		require.NoError(t, d.Close())
	}
	put(t, g, "b", "not")
	require.Equal(t, "not", get(t, g, gone))
}

func TestRegistry_IsOfOneStoreOfInstances(t *testing.T) {
	t.Parallel()
	_, repo := repository(t)
	g, _ := remoteStore(t, repo, artifact.Config{})
	require.NoError(t, g.Claim(t.Context(), "one"))
	require.NoError(t, g.Claim(t.Context(), "one"))
	other, _ := remoteStore(t, repo, artifact.Config{})
	require.ErrorContains(t, other.Claim(t.Context(), "two"), "belongs to the store of instances one")
}

func TestConfig_ThatCannotBeIsRefused(t *testing.T) {
	t.Parallel()
	_, repo := repository(t)
	for want, c := range map[string]artifact.Config{
		"at least a minute": {Keep: time.Second},
		"one of Zstd":       {Compression: "rar"},
		"negative":          {Quota: -1},
	} {
		_, err := artifact.OpenLayout(t.TempDir(), c)
		require.ErrorContains(t, err, want)
	}
	_, err := artifact.NewRegistry(repo, t.TempDir(), artifact.Config{Quota: 1})
	require.ErrorContains(t, err, "quotas of its own")
}
