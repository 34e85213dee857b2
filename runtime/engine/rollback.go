package engine

import (
	"slices"

	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/instance"
)

// A saga that fails goes through its phases: Halting, until nothing moves inside
// it; RollingBack, one compensation after the other; Compensating, its own; then
// its policy settles it, or it fails in turn. docs/semantics.md, "Saga".

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

func (m *machine) isSaga(p *instance.Pointer) bool {
	return m.Node(p).Kind == definition.Saga && p.Role == instance.Forward
}

// halting reports whether p lies in a saga that is being stopped. A saga inside
// it that rolls back already is left to end that.
func (m *machine) halting(p *instance.Pointer) bool {
	for c := m.s.Pointer(p.Parent); c != nil; c = m.s.Pointer(c.Parent) {
		if m.Node(c).Kind != definition.Saga {
			continue
		}
		if c.Phase != instance.Body {
			return c.Phase == instance.Halting
		}
	}
	return false
}

// rollBack begins the roll back of a saga because p, inside it, has failed.
func (m *machine) rollBack(saga, p *instance.Pointer, cause *instance.Failure, then definition.Action) {
	saga.Phase, saga.Cause, saga.Action = instance.Halting, cause, string(then)
	m.touch(saga)
	m.halt(saga, p)
	if saga.Pending == 0 {
		m.halted(saga)
	}
}

// halt stops what moves inside a saga: bodies are told to stop and are awaited,
// the rest ends at once. Pointers come after what contains them, so going
// backwards meets children first.
func (m *machine) halt(saga, failed *instance.Pointer) {
	for _, p := range slices.Backward(slices.Clone(m.s.Pointers)) {
		if p.ID <= saga.ID || !m.within(p, saga) {
			continue
		}
		if p != failed && (p.Pending > 0 || p.Status == instance.Stopping || m.compensating(p)) {
			continue
		}
		if m.acted(p) {
			if p != failed && p.Status == instance.Running && !m.unsent(p) {
				m.stop(p)
				continue
			}
			m.note(p, p.Input, true)
		}
		m.discard(p)
	}
}

// compensating reports whether p is a compensation in progress: that is awaited.
func (m *machine) compensating(p *instance.Pointer) bool {
	return p.Role == instance.Settling ||
		p.Phase == instance.Halting || p.Phase == instance.RollingBack || p.Phase == instance.Compensating
}

// acted reports whether p is a step whose body may have begun and has not completed.
func (m *machine) acted(p *instance.Pointer) bool {
	return m.Node(p).Kind == definition.Step && p.Role == instance.Forward &&
		p.Status != instance.Open && p.Input != nil && !slices.Contains(m.fresh, p.ID)
}

// unsent reports whether the run that p awaits is one that this transition asks for.
func (m *machine) unsent(p *instance.Pointer) bool {
	return slices.ContainsFunc(m.fx.Run, func(r Run) bool { return r.Ptr == p.ID })
}

// stop tells p's body to stop. What it answers is still taken, until the grace is over.
func (m *machine) stop(p *instance.Pointer) {
	p.Status, p.Due = instance.Stopping, m.env.Now.Add(m.env.Grace)
	m.fx.Timers = append(m.fx.Timers, Timer{Due: p.Due, Ptr: p.ID, Gen: p.Gen, Set: true})
	m.fx.Stop = append(m.fx.Stop, p.ID)
	m.touch(p)
}

// within reports whether p lies in saga with no compensation in progress between them.
func (m *machine) within(p, saga *instance.Pointer) bool {
	for c := m.parent(p); c != nil; c = m.parent(c) {
		if c == saga {
			return true
		}
		if m.compensating(c) {
			return false
		}
	}
	return false
}

func (m *machine) parent(p *instance.Pointer) *instance.Pointer { return m.s.Pointer(p.Parent) }

// drop ends a pointer inside a saga that is being stopped; containers go with
// their last child.
func (m *machine) drop(p *instance.Pointer) {
	for {
		parent := m.parent(p)
		m.discard(p)
		if parent.Pending > 0 {
			return
		}
		if parent.Phase == instance.Halting {
			m.halted(parent)
			return
		}
		p = parent
	}
}

// discard forgets a pointer inside a saga that is being stopped. A saga inside it
// that had not ended hands on what it has done.
func (m *machine) discard(p *instance.Pointer) {
	if m.isSaga(p) && p.Phase == instance.Body {
		m.adopt(p)
	}
	parent := m.parent(p)
	m.remove(p)
	parent.Pending--
	m.touch(parent)
}

// stoppedDone takes the success of a body that was told to stop: it counts.
func (m *machine) stoppedDone(p *instance.Pointer, in instance.Input) {
	if in.Result != instance.Next && in.Result != instance.Outcome {
		m.stopped(p, true)
		return
	}
	if err := m.record(p, in.Payload); err != nil {
		m.stopped(p, true)
		return
	}
	m.drop(p)
}

// stopped takes any other end of a body that was told to stop.
func (m *machine) stopped(p *instance.Pointer, begun bool) {
	if begun {
		m.note(p, p.Input, true)
	}
	m.drop(p)
}

func (m *machine) halted(saga *instance.Pointer) {
	saga.Phase = instance.RollingBack
	m.touch(saga)
	m.undoNext(saga)
}

// undoNext starts the next compensation of a saga: what was done in part first,
// highest pointer first, then what was completed, newest first.
func (m *machine) undoNext(saga *instance.Pointer) {
	var next *instance.UndoEntry
	for _, u := range m.s.Undo {
		if u.Saga != saga.ID && !slices.Contains(saga.Adopted, u.Saga) {
			continue
		}
		if next == nil || before(u, next) {
			next = u
		}
	}
	if next == nil {
		m.undoSelf(saga)
		return
	}
	p := m.spawn(&instance.Pointer{Node: next.Node, Parent: saga.ID, Home: saga.Home,
		Role: instance.Undoing, Undo: next.Ptr, Attempt: 1})
	saga.Pending++
	if next.Block {
		m.Open(p, m.Node(p).Block(definition.BlockCompensate), 0)
		return
	}
	value, err := m.undoInput(next.Node, Scope{m.s.Live, next.Items}, next.Value)
	if err != nil {
		m.suspend(p, m.failure(p, &instance.StepError{Message: err.Error()}))
		return
	}
	p.Input = value
	m.run(p)
}

// before reports whether a is undone before b.
func before(a, b *instance.UndoEntry) bool {
	switch {
	case a.InPart != b.InPart:
		return a.InPart
	case a.InPart:
		return a.Ptr > b.Ptr
	}
	return a.Seq > b.Seq
}

// undoInput is the value that a compensation of node runs with.
func (m *machine) undoInput(node int, sc Scope, undone []byte) (value []byte, err error) {
	if m.Definition.Nodes[node].Compensate == "" {
		return undone, nil
	}
	err = guard(func() (err error) { value, err = m.Code.UndoIn(node, sc, undone); return err })
	return value, err
}

// undone goes on after the compensation that p ran.
func (m *machine) undone(p *instance.Pointer) {
	saga := m.parent(p)
	m.forgetEntry(p.Undo)
	m.remove(p)
	saga.Pending--
	m.touch(saga)
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

// Compensated is called when a saga's own compensation has ended: in its own
// roll back, or in that of the saga around it, for which p then stands.
func (m *machine) Compensated(p *instance.Pointer) {
	if p.Role == instance.Undoing {
		m.undone(p)
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
	set, cause := m.Settings(saga), saga.Cause
	then := definition.Action(saga.Action)
	if then != definition.Terminate && set.HasPolicy {
		if int(saga.Used) < set.Retry.MaxRetries {
			saga.Phase = instance.Pausing
			n := int(saga.Used) + 1
			m.await(saga, instance.Open, m.env.Now.Add(m.wait(saga, set.Retry, n, &instance.StepError{})))
			return
		}
		then = set.Retry.Then
	}
	switch {
	case then == definition.Suspend || then == definition.CompensateThenSuspend:
		saga.Phase = instance.Pausing
		m.suspend(saga, cause)
	case then == definition.Terminate:
		m.failOutward(saga, cause, then)
	case m.Node(saga).Block(definition.BlockCompensate) != definition.None:
		m.Leave(saga)
	default:
		m.failOutward(saga, cause, then)
	}
}

// failOutward makes a saga that is undone a failed step of the saga around it.
func (m *machine) failOutward(saga *instance.Pointer, cause *instance.Failure, then definition.Action) {
	outer, compensating := m.around(saga)
	switch {
	case compensating:
		saga.Phase = instance.Pausing
		m.suspend(saga, cause)
	case outer != nil:
		m.rollBack(outer, saga, cause, then)
	default:
		m.terminate(cause)
	}
}

// again runs a saga again, as a new activation of its node.
func (m *machine) again(saga *instance.Pointer) {
	p := m.spawn(&instance.Pointer{Node: saga.Node, Parent: saga.Parent, Block: saga.Block, Index: saga.Index,
		Home: saga.Home, Used: saga.Used + 1})
	if saga.Status == instance.Failed {
		p.Used = 0
	}
	m.remove(saga)
	m.queue = append(m.queue, task{p, false})
}

// Completed ends a saga's body: the saga around it takes over its undo entries.
func (m *machine) Completed(saga *instance.Pointer) {
	m.adopt(saga)
	m.Leave(saga)
}

// adopt hands the undo entries of a saga, and then its own compensation, to the
// saga around it. Where there is none they are not needed any more.
func (m *machine) adopt(saga *instance.Pointer) {
	mine := append([]instance.PtrID{saga.ID}, saga.Adopted...)
	var entries []*instance.UndoEntry
	for _, u := range m.s.Undo {
		if slices.Contains(mine, u.Saga) {
			entries = append(entries, u)
		}
	}
	outer, _ := m.around(saga)
	if outer == nil {
		for _, u := range entries {
			m.forgetEntry(u.Ptr)
		}
		return
	}
	if len(entries) > 0 {
		outer.Adopted = append(outer.Adopted, mine...)
		m.touch(outer)
	}
	if m.Node(saga).Block(definition.BlockCompensate) != definition.None {
		m.keep(&instance.UndoEntry{Seq: saga.Mark, Ptr: saga.ID, Node: saga.Node, Saga: outer.ID,
			Block: true, Items: m.scope(saga).Items})
	}
}

func (m *machine) entry(ptr instance.PtrID) *instance.UndoEntry {
	for _, u := range m.s.Undo {
		if u.Ptr == ptr {
			return u
		}
	}
	return nil
}

func (m *machine) keep(u *instance.UndoEntry) {
	m.s.Undo = append(m.s.Undo, u)
	m.fx.Put = append(m.fx.Put, instance.CellID{Kind: instance.UndoCell, Ptr: u.Ptr})
}

func (m *machine) forgetEntry(ptr instance.PtrID) {
	m.s.Undo = slices.DeleteFunc(m.s.Undo, func(u *instance.UndoEntry) bool { return u.Ptr == ptr })
	m.fx.Del = append(m.fx.Del, instance.CellID{Kind: instance.UndoCell, Ptr: ptr})
}
