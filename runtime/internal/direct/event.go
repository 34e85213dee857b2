package direct

import (
	"fmt"
	"time"

	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/instance"
)

// Event is an event that is there when the run begins.
type Event struct {
	Name, Key string
	Payload   []byte
}

// Timeout has waits at a node time out.
type Timeout struct {
	Node string
	Used bool    // there was such a wait
	Held []Event // what it did not take: name and key
}

// Waiting is a wait for an event that nobody has given.
type Waiting struct{ Node, Event, Key string }

// Wait is a call that waits for an event.
type Wait struct {
	Node, Event, Key string
	Within           *time.Duration // nil for ever
	Take             func(payload []byte) error
	Retry            definition.RetryPolicy
	Cancel           Cancel
}

// Wait waits for an event, and reports whether it came.
func (r *Run) Wait(w Wait) (taken bool) {
	n := r.enter(w.Node)
	final := func(cause *instance.Failure) { r.final(cause, w.Retry.Then, nil) }
	r.cancellable(n, w.Cancel, final, func() {
		if err := definition.CheckName(w.Key); err != nil {
			final(r.failure(n.id, "", fmt.Sprintf("the key %q of event %s %v", w.Key, w.Event, err), 1))
			return
		}
		for attempt := 1; ; attempt++ {
			var payload []byte
			if payload, taken = r.await(n.id, w.Event, w.Key, w.Within); !taken {
				return
			}
			err := w.Take(payload)
			if err == nil {
				return
			}
			taken = false
			cause := r.failure(n.id, "", fmt.Sprintf("event %s, key %q: %v", w.Event, w.Key, err), attempt)
			if attempt > w.Retry.MaxRetries {
				final(cause)
				return
			}
			r.skip(w.Retry.Wait(attempt, 0))
		}
	})
	r.leave(n)
	return taken
}

// await takes the next event of a name and key. When there is none, or the test
// says so, the time that the wait has passes; a wait for ever ends the run.
func (r *Run) await(node, event, key string, within *time.Duration) (payload []byte, taken bool) {
	if within != nil && r.timesOut(node, event, key) {
		r.skip(*within)
		return nil, false
	}
	at := [2]string{event, key}
	if r.cursors == nil {
		r.cursors = map[[2]string]int{}
	}
	for i := r.cursors[at]; i < len(r.Events); i++ {
		if e := r.Events[i]; e.Name == event && e.Key == key {
			r.cursors[at] = i + 1
			return e.Payload, true
		}
	}
	if within == nil {
		r.stuck(Outcome{Stuck: fmt.Sprintf("node %s awaits event %s with key %q, and no event of that name and key is left", node, event, key),
			Waiting: &Waiting{node, event, key}})
	}
	r.skip(*within)
	return nil, false
}

func (r *Run) timesOut(node, event, key string) (is bool) {
	for _, t := range r.Timeouts {
		if IsNode(node, t.Node) {
			t.Used, is = true, true
			t.Held = append(t.Held, Event{Name: event, Key: key})
		}
	}
	return is
}
