package engine

import (
	"fmt"

	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/primitives"
)

// apply takes one input.
func (m *machine) apply(in instance.Input) {
	switch in.Kind {
	case instance.Started:
		m.start(in)
		return
	case instance.Resume:
		m.resume()
		return
	case instance.Recovered:
		m.recovered()
		return
	}
	p := m.s.Pointer(in.Ptr)
	if p == nil || p.Gen != in.Gen || p.Held {
		return
	}
	m.fx.Changed = true
	if m.s.Status == instance.Suspended {
		m.hold(p, in)
		return
	}
	m.deliver(p, in)
}

// deliver hands an input to the pointer that awaits it.
func (m *machine) deliver(p *instance.Pointer, in instance.Input) {
	switch in.Kind {
	case instance.StepDone:
		switch p.Status {
		case instance.Running:
			m.done(p, in)
		case instance.Stopping:
			m.stoppedDone(p, in)
		}
	case instance.StepFailed:
		switch p.Status {
		case instance.Running:
			m.failed(p, in.Err)
		case instance.Stopping:
			m.stopped(p, true)
		}
	case instance.StepStopped:
		if p.Status == instance.Stopping {
			m.stopped(p, !in.Unbegun)
		}
	case instance.TimerDue:
		m.due(p)
	case instance.EventOffered:
		if p.Status == instance.Waiting {
			m.take(p, in)
		}
	default:
		m.err = fmt.Errorf("unknown input of kind %d", in.Kind)
	}
}

func (m *machine) start(in instance.Input) {
	m.fx.Changed = true
	m.s.Data = in.Payload
	m.s.Created = in.At
	if m.err = m.reload(); m.err != nil {
		m.err = fmt.Errorf("decoding the data that it is started with: %w", m.err)
		return
	}
	if m.Definition.First == definition.None {
		m.finish(instance.Complete)
		return
	}
	p := m.spawn(&instance.Pointer{Node: m.Definition.First})
	m.queue = append(m.queue, task{p, false})
}

// due is called when a pointer's timer has fired.
func (m *machine) due(p *instance.Pointer) {
	switch p.Status {
	case instance.Stopping:
		m.stopped(p, true)
	case instance.Retrying:
		m.retry(p)
	case instance.Open:
		if p.Phase == instance.Pausing {
			m.again(p)
		}
	case instance.Sleeping, instance.Waiting:
		if m.Node(p).Kind == definition.Step {
			m.run(p)
			return
		}
		b, err := primitives.For(m.Node(p).Kind)
		if err != nil {
			m.err = err
			return
		}
		if t, ok := b.(primitives.Timed); ok {
			m.forget(p)
			p.Status = 0
			t.Due(m, p)
		}
	}
}

// take hands an event to the pointer that waits for it. An event is taken at
// most once; one whose payload does not fit is taken too, and the wait has failed.
func (m *machine) take(p *instance.Pointer, in instance.Input) {
	name := m.Node(p).Event
	if in.Seq <= m.s.Cursor(name, p.Key) {
		return
	}
	b, err := primitives.For(m.Node(p).Kind)
	if err != nil {
		m.err = err
		return
	}
	l, ok := b.(primitives.Listener)
	if !ok {
		m.err = fmt.Errorf("node %s takes no event", m.Node(p).ID)
		return
	}
	m.s.Take(name, p.Key, in.Seq)
	m.forget(p)
	p.Status = 0
	if err := l.Take(m, p, in.Payload); err != nil && m.err == nil {
		m.failed(p, &instance.StepError{Message: fmt.Sprintf("event %s, key %q, number %d: %v", name, p.Key, in.Seq, err)})
	}
}

// hold keeps an input that comes while the instance is suspended. The pointer
// has taken it: another one like it is stale.
func (m *machine) hold(p *instance.Pointer, in instance.Input) {
	switch in.Kind {
	case instance.EventOffered:
		name := m.Node(p).Event
		if p.Status != instance.Waiting || in.Seq <= m.s.Cursor(name, p.Key) {
			return
		}
		m.fx.Waits = append(m.fx.Waits, Wait{Name: name, Key: p.Key, Ptr: p.ID, Gen: p.Gen})
		m.clearTimer(p)
	case instance.TimerDue:
		m.clearTimer(p)
		if p.Status == instance.Waiting {
			m.fx.Waits = append(m.fx.Waits, Wait{Name: m.Node(p).Event, Key: p.Key, Ptr: p.ID, Gen: p.Gen})
		}
	}
	p.Held = true
	m.touch(p)
	m.s.Held = append(m.s.Held, in)
}

func (m *machine) clearTimer(p *instance.Pointer) {
	if p.Due != 0 {
		m.fx.Timers = append(m.fx.Timers, Timer{Due: p.Due, Ptr: p.ID, Gen: p.Gen})
		p.Due = 0
	}
}

// resume runs a suspended instance on: first what failed, from new inputs and
// with fresh attempts, then what came in the meantime, in its order.
func (m *machine) resume() {
	if m.s.Status != instance.Suspended {
		return
	}
	if m.err = m.s.To(instance.Runnable); m.err != nil {
		return
	}
	m.fx.Changed = true
	held, later := m.s.Held, m.s.Later
	m.s.Held, m.s.Later = nil, nil
	for _, p := range append([]*instance.Pointer(nil), m.s.Pointers...) {
		switch {
		case p.Status == instance.Failed:
			m.revive(p)
		case p.Status == instance.Running && !p.Held:
			m.emit(p) // its body may have been lost in a crash; a host ignores what it runs already
		}
	}
	for _, l := range later {
		if p := m.s.Pointer(l.Ptr); p != nil {
			m.queue = append(m.queue, task{p, l.Ended})
		}
	}
	m.settle()
	for _, in := range held {
		p := m.s.Pointer(in.Ptr)
		if p == nil || !p.Held || p.Gen != in.Gen {
			continue
		}
		p.Held = false
		if m.s.Status == instance.Suspended {
			p.Held = true
			m.s.Held = append(m.s.Held, in)
			continue
		}
		if p.Status == instance.Waiting {
			p.Held = true // its wait is gone from the store already
		}
		m.deliver(p, in)
		if p := m.s.Pointer(in.Ptr); p != nil {
			p.Held = false
		}
		m.settle()
	}
}

// recovered goes on after a crash: bodies that ran are run again, those that
// were being stopped may have acted.
func (m *machine) recovered() {
	if m.s.Status != instance.Runnable {
		return
	}
	for _, p := range append([]*instance.Pointer(nil), m.s.Pointers...) {
		if m.s.Pointer(p.ID) != p {
			continue
		}
		switch p.Status {
		case instance.Running:
			m.emit(p)
		case instance.Stopping:
			m.fx.Changed = true
			m.stopped(p, true)
			m.settle()
		}
	}
}
