package engine

import (
	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/instance"
)

// halted is called when nothing moves inside a failed saga any more, or, with nil,
// in an instance that is cancelled; or in another container that its condition cancels.
func (m *machine) halted(saga *instance.Pointer) {
	switch {
	case saga == nil:
		m.s.Cancel = instance.RollingBack
	case !m.isSaga(saga):
		m.withdrew(saga, false)
		return
	default:
		saga.Phase = instance.RollingBack
		m.touch(saga)
	}
	m.undoNext(saga)
}

// undoNext starts the next compensation of a saga, or, when all is undone, its own.
func (m *machine) undoNext(saga *instance.Pointer) {
	var of instance.PtrID
	if saga != nil {
		of = saga.ID
	}
	next := m.s.NextUndo(of)
	for next != nil && next.Link { // all of that saga is undone
		m.forgetEntry(next.Ptr)
		next = m.s.NextUndo(of)
	}
	p := &instance.Pointer{Role: instance.Undoing}
	switch {
	case next == nil && saga == nil:
		m.cancelled()
		return
	case next == nil:
		m.undoSelf(saga)
		return
	case saga != nil:
		saga.Pending++
		p.Parent, p.Home = saga.ID, saga.Home
	}
	p.Node, p.Undo = next.Node, next.Ptr
	m.follow(m.spawn(p), false)
}

// undone goes on after the compensation that p ran.
func (m *machine) undone(p *instance.Pointer) {
	saga := m.parent(p)
	m.remove(p)
	m.countDown(saga)
	m.undoNext(saga)
}

// undoSelf runs the saga's own compensation, if it has one.
func (m *machine) undoSelf(saga *instance.Pointer) {
	b := m.Node(saga).Block(definition.BlockCompensate)
	if b == definition.None {
		m.settled(saga)
		return
	}
	saga.Phase = instance.Compensating
	m.Open(saga, b, 0)
}

// Compensated is called when a compensating block has ended: that of a child, or a
// saga's own, in its roll back or in that of the saga around it, where p stands for it.
func (m *machine) Compensated(p *instance.Pointer) {
	if p.Role != instance.Forward {
		m.compensated(p)
		return
	}
	m.settled(p)
}

// settled is called when all of a saga is undone: its policy says what follows.
func (m *machine) settled(saga *instance.Pointer) {
	if m.halting(saga) {
		m.drop(saga)
		return
	}
	m.log(saga, instance.Record{Kind: instance.RecordRolledBack})
	if saga.Action == withdrawn {
		m.goOnWithout(saga, true)
		return
	}
	set := m.Settings(saga)
	then := definition.Action(saga.Action) // Terminate, if the failed step's policy says so
	if then == definition.Default && set.HasPolicy {
		if int(saga.Used) < set.Retry.MaxRetries {
			m.pause(saga, set.Retry)
			return
		}
		then = set.Retry.Then
	}
	switch {
	case then == definition.Suspend || then == definition.CompensateThenSuspend:
		m.suspend(saga, saga.Cause)
	case then != definition.Terminate && m.Node(saga).Catch:
		m.catch(saga)
	case then != definition.Terminate && m.Node(saga).Block(definition.BlockCompensate) != definition.None:
		m.Leave(saga)
	default:
		m.failOutward(saga, then)
	}
}

// pause has a saga run again after a wait.
func (m *machine) pause(saga *instance.Pointer, policy definition.RetryPolicy) {
	saga.Phase = instance.Pausing
	m.await(saga, instance.Open, m.env.Now.Add(m.wait(saga, policy, saga.Used+1, 0)))
	m.changed = true // for all that its condition knows: it was not asked while it rolled back
}

// failOutward makes a saga that is undone a failed step of the saga around it.
func (m *machine) failOutward(saga *instance.Pointer, then definition.Action) {
	outer, compensating := m.around(saga)
	switch {
	case compensating:
		m.suspend(saga, saga.Cause)
	case outer != nil:
		m.rollBack(outer, saga, saga.Cause, then)
	default:
		m.remove(saga) // nothing of it is left to undo
		m.terminate(saga.Cause)
	}
}

// again runs a saga again, as a new activation of its node.
func (m *machine) again(saga *instance.Pointer, used uint32) {
	p := successor(saga, saga.Node)
	p.Used = used
	m.follow(m.spawn(p), false)
	m.remove(saga)
}

// Completed ends a saga's body: the saga around it takes over its undo entries.
func (m *machine) Completed(saga *instance.Pointer) {
	m.adopt(saga)
	m.Leave(saga)
}
