package host

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wfegen/wfe/runtime/engine"
	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/store"
)

// Config is how a host runs. The zero value of a field is its default.
type Config struct {
	Store  store.Store
	Clock  Clock        // default: SystemClock
	Logger *slog.Logger // default: discards
	Name   string       // of this host, for the standby's message; default: machine and process id

	// Serve does what a message of another process asks for; it hands m on to the
	// method that does it. text goes with the answer, where m does not end there.
	Serve func(ctx context.Context, m *Message) (text string, err error)
	// About returns the id of the instance that such a message is about.
	About func(store.Msg) string

	NoHistory bool // keep no records of what happens to instances

	Bodies         int                  // bodies that run at the same time; default 256
	Limits         map[string]StepLimit // by name of the step
	Listeners      []func(Notice)       // of what happens to instances
	Samplers       []func(Sample)       // of what the host does
	TraceListeners []func(Notice)       // of what happens to instances in a trace, but to steps

	// Child, if set, wraps the start of an instance that another one starts. An
	// error without a call of next refuses it.
	Child func(ctx context.Context, s Start, next func(context.Context) error) error
	// Owned, if set, is called when this host has become the owner, before anything
	// of it begins. An error gives the store back, and is that of Start.
	Owned  func(ctx context.Context, l store.Lease) error
	Chores []Chore // that are done while the host runs
	// Ended, if set, is called at least once after the end of each instance.
	Ended      func(ctx context.Context, id string) error
	Schedulers int           // goroutines that run transitions; default GOMAXPROCS
	MaxCrashes int           // crashes in a row for which one body may be to blame; default 10, below 0 is any number
	Grace      time.Duration // how long a body that was told to stop is awaited; default 10 s
	Beat       time.Duration // how often an idle owner proves that it lives; default 2 s
	Stale      time.Duration // no body starts when the last proof is older; default 5 s
	Poll       time.Duration // how often events and messages of other processes are looked for; default 20 ms

	Adopted map[Version]bool // workflows whose present code may run for instances that began on other code
}

func (c Config) withDefaults() Config {
	or := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	or(&c.Grace, 10*time.Second)
	or(&c.Beat, 2*time.Second)
	or(&c.Stale, 5*time.Second)
	or(&c.Poll, 20*time.Millisecond)
	if c.Clock == nil {
		c.Clock = SystemClock()
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Bodies == 0 {
		c.Bodies = 256
	}
	if c.MaxCrashes == 0 {
		c.MaxCrashes = 10
	}
	if c.Schedulers == 0 {
		c.Schedulers = runtime.GOMAXPROCS(0)
	}
	if c.Name == "" {
		name, _ := os.Hostname()
		c.Name = fmt.Sprintf("%s/%d", name, os.Getpid())
	}
	return c
}

// Host runs the instances of the store that it owns.
type Host struct {
	Config
	workflows map[string]*Workflow            // by hash of the definition
	alike     sync.Map                        // hash of an older definition to its alike
	programs  []map[*Workflow]*engine.Program // by scheduler

	lease   store.Lease
	queue   *queue
	spares  sync.Pool // of *pending: transitions that are over
	pool    *pool
	notices *listeners // nil before it owns the store, as samples are
	traced  *listeners
	samples *samples
	tally   tally
	timers  *timers
	events  *events
	inbox   *inbox
	acks    chan acked
	life    context.Context // ends when the host stops or has lost its store
	end     context.CancelCauseFunc
	service sync.WaitGroup // all goroutines but bodies
	started chan struct{}  // closed when Start has returned
	gone    chan struct{}  // closed when shutdown is through

	mu        sync.Mutex // guards what follows
	state     state
	actors    map[string]*actor
	ready     []*actor
	wake      *sync.Cond // of ready
	ending    bool       // shutdown has begun
	busy      int        // actors that are busy
	waiters   map[string][]chan<- waited
	blocked   map[string]*BlockedError
	lastSync  time.Duration // clock.Since of the last durable commit
	fresh     atomic.Int64  // clock.Since until which bodies may start without a look at lastSync and state; 0 is none
	fails     int           // commits in a row that failed
	taken     atomic.Uint64 // batches that the committer took
	committed atomic.Uint64 // items of batches that are durable
	synced    *sync.Cond    // of lastSync, busy and state
}

type state uint8

const (
	idle state = iota
	starting
	running
	draining // no new body starts
	stopped
)

// New makes a host for the given workflows. Start makes it run.
func New(c Config, workflows []*Workflow) *Host {
	h := &Host{
		Config:    c.withDefaults(),
		workflows: map[string]*Workflow{},
		actors:    map[string]*actor{},
		waiters:   map[string][]chan<- waited{},
		blocked:   map[string]*BlockedError{},
		tally:     tally{of: map[Version]*WorkflowStats{}},
		acks:      make(chan acked, 4),
		started:   make(chan struct{}),
		gone:      make(chan struct{}),
	}
	h.wake, h.synced = sync.NewCond(&h.mu), sync.NewCond(&h.mu)
	for _, w := range workflows {
		h.workflows[w.Hash] = w
	}
	h.queue = newQueue(h.Clock)
	h.pool = newPool(h)
	h.timers = newTimers(h)
	h.events = newEvents(h)
	h.inbox = newInbox(h)
	h.life, h.end = context.WithCancelCause(context.Background())
	return h
}

// Start waits until this host owns the store, recovers what was unfinished, and
// returns. A host starts once. After an error there is nothing left to stop.
func (h *Host) Start(ctx context.Context) error {
	h.mu.Lock()
	if h.state != idle {
		h.mu.Unlock()
		return errors.New("wfe: a host can be started only once")
	}
	h.state = starting
	h.mu.Unlock()
	defer close(h.started)

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(h.life, cancel)() // Stop, or the loss of the store, ends it
	err := h.begin(ctx)
	if err == nil && h.toRunning() {
		return nil
	}
	if cause := context.Cause(h.life); cause != nil {
		err = cause
	}
	h.end(err)
	cancel() // bodies that run already are not waited for
	return errors.Join(err, h.shutdown(ctx))
}

// begin takes the store and starts all that the host does.
func (h *Host) begin(ctx context.Context) error {
	if err := h.bind(); err != nil {
		return err
	}
	limits, err := h.pool.gates()
	if err != nil {
		return err
	}
	h.pool.limits = limits
	lease, err := h.Store.Acquire(ctx, h.Name, func(owner string) {
		h.Logger.Info("standby: another process owns the store; this one takes over when it ends", "owner", owner)
	})
	if err != nil {
		return fmt.Errorf("wfe: taking ownership of the store: %w", err)
	}
	h.lease = lease
	h.mu.Lock()
	h.listening()
	h.mu.Unlock()
	h.Logger.Info("owning the store", "host", h.Name, "epoch", lease.Epoch)
	if h.Owned != nil {
		if err := h.Owned(ctx, lease); err != nil {
			return err
		}
	}
	h.synchronised()
	h.service.Go(h.commitLoop)
	h.service.Go(h.ackLoop)
	for i := range h.Schedulers {
		h.service.Go(func() { h.schedule(i) })
	}
	if err := h.recover(ctx); err != nil {
		return err
	}
	h.service.Go(h.timers.loop)
	h.service.Go(h.events.loop)
	h.service.Go(h.inbox.loop)
	for _, c := range h.Chores {
		h.service.Go(func() { h.chore(c) })
	}
	return nil
}

// toRunning lets calls in; false when the host was ended in the meantime.
func (h *Host) toRunning() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.state != starting || h.life.Err() != nil {
		return false
	}
	h.state = running
	return true
}

// Done is closed when the host has stopped or has lost its store; Err says why.
func (h *Host) Done() <-chan struct{} { return h.life.Done() }

// Err is nil while the host runs and after Stop.
func (h *Host) Err() error {
	if err := context.Cause(h.life); err != nil && !errors.Is(err, ErrStopped) {
		return err
	}
	return nil
}

// Stop ends the host gracefully: no new body starts, those that run may end until
// ctx is done, then their contexts are cancelled and they are awaited for the
// grace. What did not end is run again by the next host. A Start that is under way
// is ended. When Stop has returned, nothing of the host is left but bodies that
// ignore their contexts.
func (h *Host) Stop(ctx context.Context) error {
	h.mu.Lock()
	was := h.state
	if was == idle {
		h.state = stopped
	}
	h.mu.Unlock()
	switch was {
	case idle:
		h.end(ErrStopped)
		return nil
	case starting:
		h.end(ErrStopped)
	}
	<-h.started
	return h.shutdown(ctx)
}

// shutdown ends what begin began, once; a second call waits for the first.
func (h *Host) shutdown(ctx context.Context) (err error) {
	h.mu.Lock()
	first := !h.ending
	h.ending = true
	if h.state < draining {
		h.state = draining
	}
	h.fresh.Store(0)
	h.synced.Broadcast()
	h.mu.Unlock()
	if !first {
		<-h.gone
		return nil
	}
	defer close(h.gone)
	err = h.pool.drain(ctx)
	h.quiesce(ctx)
	h.stopWith(ErrStopped)
	h.service.Wait()
	if h.lease.Epoch != 0 && !errors.Is(h.Err(), store.ErrFenced) && !errors.Is(h.Err(), store.ErrLost) {
		if e := h.Store.Release(context.WithoutCancel(ctx), h.lease); e != nil {
			err = errors.Join(err, fmt.Errorf("wfe: releasing the store: %w", e))
		}
	}
	h.notices.close(ctx)
	h.traced.close(ctx)
	h.samples.close(ctx)
	return err
}

// quiesce waits until no transition is under way and all is acknowledged. When
// the store cannot be written it waits only until ctx is done.
func (h *Host) quiesce(ctx context.Context) {
	defer context.AfterFunc(ctx, func() {
		h.mu.Lock()
		h.synced.Broadcast()
		h.mu.Unlock()
		h.queue.nudge()
	})()
	hopeless := func() bool { return h.state == stopped || h.fails > 0 && ctx.Err() != nil }
	h.mu.Lock()
	for h.busy > 0 && !hopeless() {
		h.synced.Wait()
	}
	h.mu.Unlock()
	h.queue.drain(func() bool {
		h.mu.Lock()
		defer h.mu.Unlock()
		return hopeless()
	})
}

// stopWith ends all that the host does, at once.
func (h *Host) stopWith(cause error) {
	h.end(cause)
	h.queue.close()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.state = stopped
	h.fresh.Store(0)
	h.wake.Broadcast()
	h.synced.Broadcast()
}

// check returns why the host takes no calls at the moment.
func (h *Host) check() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.state == stopped && h.Err() != nil:
		return h.Err()
	case h.state != running:
		return ErrStopped
	case h.fails >= unhealthy:
		return ErrUnhealthy
	}
	return nil
}

// recover makes every unfinished instance with bodies to run go on, and stores
// the definitions that this host registers.
func (h *Host) recover(ctx context.Context) error {
	h.queue.put(h.dropReplies()) // before bodies run: this commit says nothing of them
	var last *pending
	for _, w := range sortedWorkflows(h.workflows) {
		last = &pending{item: store.Item{Definition: &store.Definition{
			Hash: w.Hash, Name: w.Definition.Name, Version: w.Definition.Version, Body: w.Body}}, done: make(chan store.Outcome, 1)}
		h.queue.put(last)
	}
	if last != nil {
		if _, err := await(ctx, h, last.done); err != nil {
			return fmt.Errorf("wfe: storing the definitions: %w", err)
		}
	}
	l := letter{in: instance.Input{Kind: instance.Recovered}}
	if h.lease.Crashed {
		l.in.Kind = instance.Crashed
		if h.MaxCrashes > 0 {
			l.done = func(bool, error) { h.pool.asked() }
			h.Clock.AfterFunc(trial, h.pool.hurry)
			h.pool.askFirst(1)
			defer h.pool.asked()
		}
	}
	const page = 1000
	for after := int64(0); ; {
		keys, err := h.Store.Ready(ctx, after, page)
		if err != nil {
			return fmt.Errorf("wfe: reading what is unfinished: %w", err)
		}
		if l.done != nil {
			h.pool.askFirst(len(keys))
		}
		for _, k := range keys {
			h.post(k.ID, l)
			after = k.K
		}
		if len(keys) < page {
			break
		}
	}
	return nil
}
