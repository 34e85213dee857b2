package engine

import (
	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/instance"
)

// What is recorded so that a saga can be undone.

// note records that p's step may have to be undone.
func (m *machine) note(p *instance.Pointer, value []byte, inPart bool) {
	saga, _ := m.around(p)
	if saga == nil || !m.Node(p).HasCompensation() {
		return
	}
	u := m.entry(p, value, inPart)
	u.Seq, u.Saga = m.Sequence(), saga.ID
	m.keep(u)
}

// entry is a record of p's run, to undo it. What is undone by a block needs no value.
func (m *machine) entry(p *instance.Pointer, value []byte, inPart bool) *instance.UndoEntry {
	u := &instance.UndoEntry{Ptr: p.ID, Node: p.Node, InPart: inPart, Items: m.scope(p).Items}
	if u.Block = !m.isStep(p); !u.Block {
		u.Value = value
	}
	return u
}

func (m *machine) keep(u *instance.UndoEntry) {
	m.s.Keep(u)
	m.fx.Put = append(m.fx.Put, instance.CellID{Kind: instance.UndoCell, Ptr: u.Ptr})
}

func (m *machine) forgetEntry(ptr instance.PtrID) {
	m.s.Forget(ptr)
	m.fx.Del = append(m.fx.Del, instance.CellID{Kind: instance.UndoCell, Ptr: ptr})
}

// adopt hands the undo entries of a saga, and then its own compensation, to the
// saga around it. Where there is none they are not needed any more, unless the
// instance is cancelled.
func (m *machine) adopt(saga *instance.Pointer) {
	outer, compensating := m.around(saga)
	if outer == nil && (compensating || m.s.Cancel != instance.Halting) {
		for _, ptr := range m.s.ForgetUndo(saga.ID) {
			m.fx.Del = append(m.fx.Del, instance.CellID{Kind: instance.UndoCell, Ptr: ptr})
		}
		return
	}
	block := m.Node(saga).Block(definition.BlockCompensate) != definition.None
	if block || m.s.NextUndo(saga.ID) != nil {
		m.keepSaga(saga, outer, block)
	}
}

// keepSaga records a saga inside outer, or, with nil, of an instance that is
// cancelled, whose own compensation is still to run if block is set.
func (m *machine) keepSaga(saga, outer *instance.Pointer, block bool) {
	u := &instance.UndoEntry{Seq: saga.Mark, Ptr: saga.ID, Node: saga.Node, Block: block, Link: !block, Items: m.scope(saga).Items}
	if outer != nil {
		u.Saga = outer.ID
	}
	m.keep(u)
}
