package wfe_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/artifact"
	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/store/memory"
)

// site is data with artifacts in all places.
type site struct {
	Name  string
	Files wfe.Artifact
	Pages []wfe.Artifact
	ByDay map[string]wfe.Artifact
	Last  *struct{ Log wfe.Artifact }
	Seen  string
}

// buildSite writes a directory and two files.
type buildSite struct {
	Name  string
	Files wfe.Artifact            `wfe:"out"`
	Pages []wfe.Artifact          `wfe:"out"`
	ByDay map[string]wfe.Artifact `wfe:"out"`
	left  *[]string               `wfe:"inject"`
}

func (s *buildSite) Run(ctx context.Context) error {
	v := wfe.VolumeOf(ctx)
	dir, err := v.TempDir()
	if err != nil {
		return err
	}
	*s.left = append(*s.left, dir)
	if err := os.WriteFile(filepath.Join(dir, "index.html"), []byte("<p>"+s.Name), 0o600); err != nil {
		return err
	}
	if s.Files, err = v.WriteDir("site", dir); err != nil {
		return err
	}
	page, err := v.WriteFile(filepath.Join(dir, "index.html"))
	if err != nil {
		return err
	}
	text, err := v.Write("log.txt", "text/plain", strings.NewReader("built"))
	s.Pages, s.ByDay = []wfe.Artifact{page, text}, map[string]wfe.Artifact{"monday": text}
	return err
}

// readSite mounts and reads what buildSite has written.
type readSite struct {
	Files wfe.Artifact
	Pages []wfe.Artifact
	ByDay map[string]wfe.Artifact
	Seen  string    `wfe:"out"`
	left  *[]string `wfe:"inject"`
}

func (s *readSite) Run(ctx wfe.StepContext) (wfe.Result, error) {
	dir, err := ctx.Volume().Mount(s.Files)
	if err != nil {
		return ctx.Next(), err
	}
	index, err := os.ReadFile(filepath.Join(dir, "index.html"))
	if err != nil {
		return ctx.Next(), err
	}
	*s.left = append(*s.left, dir)
	one, err := ctx.Volume().Mount(s.Pages[0])
	if err != nil {
		return ctx.Next(), err
	}
	page, err := os.ReadFile(filepath.Join(one, "index.html"))
	if err != nil {
		return ctx.Next(), err
	}
	r, err := ctx.Volume().Open(s.ByDay["monday"])
	if err != nil {
		return ctx.Next(), err
	}
	defer r.Close()
	log, err := io.ReadAll(r)
	s.Seen = string(index) + " " + string(page) + " " + string(log)
	return ctx.Next(), err
}

func siteFlow() wfe.Workflow[site, *wfe.Generic[site]] {
	return wfe.NewWorkflow("site", 1, func(b *wfe.Generic[site]) {
		b.Step("build")
		b.Step("read")
	})
}

// siteHost starts a host for siteFlow; left collects the directories of its runs.
func siteHost(t *testing.T, c wfe.Config) (h *wfe.Host, left *[]string) {
	t.Helper()
	left = new([]string)
	h = wfe.NewHost(memory.New(), c)
	require.NoError(t, h.Add(siteFlow(), wfe.As("build", &buildSite{left: left}), wfe.As("read", &readSite{left: left})))
	require.NoError(t, h.Start(t.Context()))
	t.Cleanup(func() { _ = h.Stop(now()) })
	return h, left
}

func openLayout(t *testing.T, dir string) *artifact.Layout {
	t.Helper()
	l, err := artifact.OpenLayout(dir, artifact.Config{})
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func TestArtifact_OneStepWritesAndAnotherOneReadsAndItsDirectoriesAreGoneAfterwards(t *testing.T) {
	t.Parallel()
	h, left := siteHost(t, wfe.Config{Artifacts: openLayout(t, t.TempDir())})
	i, err := siteFlow().Start(t.Context(), h, site{Name: "Ann"})
	require.NoError(t, err)
	got, err := i.Wait(t.Context())
	require.NoError(t, err)
	require.Equal(t, "<p>Ann <p>Ann built", got.Seen)
	require.Equal(t, "application/vnd.oci.image.layer.v1.tar+zstd", got.Files.MediaType)
	require.Equal(t, "site", got.Files.Name)
	require.Equal(t, "index.html", got.Pages[0].Name)
	require.Len(t, *left, 2)
	for _, dir := range *left {
		require.NoDirExists(t, dir)
	}
}

func TestArtifact_WithoutAStoreIsAnErrorThatSaysWhatToSetAndIsNotRepeated(t *testing.T) {
	t.Parallel()
	h, _ := siteHost(t, wfe.Config{})
	i, err := siteFlow().Start(t.Context(), h, site{})
	require.NoError(t, err)
	suspends(t, i)
	got, err := i.Get(t.Context())
	require.NoError(t, err)
	require.Contains(t, got.Failure.Message, "set Config.Artifacts")
	require.Equal(t, 1, got.Failure.Attempt)

	v := wfe.VolumeOf(t.Context())
	for _, err := range []error{
		second(v.Write("a", "", nil)), second(v.WriteDir("site", ".")), second(v.Open(wfe.Artifact{})), second(v.Mount(wfe.Artifact{})), second(v.TempDir()),
	} {
		require.ErrorIs(t, err, wfe.ErrNoArtifacts)
	}
}

func second[T any](_ T, err error) error { return err }

func suspends[D any](t *testing.T, i wfe.Handle[D]) {
	t.Helper()
	require.Eventually(t, func() bool {
		got, err := i.Get(t.Context())
		return err == nil && got.Status == wfe.Suspended
	}, 10*time.Second, time.Millisecond)
}

func TestArtifact_ProgressOfALongCopyIsTold(t *testing.T) {
	t.Parallel()
	var told []wfe.ArtifactProgress
	h, _ := siteHost(t, wfe.Config{Artifacts: openLayout(t, t.TempDir()), ArtifactProgress: func(p wfe.ArtifactProgress) { told = append(told, p) }})
	i, err := siteFlow().Start(t.Context(), h, site{Name: "Ann"}, wfe.ID("a"))
	require.NoError(t, err)
	got, err := i.Wait(t.Context())
	require.NoError(t, err)
	require.Len(t, told, 6, "each of the copies took less than a second")
	require.True(t, told[1].Done && told[1].Writing)
	require.Equal(t, "a", told[1].Instance)
	require.Equal(t, "build", told[1].Step)
	require.Equal(t, got.Pages[0], told[1].Artifact)
	require.Equal(t, got.Pages[0].Size, told[1].Bytes)
	require.Equal(t, got.Pages[0].Size, told[1].Total)
	require.True(t, told[3].Done && !told[3].Writing)
	require.Equal(t, got.Files, told[3].Artifact)

	long := make(chan wfe.ArtifactProgress, 100)
	h, _ = siteHost(t, wfe.Config{Artifacts: openLayout(t, t.TempDir()), Clock: new(runaway), Stale: 10_000 * time.Hour, Beat: 5_000 * time.Hour,
		ArtifactProgress: func(p wfe.ArtifactProgress) { long <- p }})
	_, err = siteFlow().Start(t.Context(), h, site{Name: "Ann"})
	require.NoError(t, err)
	first := <-long
	require.False(t, first.Done)
	require.Positive(t, first.Bytes)
	require.Equal(t, int64(-1), first.Total)
}

// runaway is a clock on which each look takes a minute.
type runaway struct{ looks atomic.Int64 }

func (c *runaway) Now() instance.Instant { return instance.At(time.Now()) }

func (c *runaway) Since() time.Duration { return time.Duration(c.looks.Add(1)) * time.Minute }

func (c *runaway) AfterFunc(d time.Duration, f func()) func() bool { return time.AfterFunc(d, f).Stop }

func TestArtifact_ADamagedOneFailsTheStepAndNothingOfItIsMounted(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l := openLayout(t, dir)
	a, err := l.Put(t.Context(), wfe.Artifact{Name: "a"}, bytes.NewReader(make([]byte, 1<<20)))
	require.NoError(t, err)
	blob := filepath.Join(dir, "blobs", "sha256", strings.TrimPrefix(a.Digest, "sha256:"))
	require.NoError(t, os.Chmod(blob, 0o600))
	require.NoError(t, os.WriteFile(blob, append(make([]byte, 1<<20-1), 1), 0o600))
	h := wfe.NewHost(memory.New(), wfe.Config{Artifacts: l})
	var mounted string
	var failed error
	w := wfe.NewWorkflow("mount", 1, func(b *wfe.Generic[site]) {
		b.Func("mount", func(ctx wfe.StepContext, s *site) (wfe.Result, error) {
			mounted, failed = ctx.Volume().Mount(s.Files)
			return ctx.Next(), wfe.Permanent(errors.Join(failed))
		})
	})
	require.NoError(t, h.Add(w))
	require.NoError(t, h.Start(t.Context()))
	t.Cleanup(func() { _ = h.Stop(now()) })
	i, err := w.Start(t.Context(), h, site{Files: a})
	require.NoError(t, err)
	suspends(t, i)
	require.ErrorIs(t, failed, wfe.ErrArtifactCorrupt)
	require.Empty(t, mounted)
}
