package engine

import (
	"slices"

	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/instance"
)

// A node may have a condition that cancels it. It is asked when a pointer reaches
// the node and, as long as that is there, after the data have changed, before
// anything else begins. When it holds the pointer is withdrawn, with all that is
// under it: that is halted like what is in a saga, but only sagas inside it are
// rolled back. docs/semantics.md, "Cancel conditions".

// withdrawn is the Action of a saga that is rolled back because it is cancelled.
const withdrawn = "withdrawn"

// asks reports whether the conditions that cancel nodes are to be asked now: the
// data have changed, and what ended with that has ended.
func (m *machine) asks() bool {
	return m.changed && m.s.Status == instance.Runnable && (len(m.queue) == 0 || !m.queue[0].ended)
}

// askAll asks the conditions of all nodes that are live, outer ones first.
func (m *machine) askAll() {
	m.changed = false
	if !m.Program.cancelling() {
		return
	}
	for _, p := range slices.Clone(m.s.Pointers) {
		if m.Node(p).Cancel && p.Status != 0 && p.Status != instance.Scheduled && m.s.Pointer(p.ID) == p {
			m.withdrawn(p)
		}
	}
}

// cancelling reports whether any node has a condition that cancels it.
func (p *Program) cancelling() bool {
	if p.cancels == nil {
		any := slices.ContainsFunc(p.Definition.Nodes, func(n definition.Node) bool { return n.Cancel })
		p.cancels = &any
	}
	return *p.cancels
}

// withdrawn withdraws p if the condition that cancels its node holds, or fails.
// What is being stopped or compensated is left to end that.
func (m *machine) withdrawn(p *instance.Pointer) bool {
	if p.Role != instance.Forward || p.Phase != instance.Body && p.Phase != instance.Pausing || p.Status == instance.Stopping || p.Held || m.halting(p) {
		return false
	}
	holds, err := m.cancels(p)
	switch {
	case err != nil:
		cause := m.failure(p, &instance.StepError{Message: "the condition that cancels it: " + err.Error(), Permanent: true})
		m.logFailure(p, cause)
		m.withdraw(p, cause)
	case holds:
		m.withdraw(p, nil)
	}
	return err != nil || holds
}

// withdraw stops p and all that is under it. Once that has ended p has failed, if
// there is a cause; else it is cancelled.
func (m *machine) withdraw(p *instance.Pointer, cause *instance.Failure) {
	m.queue = slices.DeleteFunc(m.queue, func(t task) bool { return t.p == p })
	reason := cause
	if cause == nil {
		reason = &instance.Failure{Node: m.Node(p).ID, Message: "the condition that cancels it holds", At: m.env.Now, Ptr: p.ID}
	}
	pausing := p.Phase == instance.Pausing // a saga of which all is undone
	if m.isSaga(p) && p.Status == instance.Open && !pausing {
		m.withdrawSaga(p, cause, reason)
		return
	}
	p.Phase, p.Cause = instance.Halting, cause
	m.touch(p)
	switch {
	case p.Status == instance.Open && !pausing:
		m.withdrawBlocks(p, reason)
	case p.Status == instance.Running && m.begun(p):
		m.stop(p)
	case p.Status == instance.Calling && m.recall(p):
		m.awaitStop(p)
	default:
		m.log(p, instance.Record{Kind: instance.RecordCancelled})
		if cause == nil && m.acted(p) {
			m.note(p, p.Input, true)
		}
		m.withdrew(p, false)
	}
}

// withdrawSaga rolls back a saga. One whose condition has failed does not run
// again by its policy: that is for steps that fail.
func (m *machine) withdrawSaga(p *instance.Pointer, cause, reason *instance.Failure) {
	if cause == nil {
		p.Action = withdrawn
	} else {
		p.Used = max(p.Used, uint32(m.Settings(p).Retry.MaxRetries))
	}
	m.rollBack(p, nil, reason, definition.Default)
}

// withdrawBlocks stops what is under p. Sagas in there are rolled back, since
// nobody else would undo what they did.
func (m *machine) withdrawBlocks(p *instance.Pointer, reason *instance.Failure) {
	m.log(p, instance.Record{Kind: instance.RecordCancelled})
	for _, q := range slices.Clone(m.s.Pointers) {
		if q.ID > p.ID && m.s.Pointer(q.ID) == q && m.isSaga(q) && q.Status == instance.Open && q.Phase == instance.Body && m.stoppedBy(q) == p {
			m.rollBack(q, nil, reason, definition.Default)
		}
	}
	if m.s.Pointer(p.ID) != p {
		return // it went with the last of them
	}
	m.halt(p, nil)
	if p.Pending == 0 {
		m.withdrew(p, false)
	}
}

// stoppedBy returns the innermost container around p that is not just open.
func (m *machine) stoppedBy(p *instance.Pointer) *instance.Pointer {
	for c := m.parent(p); c != nil; c = m.parent(c) {
		if c.Role != instance.Forward || c.Phase != instance.Body {
			return c
		}
	}
	return nil
}

// withdrew is called when nothing of p moves any more, which was stopped by itself
// or with what is around it. completed says that its body succeeded all the same.
func (m *machine) withdrew(p *instance.Pointer, completed bool) {
	if p.Phase != instance.Halting || m.halting(p) {
		m.drop(p)
		return
	}
	cause := p.Cause
	p.Phase, p.Cause = instance.Body, nil
	switch {
	case cause == nil:
		m.goOnWithout(p, completed || p.Status == instance.Open)
	case completed:
		m.Leave(p)
	default:
		m.final(m.anew(p), cause, m.policy(p).Then)
	}
}

// anew returns p, or, where nothing of it is to be compensated, another pointer in
// its place that begins from the beginning.
func (m *machine) anew(p *instance.Pointer) *instance.Pointer {
	if m.acted(p) {
		return p
	}
	q := m.spawn(successor(p, p.Node))
	m.remove(p)
	return q
}

// goOnWithout goes on after p, which is cancelled, or ends its branch. completed says
// that it is a container, or that its body succeeded all the same.
func (m *machine) goOnWithout(p *instance.Pointer, completed bool) {
	switch {
	case m.Node(p).Proceed && completed:
		m.Leave(p)
		return
	case m.Node(p).Proceed:
		m.skip(p)
		return
	}
	m.remove(p)
	m.endBlock(p)
}
