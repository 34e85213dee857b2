package host

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/internal/tracing"
)

// Notice tells a listener what has happened to an instance, and is durable.
type Notice struct {
	Workflow *Workflow
	Instance string
	Record   instance.Record
	Began    instance.Instant
	Trace    []byte // in which the instance was started
	Missed   uint64 // notices before this one that the listener was too slow for
}

// room is how many notices, or samples, may wait for a listener.
const room = 4096

// listeners hand notices on, each listener in a goroutine of its own, in order. One
// that does not keep up misses some; one that panics goes on with the next.
type listeners struct {
	h      *Host
	all    []*listener
	done   sync.WaitGroup
	missed atomic.Uint64 // by all of them
}

type listener struct {
	f       func(Notice)
	notices chan Notice
	missed  uint64 // since the last one that it got
}

// listen starts the goroutines.
func listen(h *Host, fs []func(Notice)) *listeners {
	l := &listeners{h: h}
	for _, f := range fs {
		one := &listener{f: f, notices: make(chan Notice, room)}
		l.all = append(l.all, one)
		l.done.Go(func() {
			for n := range one.notices {
				h.hear(one.f, n)
			}
		})
	}
	return l
}

// hear calls a listener.
func (h *Host) hear(f func(Notice), n Notice) {
	defer func() {
		if v := recover(); v != nil {
			h.deaf(v, "instance", n.Instance, "trace_id", tracing.ID(n.Trace))
		}
	}()
	f(n)
}

// deaf logs the panic of a listener.
func (h *Host) deaf(panicked any, of ...any) {
	h.Logger.Error("a listener panicked", append(of, "error", fmt.Sprint(panicked), "stack", string(debug.Stack()))...)
}

// listening starts what Config listens with.
func (h *Host) listening() {
	h.notices, h.traced, h.samples = listen(h, h.Listeners), listen(h, h.TraceListeners), newSamples(h)
}

// notify hands on the records of a transition. Only acks call it.
func (h *Host) notify(a *actor, records []instance.Record) {
	for _, to := range h.notices.all {
		for i := range records {
			h.notices.offer(to, a, &records[i])
		}
	}
	if a.state.Trace == nil {
		return
	}
	for _, to := range h.traced.all {
		for i := range records {
			if !attempt(a, &records[i]) {
				h.traced.offer(to, a, &records[i])
			}
		}
	}
}

// attempt reports whether a record is of an attempt of a step.
func attempt(a *actor, r *instance.Record) bool {
	switch r.Kind {
	case instance.RecordStepStarted, instance.RecordUndoStarted, instance.RecordStepCompleted, instance.RecordStepPaused, instance.RecordUndone:
		return true
	case instance.RecordStepFailed:
		return a.wf.Definition.Nodes[r.Node].Step != ""
	}
	return false
}

// offer tells a listener of a record, and how many it has missed before; one that is
// too slow misses this too.
func (l *listeners) offer(to *listener, a *actor, r *instance.Record) {
	select {
	case to.notices <- Notice{a.wf, a.id, *r, a.state.Created, a.state.Trace, to.missed}:
		to.missed = 0
	default:
		to.missed++
		l.missed.Add(1)
	}
}

// close lets the listeners hear the rest, until ctx is done and the grace is over.
func (l *listeners) close(ctx context.Context) {
	if l == nil { // the host never had a store
		return
	}
	for _, to := range l.all {
		close(to.notices)
	}
	l.h.allHeard(ctx, &l.done)
}

// allHeard waits for the goroutines of listeners, until ctx is done and the grace is over.
func (h *Host) allHeard(ctx context.Context, all *sync.WaitGroup) {
	heard := make(chan struct{})
	go func() {
		all.Wait()
		close(heard)
	}()
	select {
	case <-heard:
		return
	case <-ctx.Done():
	}
	late := make(chan struct{})
	stop := h.Clock.AfterFunc(h.Grace, func() { close(late) })
	defer stop()
	select {
	case <-heard:
	case <-late:
		h.Logger.Warn("a listener did not return; it is left behind", "grace", h.Grace)
	}
}
