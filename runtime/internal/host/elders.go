package host

import (
	"errors"
	"fmt"

	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/store"
)

// eventsBefore appends to into what an instance is to take before an input.
//
// Before an event that is offered to a wait come those of its name and key that
// are older: one may be on its way to a wait that was just set. The same goes for
// signals. Before the timeout of a wait come the events and signals for it, if one
// became visible at or before its deadline. looked is false when there is no such
// wait.
func (h *Host) eventsBefore(a *actor, in *instance.Input, into []instance.Input) (_ []instance.Input, looked bool, err error) {
	switch in.Kind {
	case instance.EventOffered, instance.TimerDue:
	default:
		return into, false, nil
	}
	if in.Signal != "" {
		into, err = h.inLine(a, h.signals(a, in.Signal), in.Seq, into)
		return into, true, err
	}
	p := a.state.Pointer(in.Ptr)
	if p == nil || p.Gen != in.Gen || p.Status != instance.Waiting {
		return into, false, nil
	}
	lines := []line{h.topic(a, p)}
	if in.Kind == instance.TimerDue {
		h.events.reveal(p.Due)
		h.queue.published()
		lines = append(lines, h.signals(a, p.Event))
		if lines, err = h.inTime(a, lines, p); err != nil {
			return nil, false, err
		}
	}
	for _, l := range lines {
		if into, err = h.inLine(a, l, in.Seq, into); err != nil {
			return nil, false, err
		}
	}
	return into, true, nil
}

// line is what some waits of an instance are for, the oldest first: each takes one
// event at most.
type line struct {
	store.Match
	waits []*instance.Pointer
}

// topic returns the line for the events that p waits for.
func (h *Host) topic(a *actor, p *instance.Pointer) line {
	return line{store.Match{Name: p.Event, Key: p.Key, After: a.state.Taken(p.Event, p.Key)}, waiting(a, func(q *instance.Pointer) bool {
		return q.Key == p.Key && q.Event == p.Event
	})}
}

// signals returns the line for the signals of a name.
func (h *Host) signals(a *actor, name string) line {
	m := store.Match{Name: name, Key: a.id, Signal: true, After: a.state.Cursor(name, instance.Signals)}
	return line{m, waiting(a, func(q *instance.Pointer) bool { return q.Event == name })}
}

func waiting(a *actor, wanted func(*instance.Pointer) bool) (waits []*instance.Pointer) {
	for _, q := range a.state.Pointers {
		if q.Status == instance.Waiting && !q.Held && wanted(q) {
			waits = append(waits, q)
		}
	}
	return waits
}

// of returns what q, in the line, takes.
func (l line) of(a *actor, q *instance.Pointer) store.Match {
	m := l.Match
	switch {
	case m.Signal:
	case q.Since != 0:
		m.Since = q.Since
	default:
		m.After = max(m.After, a.state.Born)
	}
	return m
}

// inTime returns those of the lines in which there is something for p that became
// visible at or before its deadline.
func (h *Host) inTime(a *actor, lines []line, p *instance.Pointer) ([]line, error) {
	var found []line
	for _, l := range lines {
		m := l.of(a, p)
		m.Until = p.Due
		_, err := h.Store.Match(h.life, m)
		switch {
		case err == nil:
			found = append(found, l)
		case !errors.Is(err, store.ErrNotFound):
			return nil, unmatched(m, err)
		}
	}
	return found, nil
}

// inLine appends the offers to a line; those of number below or higher, if that is
// set, are left out.
func (h *Host) inLine(a *actor, l line, below instance.Seq, into []instance.Input) ([]instance.Input, error) {
	for _, q := range l.waits {
		m := l.of(a, q)
		ev, err := h.Store.Match(h.life, m)
		switch {
		case errors.Is(err, store.ErrNotFound) && q.Since != 0:
			continue // another one may begin earlier
		case errors.Is(err, store.ErrNotFound):
			return into, nil
		case err != nil:
			return nil, unmatched(m, err)
		case below != 0 && ev.Seq >= below:
			return into, nil
		}
		into = append(into, offer(ev, q.ID, q.Gen))
		l.After = ev.Seq
	}
	return into, nil
}

func unmatched(m store.Match, err error) error {
	return fmt.Errorf("wfe: reading the events %s with key %q: %w", m.Name, m.Key, err)
}
