package engine

import (
	"iter"
	"slices"

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
	m.keep(&instance.UndoEntry{Seq: m.Sequence(), Ptr: p.ID, Node: p.Node, Saga: saga.ID,
		InPart: inPart, Value: value, Items: m.scope(p).Items})
}

func (m *machine) keep(u *instance.UndoEntry) {
	m.s.Keep(u)
	m.fx.Put = append(m.fx.Put, instance.CellID{Kind: instance.UndoCell, Ptr: u.Ptr})
}

func (m *machine) forgetEntry(ptr instance.PtrID) {
	m.s.Forget(ptr)
	m.fx.Del = append(m.fx.Del, instance.CellID{Kind: instance.UndoCell, Ptr: ptr})
}

// before reports whether a is undone before b: first what was done in part,
// highest pointer first, then what was completed, newest first.
func before(a, b *instance.UndoEntry) bool {
	switch {
	case a.InPart != b.InPart:
		return a.InPart
	case a.InPart:
		return a.Ptr > b.Ptr
	}
	return a.Seq > b.Seq
}

// entries returns what a saga has to undo: its own entries, and those of the
// sagas inside it that have ended. Entries are not rewritten when they change
// hands; the saga keeps a list of those that it took over.
func (m *machine) entries(saga *instance.Pointer) iter.Seq[*instance.UndoEntry] {
	var adopted map[instance.PtrID]bool
	if len(saga.Adopted) > 0 {
		adopted = make(map[instance.PtrID]bool, len(saga.Adopted))
		for _, id := range saga.Adopted {
			adopted[id] = true
		}
	}
	return func(yield func(*instance.UndoEntry) bool) {
		for _, u := range m.s.Undo {
			if (u.Saga == saga.ID || adopted[u.Saga]) && !yield(u) {
				return
			}
		}
	}
}

// adopt hands the undo entries of a saga, and then its own compensation, to the
// saga around it. Where there is none they are not needed any more.
func (m *machine) adopt(saga *instance.Pointer) {
	entries := slices.Collect(m.entries(saga))
	outer, _ := m.around(saga)
	if outer == nil {
		for _, u := range entries {
			m.forgetEntry(u.Ptr)
		}
		return
	}
	if len(entries) > 0 {
		outer.Adopted = slices.Concat(outer.Adopted, []instance.PtrID{saga.ID}, saga.Adopted)
		m.touch(outer)
	}
	if m.Node(saga).Block(definition.BlockCompensate) != definition.None {
		m.keep(&instance.UndoEntry{Seq: saga.Mark, Ptr: saga.ID, Node: saga.Node, Saga: outer.ID,
			Block: true, Items: m.scope(saga).Items})
	}
}
