package wfe_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/artifact"
	"github.com/wfegen/wfe/runtime/codec"
	"github.com/wfegen/wfe/runtime/store"
	"github.com/wfegen/wfe/runtime/store/memory"
)

// aged makes all blobs of a layout that were not written for as long old enough to
// be removed.
func aged(t *testing.T, dir string, after time.Duration) {
	t.Helper()
	now := time.Now()
	entries, err := os.ReadDir(filepath.Join(dir, "blobs", "sha256"))
	require.NoError(t, err)
	for _, e := range entries {
		st, err := e.Info()
		if err != nil || now.Sub(st.ModTime()) < after {
			continue
		}
		_ = os.Chtimes(filepath.Join(dir, "blobs", "sha256", e.Name()), now.Add(-48*time.Hour), now.Add(-48*time.Hour))
	}
}

// shelf is a host with artifacts in a layout.
type shelf struct {
	*testing.T
	dir    string
	layout *artifact.Layout
	host   *wfe.Host
}

func newShelf(t *testing.T, st store.Store, register func(h *wfe.Host) error) shelf {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "artifacts")
	l := openLayout(t, dir)
	h := wfe.NewHost(st, wfe.Config{Artifacts: l})
	require.NoError(t, register(h))
	require.NoError(t, h.Start(t.Context()))
	t.Cleanup(func() { _ = h.Stop(now()) })
	return shelf{t, dir, l, h}
}

func (s shelf) put(text string) wfe.Artifact {
	s.Helper()
	a, err := s.layout.Put(s.Context(), wfe.Artifact{Name: "a"}, strings.NewReader(text))
	require.NoError(s, err)
	return a
}

// has sweeps, with all that was written being old, and says whether a is still there.
func (s shelf) has(a wfe.Artifact) bool {
	s.Helper()
	aged(s.T, s.dir, 0)
	_, err := s.host.SweepArtifacts(s.Context())
	require.NoError(s, err)
	r, err := s.layout.Open(s.Context(), a)
	if err != nil {
		require.ErrorIs(s, err, wfe.ErrArtifactNotFound)
		return false
	}
	require.NoError(s, r.Close())
	return true
}

// cargo is data with an artifact.
type cargo struct {
	A    *wfe.Artifact `json:",omitempty"`
	List []wfe.Artifact
	N    int
}

type opened struct{ A wfe.Artifact }

func TestSweepArtifacts_KeepsWhatAnyInstanceEventOrMessageRefersToUntilItIsPurged(t *testing.T) {
	t.Parallel()
	event := wfe.NewEvent[opened]("opened")
	type gate struct{ reached, open chan struct{} }
	hold := func(g gate) func(ctx wfe.StepContext, p *cargo) (wfe.Result, error) {
		return func(ctx wfe.StepContext, p *cargo) (wfe.Result, error) {
			g.reached <- struct{}{}
			select {
			case <-g.open:
				return ctx.Next(), nil
			case <-ctx.Done():
				return ctx.Next(), ctx.Err()
			}
		}
	}
	drop := func(p *cargo) { p.A, p.List = nil, nil }
	type flow = func(b *wfe.Generic[cargo], g gate)
	for name, build := range map[string]flow{
		"in the data": func(b *wfe.Generic[cargo], g gate) { b.Func("hold", hold(g)) },
		"in the inputs of a body that runs, when the data has it no more": func(b *wfe.Generic[cargo], g gate) {
			b.Parallel("both", func(b *wfe.Generic[cargo]) { b.Func("hold", hold(g)) }, func(b *wfe.Generic[cargo]) { b.Set("drop", drop) })
		},
		"in an element of a loop": func(b *wfe.Generic[cargo], g gate) {
			wfe.Each(b, "each", func(p *cargo) []wfe.Artifact { return p.List }, func(b *wfe.Generic[cargo], _ *wfe.Artifact) {
				b.Set("drop", drop)
				b.Func("hold", func(ctx wfe.StepContext, p *cargo) (wfe.Result, error) { return hold(g)(ctx, p) })
			})
		},
		"in what a step keeps while it sleeps": func(b *wfe.Generic[cargo], g gate) {
			b.Func("keep", func(ctx wfe.StepContext, p *cargo) (wfe.Result, error) {
				var kept cargo
				if ok, err := ctx.Persisted(&kept); ok || err != nil {
					return hold(g)(ctx, p)
				}
				return ctx.Persist(cargo{A: p.A}), nil
			})
			b.Set("drop", drop)
		},
		"in large data": func(b *wfe.Generic[cargo], g gate) {
			b.Set("grow", func(p *cargo) {
				for range 100 {
					p.List = append(p.List, wfe.Artifact{Digest: "sha256:" + strings.Repeat("0", 64), Name: strings.Repeat("n", 50)})
				}
				p.List = append(p.List, *p.A)
				p.A = nil
			})
			b.Func("hold", hold(g))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := gate{make(chan struct{}, 9), make(chan struct{})}
			w := wfe.NewWorkflow("flow", 1, func(b *wfe.Generic[cargo]) { build(b, g); b.Set("end", drop) })
			s := newShelf(t, memory.New(), func(h *wfe.Host) error { return h.Add(w) })
			a, lost := s.put("referred to"), s.put("not")
			i, err := w.Start(t.Context(), s.host, cargo{A: &a, List: []wfe.Artifact{a}})
			require.NoError(t, err)
			<-g.reached
			require.True(t, s.has(a))
			require.False(t, s.has(lost))
			close(g.open)
			_, err = i.Wait(t.Context())
			require.NoError(t, err)
			require.False(t, s.has(a), "the data has it no more")
		})
	}

	t.Run("in an instance that has ended", func(t *testing.T) {
		t.Parallel()
		w := wfe.NewWorkflow("flow", 1, func(b *wfe.Generic[cargo]) { b.Set("set", func(p *cargo) { p.N++ }) })
		s := newShelf(t, memory.New(), func(h *wfe.Host) error { return h.Add(w) })
		a := s.put("result")
		i, err := w.Start(t.Context(), s.host, cargo{A: &a})
		require.NoError(t, err)
		_, err = i.Wait(t.Context())
		require.NoError(t, err)
		require.True(t, s.has(a))
		n, err := wfe.Purge(t.Context(), s.host, wfe.Ended{Before: time.Now().Add(time.Hour)})
		require.NoError(t, err)
		require.Equal(t, 1, n)
		require.False(t, s.has(a))
	})
	t.Run("in an event, and in what has taken it", func(t *testing.T) {
		t.Parallel()
		w := wfe.NewWorkflow("flow", 1, func(b *wfe.Generic[cargo]) {
			wfe.Await(b, "wait", func(*cargo) string { return "k" }, func(p *cargo, o *opened) { p.A = &o.A })
		})
		s := newShelf(t, memory.New(), func(h *wfe.Host) error { return h.Add(w, event) })
		a, later := s.put("published"), s.put("later")
		i, err := w.Start(t.Context(), s.host, cargo{})
		require.NoError(t, err)
		require.NoError(t, event.Publish(t.Context(), s.host, "other", opened{a}))
		require.NoError(t, event.Publish(t.Context(), s.host, "other", opened{later}, wfe.PublishAt(time.Now().Add(time.Hour))))
		require.True(t, s.has(a))
		require.True(t, s.has(later))
		require.NoError(t, event.Publish(t.Context(), s.host, "k", opened{a}, wfe.TTL(time.Millisecond)))
		got, err := i.Wait(t.Context())
		require.NoError(t, err)
		require.Equal(t, &a, got.A)
		require.True(t, s.has(a))
	})
	t.Run("in a message to a child that cannot begin here", func(t *testing.T) {
		t.Parallel()
		st := memory.New()
		child := wfe.Ref[cargo]{ID: "child", Data: codec.JSON[cargo]()}
		own := wfe.NewWorkflow("child", 1, func(b *wfe.Generic[cargo]) { b.Delay("wait", time.Hour) })
		w := wfe.NewWorkflow("flow", 1, func(b *wfe.Generic[cargo]) {
			wfe.Child(b, "child", child, func(p *cargo) cargo { return cargo{A: p.A} }, nil, wfe.Abandon(), wfe.Version(1))
		})
		s := newShelf(t, &deaf{Store: st}, func(h *wfe.Host) error { return errors.Join(h.Add(w), h.Add(own)) })
		a := s.put("for the child")
		i, err := w.Start(t.Context(), s.host, cargo{A: &a})
		require.NoError(t, err)
		require.NoError(t, i.Terminate(t.Context(), ""))
		n, err := wfe.Purge(t.Context(), s.host, wfe.Ended{Before: time.Now().Add(time.Hour)})
		require.NoError(t, err)
		require.Equal(t, 1, n)
		require.True(t, s.has(a))
	})
}

// deaf is a store whose messages do not reach the owner.
type deaf struct{ *memory.Store }

func (deaf) Inbox(context.Context, int64, int) ([]store.Msg, error) { return nil, nil }

func TestSweepArtifacts_KeepsWhatABodyHasWrittenThatStillRuns(t *testing.T) {
	t.Parallel()
	written, release := make(chan wfe.Artifact, 1), make(chan struct{})
	w := wfe.NewWorkflow("flow", 1, func(b *wfe.Generic[cargo]) {
		b.Func("write", func(ctx wfe.StepContext, p *cargo) (wfe.Result, error) {
			a, err := ctx.Volume().Write("a", "", strings.NewReader("text"))
			written <- a
			<-release
			p.A = &a
			return ctx.Next(), err
		})
	})
	s := newShelf(t, memory.New(), func(h *wfe.Host) error { return h.Add(w) })
	i, err := w.Start(t.Context(), s.host, cargo{})
	require.NoError(t, err)
	a := <-written
	require.True(t, s.has(a))
	close(release)
	require.True(t, s.has(a), "what it returned may not be durable yet")
	_, err = i.Wait(t.Context())
	require.NoError(t, err)
	require.True(t, s.has(a))
}

func TestSweepArtifacts_InstancesWithoutArtifactsAreNotRead(t *testing.T) {
	t.Parallel()
	st := memory.New()
	w := wfe.NewWorkflow("flow", 1, func(b *wfe.Generic[cargo]) { b.Delay("wait", time.Hour) })
	s := newShelf(t, st, func(h *wfe.Host) error { return h.Add(w) })
	_, err := w.Start(t.Context(), s.host, cargo{N: 7})
	require.NoError(t, err)
	require.NoError(t, st.Texts(t.Context(), func(text store.Text) error { return fmt.Errorf("read: %q", text.Body) }))
	a := s.put("text")
	_, err = w.Start(t.Context(), s.host, cargo{A: &a})
	require.NoError(t, err)
	n := 0
	require.NoError(t, st.Texts(t.Context(), func(store.Text) error { n++; return nil }))
	require.Positive(t, n)
}

func TestSweepArtifacts_IsDoneByTheHostAndRefusedWhereThereIsNothingToSweep(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l := openLayout(t, dir)
	a, err := l.Put(t.Context(), wfe.Artifact{}, strings.NewReader("text"))
	require.NoError(t, err)
	aged(t, dir, 0)
	h := wfe.NewHost(memory.New(), wfe.Config{Artifacts: l, ArtifactSweep: time.Millisecond})
	_, err = h.SweepArtifacts(t.Context())
	require.ErrorIs(t, err, wfe.ErrStopped)
	require.NoError(t, h.Add(siteFlow(), wfe.As("build", &buildSite{}), wfe.As("read", &readSite{})))
	require.NoError(t, h.Start(t.Context()))
	require.Eventually(t, func() bool {
		r, err := l.Open(t.Context(), a)
		if err == nil {
			_ = r.Close()
		}
		return err != nil
	}, 10*time.Second, time.Millisecond)
	require.NoError(t, h.Stop(t.Context()))
	_, err = h.SweepArtifacts(t.Context())
	require.ErrorIs(t, err, wfe.ErrStopped)

	bare := wfe.NewHost(memory.New(), wfe.Config{})
	require.NoError(t, bare.Start(t.Context()))
	defer bare.Stop(t.Context())
	_, err = bare.SweepArtifacts(t.Context())
	require.ErrorIs(t, err, wfe.ErrNoArtifacts)
}

func TestArtifact_AStoreThatBelongsToOtherInstancesIsRefusedAtTheStart(t *testing.T) {
	t.Parallel()
	l := openLayout(t, t.TempDir())
	require.NoError(t, l.Claim(t.Context(), "another"))
	h := wfe.NewHost(memory.New(), wfe.Config{Artifacts: l})
	require.ErrorContains(t, h.Start(t.Context()), "belongs to the store of instances another")
}

// TestSweepArtifacts_BesideWorkflowsThatHandArtifactsOnLosesNone sweeps all the time
// while steps write, hand on, overwrite and mount, with what was not written for a
// second counted as old.
func TestSweepArtifacts_BesideWorkflowsThatHandArtifactsOnLosesNone(t *testing.T) {
	t.Parallel()
	var same atomic.Int64
	w := wfe.NewWorkflow("flow", 1, func(b *wfe.Generic[cargo]) {
		b.While("rounds", func(p *cargo) bool { return p.N < 10 }, func(b *wfe.Generic[cargo]) {
			b.Func("write", func(ctx wfe.StepContext, p *cargo) (wfe.Result, error) {
				text := fmt.Sprint(ctx.Instance, p.N)
				if p.N%3 == 0 {
					text = fmt.Sprint("many write this ", same.Add(1)/7)
				}
				a, err := ctx.Volume().Write("a", "", strings.NewReader(text))
				p.A, p.N = &a, p.N+1
				return ctx.Next(), err
			})
			b.Func("read", func(ctx wfe.StepContext, p *cargo) (wfe.Result, error) {
				_, err := ctx.Volume().Mount(*p.A)
				return ctx.Next(), wfe.Permanent(err)
			}).OnError(wfe.RetryPolicy{Then: wfe.Terminate})
		})
	})
	s := newShelf(t, memory.New(), func(h *wfe.Host) error { return h.Add(w) })
	done := make(chan struct{})
	var sweeping sync.WaitGroup
	sweeping.Go(func() {
		for swept := 0; ; swept++ {
			select {
			case <-done:
				t.Logf("%d sweeps", swept)
				return
			default:
				aged(t, s.dir, time.Second)
				_, err := s.host.SweepArtifacts(t.Context())
				if err != nil {
					t.Errorf("sweeping: %v", err)
				}
			}
		}
	})
	var all []wfe.Handle[cargo]
	for range 20 {
		i, err := w.Start(t.Context(), s.host, cargo{})
		require.NoError(t, err)
		all = append(all, i)
	}
	for _, i := range all {
		got, err := i.Wait(t.Context())
		require.NoError(t, err)
		r, err := s.layout.Open(t.Context(), *got.A)
		require.NoError(t, err)
		require.NoError(t, r.Close())
	}
	close(done)
	sweeping.Wait()
}
