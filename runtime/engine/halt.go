package engine

import (
	"slices"

	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/instance"
)

// A saga that fails goes through its phases: Halting, until nothing moves inside
// it; RollingBack, one compensation after the other; Compensating, its own; then
// its policy settles it, or it fails in turn. docs/semantics.md, "Saga". This
// file is the first phase. A Cancel takes the whole workflow through the first two,
// as if it were a saga around all others: there saga is nil.

// around returns the innermost saga of which p is a part. compensating is true
// when p is part of a compensation instead: its failure rolls nothing back.
func (m *machine) around(p *instance.Pointer) (saga *instance.Pointer, compensating bool) {
	for c := p; c.Role == instance.Forward; {
		parent := m.parent(c)
		if parent == nil {
			return nil, false
		}
		if m.isSaga(parent) {
			if parent.Phase == instance.Body || parent.Phase == instance.Halting {
				return parent, false
			}
			return nil, true
		}
		c = parent
	}
	return nil, true
}

func (m *machine) parent(p *instance.Pointer) *instance.Pointer { return m.s.Pointer(p.Parent) }

func (m *machine) isSaga(p *instance.Pointer) bool {
	return m.Node(p).Kind == definition.Saga && p.Role == instance.Forward
}

// halting reports whether p lies in a saga that is being stopped. A saga inside
// it that rolls back already is left to end that.
func (m *machine) halting(p *instance.Pointer) bool {
	for c := m.parent(p); c != nil; c = m.parent(c) {
		if c.Role != instance.Forward {
			return false // a compensation in progress is ended first
		}
		if c.Phase != instance.Body {
			return c.Phase == instance.Halting
		}
	}
	return m.s.Cancel == instance.Halting
}

// rollBack begins the roll back of a saga because p, inside it, has failed.
func (m *machine) rollBack(saga, p *instance.Pointer, cause *instance.Failure, then definition.Action) {
	saga.Phase, saga.Cause = instance.Halting, cause
	m.log(saga, instance.Record{Kind: instance.RecordRollback, Text: cause.Message})
	if then == definition.Terminate {
		saga.Action = string(then)
	}
	m.touch(saga)
	m.halt(saga, p)
	if saga.Pending == 0 {
		m.halted(saga)
	}
}

// halt stops what moves inside a saga: bodies are told to stop and are awaited,
// compensations in progress are awaited, the rest ends at once. Pointers come
// after what contains them, so going backwards meets children first.
func (m *machine) halt(saga, failed *instance.Pointer) {
	for _, p := range slices.Backward(slices.Clone(m.s.Pointers)) {
		if saga != nil && p.ID <= saga.ID || !m.within(p, saga) {
			continue
		}
		switch {
		case p == failed:
			m.cancel(p)
		case p.Pending > 0 || p.Status == instance.Stopping || m.compensating(p):
			// ends when its children, its body, its compensation have
		case p.Status == instance.Running && m.begun(p):
			m.stop(p)
		case p.Status == instance.Calling && m.recall(p):
			m.awaitStop(p)
		default:
			if p.Status != instance.Open {
				m.log(p, instance.Record{Kind: instance.RecordCancelled})
			}
			m.cancel(p)
		}
	}
}

// cancel forgets a pointer that no body runs for. A step that may have acted was
// done in part.
func (m *machine) cancel(p *instance.Pointer) {
	if m.acted(p) {
		m.note(p, p.Input, true)
	}
	m.discard(p)
}

// within reports whether p lies in saga with no compensation in progress between them.
func (m *machine) within(p, saga *instance.Pointer) bool {
	for c := m.parent(p); c != saga; c = m.parent(c) {
		if c == nil || m.compensating(c) {
			return false
		}
	}
	return true
}

// compensating reports whether p is a compensation in progress. A saga that is
// still halting or rolls back has such pointers, or ones that are being stopped.
func (m *machine) compensating(p *instance.Pointer) bool {
	return p.Role != instance.Forward || p.Phase == instance.Compensating
}

// stop tells p's body to stop. What it answers is still taken, until the grace is over.
func (m *machine) stop(p *instance.Pointer) {
	m.unrun(p)
	m.fx.Stop = append(m.fx.Stop, p.ID)
	m.awaitStop(p)
}

// awaitStop awaits the end of what was told to stop, until the grace is over.
func (m *machine) awaitStop(p *instance.Pointer) {
	p.Status = instance.Stopping
	m.setTimer(p, m.env.Now.Add(m.env.Grace))
	m.log(p, instance.Record{Kind: instance.RecordCancelled})
	m.touch(p)
}

// stoppedDone takes the success of a body that was told to stop: it counts.
func (m *machine) stoppedDone(p *instance.Pointer, in instance.Input) {
	if !in.Succeeded() || m.record(p, in) != nil {
		m.stopped(p)
		return
	}
	m.logCompleted(p, in)
	m.withdrew(p, true)
}

// stopped takes any other end of a body that was told to stop.
func (m *machine) stopped(p *instance.Pointer) {
	if p.Phase == instance.Body || p.Cause == nil || m.halting(p) { // else it has failed, and what follows notes that
		m.note(p, p.Input, true)
	}
	m.withdrew(p, false)
}

// drop ends a pointer inside a saga that is being stopped; containers go with
// their last child.
func (m *machine) drop(p *instance.Pointer) {
	for {
		parent := m.parent(p)
		m.discard(p)
		switch {
		case parent == nil:
			m.halted(nil)
			return
		case parent.Pending > 0:
			return
		case parent.Phase == instance.Halting:
			m.halted(parent)
			return
		}
		p = parent
	}
}

// discard forgets a pointer inside a saga that is being stopped. A saga inside it
// that had not ended hands on what it has done.
func (m *machine) discard(p *instance.Pointer) {
	if m.isSaga(p) && p.Status == instance.Open && p.Phase == instance.Body && !over(p) {
		m.adopt(p)
	}
	parent := m.parent(p)
	m.remove(p)
	m.countDown(parent)
}

// countDown notes that a pointer directly under parent is gone; nil is the workflow,
// under which there is one at a time.
func (m *machine) countDown(parent *instance.Pointer) {
	if parent != nil {
		parent.Pending--
		m.touch(parent)
	}
}
