package wfe

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/engine"
	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/internal/host"
	"github.com/wfegen/wfe/runtime/internal/poll"
	"github.com/wfegen/wfe/runtime/internal/probe"
	"github.com/wfegen/wfe/runtime/store"
)

// Clock is the only source of time of a host.
type Clock = host.Clock

// StepLimit bounds the bodies of one step on this host, compensations included.
// What is held back takes no place among Config.Bodies.
type StepLimit = host.StepLimit

// BlockedError says why an instance is left alone by this program: it began on
// code that is not registered here.
type BlockedError = host.BlockedError

// The errors that callers branch on.
var (
	ErrNotFound      = host.ErrNotFound      // there is no instance of that id
	ErrAlreadyExists = host.ErrAlreadyExists // the id belongs to an instance that was started otherwise
	// ErrReferenceTaken: a live instance of the workflow has the reference, and one
	// of the two is to be the only one.
	ErrReferenceTaken = host.ErrReferenceTaken
	ErrLive           = host.ErrLive          // only an instance that has ended can be purged
	ErrStopped        = host.ErrStopped       // the host does not run
	ErrOverloaded     = host.ErrOverloaded    // there was no room until the context ended
	ErrUnhealthy      = host.ErrUnhealthy     // the store cannot be written at the moment
	ErrInboxFull      = host.ErrInboxFull     // too much waits for the instance
	ErrNotRegistered  = host.ErrNotRegistered // the host has no workflow of that id and version
	// ErrCrashLoop begins the message of a failure: the body ended its process again and again.
	ErrCrashLoop = engine.ErrCrashLoop
	ErrTooLarge  = errors.New("the payload is too large")
	ErrFenced    = store.ErrFenced // another process owns the store now
	ErrLost      = store.ErrLost   // the store was closed, damaged, removed or replaced under the host, which has ended
)

// Config is how a host runs. The zero value of a field is its default.
type Config struct {
	Name   string       // of the host, told to a standby; default: machine and process id
	Logger *slog.Logger // default: nothing is logged
	Clock  Clock        // default: the machine's

	Bodies     int                  // step bodies that run at the same time; default 256
	Limits     map[string]StepLimit // of single steps, by name ("charge-card", "mail.send-receipt"); default: none
	Schedulers int                  // goroutines that run transitions; default GOMAXPROCS
	MaxCrashes int                  // crashes of the process in a row for which one body may be to blame, see docs/semantics.md, "Steps"; default 10, below 0 is any number
	Grace      time.Duration        // how long a body whose context was cancelled is awaited; default 10 s
	Beat       time.Duration        // how often an idle host proves that it lives; default 2 s
	Stale      time.Duration        // no body starts when the last proof is older than this; default 5 s
	NoHistory  bool                 // keep no records of what happens to instances: History is empty then
	Poll       time.Duration        // how often events and messages of other processes are looked for; default 20 ms

	// PollAllow lists addresses that Poll may reach though they are not public:
	// 10.1.0.0/16, 127.0.0.1/32. Default: none.
	PollAllow []netip.Prefix

	// Artifacts keeps the bytes that bodies write and read through their Volume.
	// Default: none.
	Artifacts        ArtifactStore
	ArtifactSweep    time.Duration          // how often artifacts that nothing refers to are removed; default 1 h, below 0 is never: call SweepArtifacts
	ArtifactProgress func(ArtifactProgress) // is told each second how far a copy of an artifact is, and when it is done, by the body that copies

	// Listeners get what happens to instances, Samplers what is measured of the host,
	// one by one. Neither holds anything up: one that is too slow misses some.
	Listeners []func(Notice)
	Samplers  []func(Sample)
	// TraceListeners are Listeners for what is to be seen in a trace: they get notices of
	// instances that have one, and none of the attempts of steps, which StepMiddleware sees.
	TraceListeners []func(Notice)

	StepMiddleware  []StepMiddleware  // around all bodies, the first one outermost
	StartMiddleware []StartMiddleware // around all starts, the first one outermost
	PollMiddleware  []PollMiddleware  // around all requests of Polls, the first one outermost
	EndMiddleware   []EndMiddleware   // for what follows an end, the first one outermost

	Probe *probe.Probe // for package wfetest alone
}

// Host owns a store and runs its instances. Register workflows first, then Start.
type Host struct {
	store     store.Store
	config    Config
	workflows []*host.Workflow
	names     map[string]string // names of steps and events to their Go types
	adopted   map[host.Version]bool
	bodies    StepFunc                  // Config.StepMiddleware
	asks      PollFunc                  // Config.PollMiddleware
	artifacts *artifacts                // nil: none
	inner     atomic.Pointer[host.Host] // nil before Start
}

var _ Client = (*Host)(nil)

// NewHost returns a host over st. It does nothing before Start.
func NewHost(st store.Store, c Config) *Host {
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return &Host{store: st, config: c, names: map[string]string{}, adopted: map[host.Version]bool{}, bodies: chain(c.StepMiddleware), asks: asks(poll.NewClient(c.PollAllow), c.Probe, c.PollMiddleware), artifacts: newArtifacts(c)}
}

// Register adds the workflows of one package, its steps and events, and the sets
// of other packages whose steps they use. Generated Register functions call it.
func (h *Host) Register(own StepSet, others []StepSet, workflows ...workflowType) error {
	return h.register("registering package "+own.pkg, own, others, workflows...)
}

func (h *Host) register(doing string, own StepSet, others []StepSet, workflows ...workflowType) error {
	if h.inner.Load() != nil {
		return errors.New("wfe: register workflows before the host is started")
	}
	t, err := newTypes(own, others)
	if err != nil {
		return fmt.Errorf("wfe: %s: %w", doing, err)
	}
	if err := h.claim(t); err != nil {
		return fmt.Errorf("wfe: %s: %w", doing, err)
	}
	if err := t.probed(h.config.Probe); err != nil {
		return fmt.Errorf("wfe: %s: %w", doing, err)
	}
	for _, w := range workflows {
		c, err := w.compile(t, surroundings{h.config.Logger, t, h.bodies, h.asks, h.artifacts})
		if err != nil {
			return fmt.Errorf("wfe: %s: %w", doing, err)
		}
		d := c.Definition
		if h.find(d.Name, d.Version) != nil {
			return fmt.Errorf("wfe: %s: workflow %s version %d is registered already", doing, d.Name, d.Version)
		}
		h.workflows = append(h.workflows, c)
	}
	return nil
}

// Adopt lets the present code of a registered workflow run for instances that
// began on other code and are blocked for that. Whoever says so has made sure that
// the new conditions and bindings are right for what these instances have done so
// far. It does not help where nodes were added, removed or changed. Call it after
// Register and before Start, in each program until those instances have ended.
func (h *Host) Adopt(workflow string, version int) error {
	if h.inner.Load() != nil {
		return errors.New("wfe: adopt workflows before the host is started")
	}
	w := h.find(workflow, version)
	if w == nil || version == 0 {
		return fmt.Errorf("wfe: adopting workflow %s version %d: %w; registered are: %s", workflow, version, ErrNotRegistered, h.list())
	}
	h.adopted[host.VersionOf(w.Definition)] = true
	return nil
}

// claim refuses two Go types of one name in one host.
func (h *Host) claim(t *types) error {
	one := func(what, name, typ string) error {
		if other, ok := h.names[what+name]; ok && other != typ {
			return fmt.Errorf("two types are the %s %q: %s and %s; give one of them another name, by name= in its directive or by As", what, name, other, typ)
		}
		h.names[what+name] = typ
		return nil
	}
	var errs []error
	for typ, s := range t.steps {
		errs = append(errs, one("step ", s.name, typ.PkgPath()+"."+typ.String()))
	}
	for typ, e := range t.events {
		errs = append(errs, one("event ", e.name, typ.PkgPath()+"."+typ.Name()))
	}
	return errors.Join(errs...)
}

// find returns the registered workflow of that name and version, the newest for
// version 0; nil if there is none.
func (h *Host) find(name string, version int) *host.Workflow {
	var found *host.Workflow
	for _, w := range h.workflows {
		d := w.Definition
		if d.Name == name && (d.Version == version || version == 0 && (found == nil || d.Version > found.Definition.Version)) {
			found = w
		}
	}
	return found
}

// Start waits until this host owns its store, recovers what is unfinished, and
// returns. While another process owns the store it is a standby, and its logger
// says so. A host starts once.
func (h *Host) Start(ctx context.Context) error {
	if err := h.checkChildren(); err != nil {
		return err
	}
	c := h.config
	inner := host.New(host.Config{Store: h.store, Serve: h.serve, About: about, Listeners: hostListeners(c.Listeners), TraceListeners: hostListeners(c.TraceListeners), Samplers: c.Samplers, Child: h.childStart(), Ended: h.afterEnd(), Owned: h.artifacts.owned(), Chores: h.chores(), NoHistory: c.NoHistory, Name: c.Name, Logger: c.Logger, Clock: c.Clock,
		Bodies: c.Bodies, Limits: c.Limits, Schedulers: c.Schedulers, MaxCrashes: c.MaxCrashes, Grace: c.Grace, Beat: c.Beat, Stale: c.Stale, Poll: c.Poll, Adopted: h.adopted}, h.workflows)
	if !h.inner.CompareAndSwap(nil, inner) {
		return errors.New("wfe: a host can be started only once")
	}
	return inner.Start(ctx)
}

// Stop ends the host gracefully: no new step starts, running bodies may end until
// ctx is done, then their contexts are cancelled. What did not end is run again by
// the next host. Stop gives up the store; it does not close it.
func (h *Host) Stop(ctx context.Context) error {
	inner := h.inner.Load()
	if inner == nil {
		return nil
	}
	return inner.Stop(ctx)
}

// Done is closed when the host has stopped or has lost its store; Err says which.
// Call it after Start; before, the channel is nil.
func (h *Host) Done() <-chan struct{} {
	inner := h.inner.Load()
	if inner == nil {
		return nil
	}
	return inner.Done()
}

// Err is why the host has ended by itself; nil while it runs and after Stop.
func (h *Host) Err() error {
	inner := h.inner.Load()
	if inner == nil {
		return nil
	}
	return inner.Err()
}

// Blocked lists the live instances that this host leaves alone, each with the reason:
// first those that it has met, by id, then the others of the store, in the order of
// their creation. It reads all that lives, page by page. That data cannot be read it
// knows of what it has met. An error ends the list.
func (h *Host) Blocked(ctx context.Context) iter.Seq2[*BlockedError, error] {
	return func(yield func(*BlockedError, error) bool) {
		inner := h.inner.Load()
		if inner == nil {
			return
		}
		for b, err := range inner.Blocked(ctx) {
			if err != nil {
				err = fmt.Errorf("wfe: listing blocked instances: %w", err)
			}
			if !yield(b, err) {
				return
			}
		}
	}
}

func (h *Host) blocked(ctx context.Context, id, hash string) (*BlockedError, error) {
	inner := h.inner.Load()
	if inner == nil {
		return nil, nil
	}
	return inner.BlockedBy(ctx, id, hash)
}

// Stats is what a host has done since its start, and what it has to do now.
type Stats = host.Stats

// WorkflowStats is what has become of the instances of a workflow.
type WorkflowStats = host.WorkflowStats

// Stats returns what the host has done since its start, and what it has to do now;
// nothing before Start. It is for once in some seconds: it looks at each instance in
// memory.
func (h *Host) Stats() Stats {
	inner := h.inner.Load()
	if inner == nil {
		return Stats{}
	}
	return inner.Stats()
}

func (h *Host) start(ctx context.Context, r startRequest) error {
	w := h.find(r.Workflow, r.Version)
	if w == nil {
		return fmt.Errorf("wfe: starting %q: workflow %s version %d: %w; registered are: %s", r.ID, r.Workflow, r.Version, ErrNotRegistered, h.list())
	}
	inner := h.inner.Load()
	if inner == nil {
		return ErrStopped
	}
	hash, err := r.hash()
	if err != nil {
		return fmt.Errorf("wfe: starting %q: its data: %w", r.ID, err)
	}
	return inner.StartInstance(ctx, host.Start{Workflow: w, ID: r.ID, Data: r.Data, Hash: hash,
		Reference: r.Reference, Unique: r.Unique, At: r.At, From: r.from})
}

func (h *Host) list() string {
	s := ""
	for i, w := range h.workflows {
		if i > 0 {
			s += ", "
		}
		s += fmt.Sprintf("%s version %d", w.Definition.Name, w.Definition.Version)
	}
	if s == "" {
		return "none"
	}
	return s
}

func (h *Host) publish(ctx context.Context, e store.Event) (instance.Seq, error) {
	inner := h.inner.Load()
	if inner == nil {
		return 0, ErrStopped
	}
	return inner.Publish(ctx, e)
}

func (h *Host) wait(ctx context.Context, id string) (*store.Row, error) {
	inner := h.inner.Load()
	if inner == nil {
		return nil, ErrStopped
	}
	return inner.Wait(ctx, id)
}

func (h *Host) purge(ctx context.Context, p store.Purge) (int, error) {
	inner := h.inner.Load()
	if inner == nil {
		return 0, ErrStopped
	}
	return inner.Purge(ctx, p, nil)
}

func (h *Host) reader() store.Reader { return h.store }

func (h *Host) load(ctx context.Context, id string) (*store.Row, error) { return h.store.Load(ctx, id) }

func (h *Host) definition(ctx context.Context, hash string) (*definition.Definition, error) {
	for _, w := range h.workflows {
		if w.Hash == hash {
			return w.Definition, nil
		}
	}
	return readDefinition(ctx, h.store, hash)
}

func (h *Host) newID() string { return rand.Text() }
