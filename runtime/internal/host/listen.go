package host

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

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

// SampleKind is the sort of a Sample.
type SampleKind uint8

// The kinds of samples.
const (
	SampleCommit SampleKind = iota + 1 // N items were committed; Took is how long that was
	SampleTimers                       // N timers fired together; Took is how late the first of them was
)

// Sample is a measurement of what a host does.
type Sample struct {
	Kind SampleKind
	N    int
	Took time.Duration
}

// room is how many values may wait for a listener.
const room = 4096

// listeners hand values on, each listener in a goroutine of its own, in order. One
// that does not keep up misses some; one that panics goes on with the next.
type listeners[T any] struct {
	h      *Host
	of     func(T) []any // what a line of the log says of a value
	all    []*listener[T]
	done   sync.WaitGroup
	missed atomic.Uint64 // by all of them
}

type listener[T any] struct {
	f      func(T)
	values chan T
	missed uint64 // since the last one that it got; of notices, which one goroutine sends
}

// listen starts the goroutines.
func listen[T any](h *Host, fs []func(T), of func(T) []any) *listeners[T] {
	l := &listeners[T]{h: h, of: of}
	for _, f := range fs {
		one := &listener[T]{f: f, values: make(chan T, room)}
		l.all = append(l.all, one)
		l.done.Go(func() {
			for v := range one.values {
				l.tell(one, v)
			}
		})
	}
	return l
}

func (l *listeners[T]) tell(to *listener[T], value T) {
	defer func() {
		if v := recover(); v != nil {
			l.h.Logger.Error("a listener panicked", append(l.of(value), "error", fmt.Sprint(v), "stack", string(debug.Stack()))...)
		}
	}()
	to.f(value)
}

// offer is false when a listener is too slow for the value.
func (l *listeners[T]) offer(to *listener[T], value T) bool {
	select {
	case to.values <- value:
		return true
	default:
		l.missed.Add(1)
		return false
	}
}

// listening starts what Config listens with.
func (h *Host) listening() {
	h.notices = listen(h, h.Listeners, func(n Notice) []any {
		return []any{"instance", n.Instance, "trace_id", tracing.ID(n.Trace)}
	})
	h.traced = listen(h, h.TraceListeners, h.notices.of)
	h.samples = listen(h, h.Samplers, func(Sample) []any { return nil })
}

// notify hands on the records of a transition. Only acks call it.
func (h *Host) notify(a *actor, records []instance.Record) {
	for _, to := range h.notices.all {
		for i := range records {
			notify(h.notices, to, a, &records[i])
		}
	}
	if a.state.Trace == nil {
		return
	}
	for _, to := range h.traced.all {
		for i := range records {
			if !attempt(a, &records[i]) {
				notify(h.traced, to, a, &records[i])
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

// notify tells a listener of a record, and how many it has missed before.
func notify(l *listeners[Notice], to *listener[Notice], a *actor, r *instance.Record) {
	if l.offer(to, Notice{a.wf, a.id, *r, a.state.Created, a.state.Trace, to.missed}) {
		to.missed = 0
	} else {
		to.missed++
	}
}

// sample hands on a measurement.
func (h *Host) sample(s Sample) {
	if len(h.Samplers) == 0 {
		return
	}
	for _, to := range h.samples.all {
		h.samples.offer(to, s)
	}
}

// close lets the listeners hear the rest, until ctx is done and the grace is over.
func (l *listeners[T]) close(ctx context.Context) {
	if l == nil { // the host never had a store
		return
	}
	heard := make(chan struct{})
	for _, to := range l.all {
		close(to.values)
	}
	go func() {
		l.done.Wait()
		close(heard)
	}()
	select {
	case <-heard:
		return
	case <-ctx.Done():
	}
	late := make(chan struct{})
	stop := l.h.Clock.AfterFunc(l.h.Grace, func() { close(late) })
	defer stop()
	select {
	case <-heard:
	case <-late:
		l.h.Logger.Warn("a listener did not return; it is left behind", "grace", l.h.Grace)
	}
}
