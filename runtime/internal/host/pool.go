package host

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/wfegen/wfe/runtime/engine"
	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/internal/tracing"
)

// The causes with which the context of a body is cancelled.
var (
	errTimeout = errors.New("the step's timeout is over")
	errStop    = errors.New("the step is not needed any more: its saga is rolled back, or its instance has ended")
)

// pool runs bodies: a bounded number at a time, first in first out over
// instances, so that one with many branches does not keep the others waiting.
//
// Its goroutines are started when they are needed and end with the pool. A body
// that does not return when its context is cancelled loses its place after the
// grace; what it answers later is ignored. mu is taken before Host.mu.
type pool struct {
	h      *Host
	base   context.Context // of all bodies
	cancel context.CancelCauseFunc

	mu       sync.Mutex
	work     *sync.Cond       // of what is to start and closed; idle workers wait on it
	moved    *sync.Cond       // of active; drain waits on it
	queue    fair             // runs to start
	limits   map[string]*gate // by step; they hold runs back
	admitted []*run           // came through a gate, or have waited for a trial, and are the next to start
	runs     map[runKey]*run  // queued and running
	trials   trials           // of bodies that may be to blame for crashes
	workers  int
	idle     int  // workers that wait and were not called
	called   bool // a worker was called or started and has not arrived yet
	active   int  // bodies that run and have not lost their place
	leaked   int  // bodies that were left behind so far
	closed   bool
}

type runKey struct {
	a   *actor
	ptr instance.PtrID
}

// run is one run of a body.
type run struct {
	a       *actor
	call    Call
	began   bool
	parked  bool // its instance is suspended: it is not queued
	beside  bool // it begins beside others, though it is a suspect
	settled bool // its instance was told how it ended
	left    bool // it was left behind
	cancel  context.CancelCauseFunc
	leak    func() bool // stops the timer after which it loses its place
}

func newPool(h *Host) *pool {
	p := &pool{h: h, queue: newFair(), runs: map[runKey]*run{}}
	p.work, p.moved = sync.NewCond(&p.mu), sync.NewCond(&p.mu)
	p.base, p.cancel = context.WithCancelCause(context.Background())
	return p
}

// start queues a body. One that is queued, runs, or has just ended is not started
// again. Those of a suspended instance are parked.
func (p *pool) start(a *actor, r engine.Run) {
	p.mu.Lock()
	defer p.mu.Unlock()
	key := runKey{a, r.Ptr}
	suspended := a.state.Status == instance.Suspended
	n := p.runs[key]
	switch {
	case p.closed:
		return
	case n != nil && n.call.Gen == r.Gen:
		t := p.trials.turn
		probed := t != nil && t.r == n && n.call.Suspect && !r.Suspect
		if !n.parked && !probed || n.began {
			return
		}
		n.call.Run = r
		if probed {
			t.ready = true
			p.call()
			return
		}
	case !p.h.bodyWanted(a, r):
		return
	default:
		n = &run{a: a, call: Call{Run: r, Workflow: a.wf, Instance: a.id, Trace: a.state.Trace}}
		p.runs[key] = n
	}
	switch n.parked = suspended; {
	case suspended:
		return
	case r.Suspect:
		p.trials.waiting.push(n)
	default:
		p.queue.push(n)
	}
	p.call()
}

// wanted reports whether there are runs that no gate and no trial holds back. p.mu is held.
func (p *pool) wanted() bool {
	return len(p.admitted) > 0 || !p.queue.empty() || !p.trials.waiting.empty()
}

// call has one more worker come, unless one is on its way: that one calls the
// next. Bodies that end at once are so run by a few workers, and those that take
// long have as many as they need a moment later. p.mu is held.
func (p *pool) call() {
	p.yield()
	ready := p.trials.turn != nil && p.trials.turn.ready || !p.trials.hold() && p.wanted()
	switch {
	case p.called || !ready || p.closed:
	case p.idle > 0:
		p.idle--
		p.called = true
		p.work.Signal()
	case p.workers < p.h.Bodies:
		p.workers++
		p.called = true
		go p.worker()
	}
}

// stop ends a body that is not needed any more, and answers for one that never began.
func (p *pool) stop(a *actor, ptr instance.PtrID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := p.runs[runKey{a, ptr}]
	switch {
	case r == nil: // it was lost in a crash, or its answer is on its way
		return
	case r.began:
		r.cancel(errStop)
		p.loseLater(r)
		return
	}
	p.unqueue(r)
	p.settle(r, instance.Input{Kind: instance.StepStopped, Ptr: ptr, Gen: r.call.Gen, Unbegun: true})
}

// park takes the bodies of a suspended instance out of the queue. They are queued
// again when they are asked for again.
func (p *pool) park(a *actor) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, at := range a.state.Pointers {
		if r := p.runs[runKey{a, at.ID}]; r != nil && p.unqueue(r) {
			r.parked = true
		}
	}
}

// unqueue takes r from where it waits for its turn; false when it has had it. p.mu is held.
func (p *pool) unqueue(r *run) bool {
	if p.queue.remove(r) || p.trials.waiting.remove(r) || p.takeTurn(r) {
		return true
	}
	g := p.limits[r.step()]
	return g != nil && g.held.remove(r)
}

// worker runs bodies until the pool is closed or it has lost its place.
func (p *pool) worker() {
	p.mu.Lock()
	p.called = false
	for {
		r := p.next()
		p.mu.Unlock()
		if r == nil || !p.run(r) {
			return
		}
		p.mu.Lock()
	}
}

// next takes the run that is due, waiting for one. p.mu is held.
func (p *pool) next() *run {
	for {
		if p.closed {
			p.workers--
			return nil
		}
		if r := p.take(); r != nil {
			p.active++
			p.call()
			return r
		}
		p.idle++
		p.work.Wait()
		p.called = false
	}
}

// take returns the run that is to start now, nil when there is none.
func (p *pool) take() *run {
	for !p.trials.hold() {
		r := p.due()
		if r == nil || !r.call.Suspect || r.beside {
			return r
		}
		p.try(r)
	}
	return p.trials.begin()
}

// due takes the run that no gate holds back, suspects before others.
func (p *pool) due() *run {
	if len(p.admitted) > 0 {
		r := p.admitted[0]
		p.admitted = p.admitted[1:]
		return r
	}
	for {
		r := p.trials.waiting.pop()
		if r == nil {
			r = p.queue.pop()
		}
		if r == nil || p.admit(r) {
			return r
		}
	}
}

// settle tells r's instance how it ended. p.mu is held throughout, so that r is
// at any time either among the runs or in the mail of its instance.
func (p *pool) settle(r *run, in instance.Input) {
	r.settled = true
	if key := (runKey{r.a, r.call.Ptr}); p.runs[key] == r {
		delete(p.runs, key)
	}
	delete(p.trials.watched, r)
	p.h.bodyDone(r.a, letter{in: in, done: p.whenOver(r)})
}

// leave takes the place of a body that has ended, or was left behind. What became
// of it was posted before. p.mu is held.
func (p *pool) leave(r *run) {
	p.active--
	p.exit(r)
	p.probe()
	p.moved.Broadcast()
}

// loseLater lets r lose its place when it has not returned within the grace. p.mu is held.
func (p *pool) loseLater(r *run) {
	if r.leak != nil || r.settled {
		return
	}
	r.leak = p.h.Clock.AfterFunc(p.h.Grace, func() {
		p.mu.Lock()
		if r.settled {
			p.mu.Unlock()
			return
		}
		r.left = true
		p.leaked++
		p.trials.left++
		p.settle(r, r.input(Result{Err: &instance.StepError{Message: r.timeoutMessage()}}))
		p.leave(r)
		p.workers--
		p.call()
		p.mu.Unlock()
		node := r.call.Workflow.Definition.Nodes[r.call.Node].ID
		p.h.Logger.Warn("a body did not return when its context was cancelled; it is left behind",
			"instance", r.a.id, "node", node, "trace_id", tracing.ID(r.call.Trace), "grace", p.h.Grace)
	})
}

// drain waits until no body runs. When ctx is done first, bodies are cancelled
// and awaited for the grace.
func (p *pool) drain(ctx context.Context) error {
	defer context.AfterFunc(ctx, func() { p.cancel(ErrStopped); p.broadcast() })()
	late := false
	var stopGrace func() bool
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.active > 0 && !late {
		if p.base.Err() != nil && stopGrace == nil {
			stopGrace = p.h.Clock.AfterFunc(p.h.Grace, func() {
				p.mu.Lock()
				defer p.mu.Unlock()
				late = true
				p.moved.Broadcast()
			})
		}
		p.moved.Wait()
	}
	if stopGrace != nil {
		stopGrace()
	}
	p.closed = true
	p.closeGates()
	p.cancel(ErrStopped)
	p.work.Broadcast()
	if p.active > 0 {
		return fmt.Errorf("wfe: %d bodies did not return within %s; they are run again by the next host", p.active, p.h.Grace.Round(time.Millisecond))
	}
	return nil
}

func (p *pool) broadcast() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.moved.Broadcast()
}
