package engine

import (
	"slices"

	"github.com/wfegen/wfe/runtime/instance"
)

// While an instance is suspended nothing starts and no condition is evaluated.
// What comes meanwhile is taken, once, by the pointer that awaits it, and kept.

// suspend keeps p where it failed; Resume runs it again.
func (m *machine) suspend(p *instance.Pointer, cause *instance.Failure) {
	m.await(p, instance.Failed, 0)
	if !m.rolledBack(p) {
		p.Cause = cause
	}
	m.s.Failure = cause
	if m.s.Status == instance.Runnable {
		m.to(instance.Suspended, cause.Message)
	}
}

// rolledBack reports whether p is a saga on an edge behind its roll back: its Cause is
// why it was rolled back.
func (m *machine) rolledBack(p *instance.Pointer) bool {
	return m.isSaga(p) && (p.Edge == instance.Catching || undoes(p))
}

// hold keeps an input that p has taken.
func (m *machine) hold(p *instance.Pointer, in instance.Input) {
	m.release(p)
	m.unrun(p)
	p.Held = true
	m.touch(p)
	m.s.Held = append(m.s.Held, in)
}

// resume runs a suspended instance on: first what failed, from new inputs and
// with fresh attempts, then what was about to happen, then what came in the
// meantime, each in its order.
func (m *machine) resume() {
	if m.s.Status != instance.Suspended {
		return
	}
	m.to(instance.Runnable, "")
	m.goOnFromThere()
}

// goOnFromThere does what was kept while the instance was suspended.
func (m *machine) goOnFromThere() {
	m.changed = true // for all that the conditions that cancel nodes know
	later := m.s.Later
	m.s.Later = nil
	for _, p := range slices.Clone(m.s.Pointers) {
		switch {
		case p.Status == instance.Failed:
			m.revive(p)
		case p.Status == instance.Running && !p.Held:
			m.unprobe(p)
			m.emit(p) // its body may have been lost in a crash
		}
	}
	for _, l := range later {
		if p := m.s.Pointer(l.Ptr); p != nil {
			m.follow(p, l.Ended)
		}
	}
	m.settle()
	// What is not reached before it is suspended again waits for the next Resume.
	for len(m.s.Held) > 0 && m.s.Status != instance.Suspended {
		in := m.s.Held[0]
		m.s.Held = m.s.Held[1:]
		if p := m.s.Pointer(in.Ptr); p != nil && p.Held && p.Gen == in.Gen {
			m.deliver(p, in)
			m.changed = true // p was not asked
			m.settle()
		}
	}
}

// revive runs a pointer again that had failed for good.
func (m *machine) revive(p *instance.Pointer) {
	switch {
	case m.rolledBack(p):
		m.forget(p)
	case m.isSaga(p) && p.Edge == instance.AtNode:
		m.again(p, 0)
		return
	default:
		m.forget(p)
		p.Used, p.Cause = 0, nil
	}
	m.touch(p)
	m.follow(p, false)
}
