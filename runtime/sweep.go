package wfe

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"time"

	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/internal/host"
	"github.com/wfegen/wfe/runtime/store"
)

// artifacts is the artifact store of a host, with what its bodies do there.
type artifacts struct {
	store    ArtifactStore
	progress func(ArtifactProgress)
	clock    Clock
	log      *slog.Logger

	mu   sync.Mutex
	pins map[string]pin // by digest
}

// pin keeps an artifact that a body has written until the body has returned and
// what it returned is in the store of instances.
type pin struct {
	runs  int
	until instance.Instant // after the last of them
}

// pinned is how long after the return of a body what it wrote is kept at least.
const pinned = time.Hour

func (a *artifacts) pin(digest string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	p := a.pins[digest]
	p.runs++
	a.pins[digest] = p
}

func (a *artifacts) unpin(digest string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	p := a.pins[digest]
	p.runs--
	p.until = a.clock.Now().Add(pinned)
	a.pins[digest] = p
}

// isPinned reports whether a body may still hand on an artifact.
func (a *artifacts) isPinned(digest string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	_, ok := a.pins[digest]
	return ok
}

// forget drops the pins that are over.
func (a *artifacts) forget() {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.clock.Now()
	maps.DeleteFunc(a.pins, func(_ string, p pin) bool { return p.runs == 0 && p.until < now })
}

func newArtifacts(c Config) *artifacts {
	if c.Artifacts == nil {
		return nil
	}
	if c.Clock == nil {
		c.Clock = host.SystemClock()
	}
	return &artifacts{store: c.Artifacts, progress: c.ArtifactProgress, clock: c.Clock, log: c.Logger, pins: map[string]pin{}}
}

// owned returns what is done when the host has become the owner of its store.
func (a *artifacts) owned() func(ctx context.Context, l store.Lease) error {
	if a == nil {
		return nil
	}
	return func(ctx context.Context, l store.Lease) error {
		if err := a.store.Claim(ctx, l.Store); err != nil {
			return fmt.Errorf("wfe: claiming the artifact store: %w", err)
		}
		return nil
	}
}

// SweepArtifacts removes artifacts that no instance, event or message refers to,
// that no body which runs has written, and that are older than what the store
// keeps. The host does that by itself, see Config.ArtifactSweep. Only the host
// that owns the store of instances can do it.
func (h *Host) SweepArtifacts(ctx context.Context) (ArtifactSweep, error) {
	inner := h.inner.Load()
	switch {
	case h.artifacts == nil:
		return ArtifactSweep{}, fmt.Errorf("wfe: sweeping artifacts: %w", ErrNoArtifacts)
	case inner == nil:
		return ArtifactSweep{}, ErrStopped
	}
	h.artifacts.forget()
	refs, err := inner.References(ctx)
	if err != nil {
		return ArtifactSweep{}, fmt.Errorf("wfe: sweeping artifacts: %w", err)
	}
	return h.artifacts.store.Sweep(ctx, func(digest string) bool {
		return refs[digest] || h.artifacts.isPinned(digest) || !inner.Owns()
	})
}

// firstSweep is how long after its start a host sweeps first: one that never runs
// for long has to, too.
const firstSweep = 5 * time.Minute

// chores are what a host does now and then.
func (h *Host) chores() []host.Chore {
	each := h.config.ArtifactSweep
	if each == 0 {
		each = time.Hour
	}
	if h.artifacts == nil || each < 0 {
		return nil
	}
	return []host.Chore{{First: min(each, firstSweep), Each: each, Do: func(ctx context.Context) {
		s, err := h.SweepArtifacts(ctx)
		switch {
		case err != nil && ctx.Err() == nil:
			h.config.Logger.Error("sweeping artifacts failed; it is tried again", "after", each, "error", err)
		case s.Removed > 0:
			h.config.Logger.Info("artifacts that nothing refers to were removed", "artifacts", s.Removed, "bytes", s.Bytes, "kept", s.Kept)
		}
	}}}
}
