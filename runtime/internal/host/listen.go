package host

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"

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

// room is how many notices may wait for a listener.
const room = 4096

// listeners hand notices on, each listener in a goroutine of its own, in order. One
// that does not keep up misses some; one that panics goes on with the next.
type listeners struct {
	h    *Host
	all  []*listener
	done sync.WaitGroup
}

type listener struct {
	f      func(Notice)
	notes  chan Notice
	missed uint64
}

// listen starts the goroutines.
func (h *Host) listen() *listeners {
	l := &listeners{h: h}
	for _, f := range h.Listeners {
		one := &listener{f: f, notes: make(chan Notice, room)}
		l.all = append(l.all, one)
		l.done.Go(func() {
			for n := range one.notes {
				l.tell(one, n)
			}
		})
	}
	return l
}

func (l *listeners) tell(to *listener, n Notice) {
	defer func() {
		if v := recover(); v != nil {
			l.h.Logger.Error("a listener panicked", "instance", n.Instance, "trace_id", tracing.ID(n.Trace), "error", fmt.Sprint(v), "stack", string(debug.Stack()))
		}
	}()
	to.f(n)
}

// notify hands on the records of a transition. Only acks call it.
func (l *listeners) notify(a *actor, records []instance.Record) {
	for _, to := range l.all {
		for _, r := range records {
			select {
			case to.notes <- Notice{a.wf, a.id, r, a.state.Created, a.state.Trace, to.missed}:
				to.missed = 0
			default:
				to.missed++
			}
		}
	}
}

// close lets the listeners hear the rest, until ctx is done and the grace is over.
func (l *listeners) close(ctx context.Context) {
	if l == nil { // the host never had a store
		return
	}
	heard := make(chan struct{})
	for _, to := range l.all {
		close(to.notes)
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
