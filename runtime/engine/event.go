package engine

import (
	"fmt"

	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/primitives"
)

// Who takes an event. docs/semantics.md, "Events".

// after returns the number above which p takes events.
func (m *machine) after(p *instance.Pointer) instance.Seq {
	if p.Since != 0 {
		return m.s.Taken(p.Event, p.Key)
	}
	return m.s.Cursor(p.Event, p.Key)
}

// mayTake reports whether p waits for the event, or the signal, of an input.
func (m *machine) mayTake(p *instance.Pointer, in instance.Input) bool {
	if p.Status != instance.Waiting || p.Held {
		return false
	}
	if in.Signal != "" {
		return p.Event == in.Signal && in.Seq > m.s.Cursor(in.Signal, instance.Signals)
	}
	return in.Seq > m.after(p) && (p.Since == 0 || in.At >= p.Since)
}

// inLine returns the oldest pointer that may take an event that was offered to p:
// p itself, or another one with its name and key. A signal has no p.
func (m *machine) inLine(in instance.Input, p *instance.Pointer) *instance.Pointer {
	for _, q := range m.s.Pointers {
		if (p == nil || m.together(p, q)) && m.mayTake(q, in) {
			return q
		}
	}
	return nil
}

// together reports whether two waits are for events of one name and key.
func (m *machine) together(p, q *instance.Pointer) bool {
	return p.Event == q.Event && p.Key == q.Key
}

// claim records that p takes an event. The wait next in line is set again, since
// events that it may take now may have been offered, and not taken, before.
func (m *machine) claim(p *instance.Pointer, in instance.Input) {
	name, key := p.Event, p.Key
	if in.Signal != "" {
		key = instance.Signals
	}
	m.s.Take(name, key, in.Seq)
	m.fx.Took = append(m.fx.Took, Took{Seq: in.Seq})
	for _, q := range m.s.Pointers {
		if q != p && q.Status == instance.Waiting && !q.Held && q.Event == name && (in.Signal != "" || q.Key == key) {
			m.setWait(q)
			return
		}
	}
}

// take hands an event to the pointer that gets it. One whose payload does not
// fit stays taken, and the wait has failed.
func (m *machine) take(p *instance.Pointer, in instance.Input) {
	name, key := p.Event, p.Key
	what := fmt.Sprintf("event %s, key %q, number %d", name, key, in.Seq)
	if in.Signal != "" {
		key, what = instance.Signals, fmt.Sprintf("signal %s, number %d", name, in.Seq)
	}
	m.forget(p)
	m.log(p, instance.Record{Kind: instance.RecordEventTaken, Text: name, Key: key, Seq: in.Seq, Trace: in.Trace})
	if err := m.accept(p, in.Payload); err != nil {
		m.fx.Took = append(m.fx.Took, Took{Seq: in.Seq, Failed: true})
		m.failed(p, &instance.StepError{Message: fmt.Sprintf("%s: %v", what, err)})
	}
}

// accept hands a payload to the node of p, or has the step there run again with it.
func (m *machine) accept(p *instance.Pointer, payload []byte) error {
	if !m.isStep(p) {
		if l, ok := m.behaviour(p).(primitives.Listener); ok {
			return l.Take(m, p, payload)
		}
		return nil
	}
	if err := guard(func() error { return m.Code.Fits(p.Event, payload) }); err != nil {
		m.unwait(p)
		return err
	}
	p.Taken, p.Payload = true, payload
	m.run(p)
	return nil
}

// waitAgain has the step of p run again when the event is there that its body
// waits for.
func (m *machine) waitAgain(p *instance.Pointer, in instance.Input) {
	if err := definition.CheckName(in.Key); err != nil {
		m.Fault(p, fmt.Errorf("it waits for event %s, whose key %w", in.Event, err))
		return
	}
	m.Wait(p, in.Event, in.Key, in.Until)
}

// unwait forgets what the step of p has waited for.
func (m *machine) unwait(p *instance.Pointer) {
	p.Event, p.Key, p.Taken, p.Payload = "", "", false, nil
}
