package engine

import (
	"errors"
	"slices"

	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/primitives"
)

// machine moves one instance during one Advance.
type machine struct {
	*Program
	s       *instance.State
	env     Env
	fx      *Effects
	queue   []task
	homes   []instance.CellID      // cells of pointers that were touched
	asked   []instance.PtrID       // pointers whose present run was asked for in this Advance: it has not begun
	rounds  map[instance.PtrID]int // of each While, in this Advance
	dirty   Fields                 // what was written since the data was encoded
	lazy    bool                   // it is encoded at the end
	redo    bool                   // lazy: something failed, and it is to be done again without
	changed bool                   // the data have, and the conditions that cancel nodes were not asked since
	coded   []instance.PtrID       // whose code has run since the data were taken as they are stored
	later   bool                   // the data are still to be taken as they are stored
	err     error                  // a fault that makes the transition unusable
}

var _ primitives.Machine = (*machine)(nil)

// task is something that follows from what was done: a pointer has reached its
// node, or a block under it has ended.
type task struct {
	p     *instance.Pointer
	ended bool
}

func (m *machine) follow(p *instance.Pointer, ended bool) {
	m.queue = append(m.queue, task{p, ended})
}

// settle works until nothing follows any more. No condition is evaluated and
// nothing starts while the instance is suspended: what was about to happen then
// is kept for Resume.
func (m *machine) settle() {
	for m.err == nil && !m.redo {
		if m.asks() {
			m.askAll()
			continue
		}
		if len(m.queue) == 0 {
			if m.later {
				m.takeStored()
			}
			return
		}
		t := m.queue[0]
		m.queue = m.queue[1:]
		if m.s.Pointer(t.p.ID) != t.p {
			continue // it was cancelled in the meantime
		}
		if m.s.Status == instance.Suspended {
			m.s.Later = append(m.s.Later, instance.Later{Ptr: t.p.ID, Ended: t.ended})
			continue
		}
		m.step(t)
	}
}

func (m *machine) step(t task) {
	if t.ended {
		m.asStored(t.p)
	}
	switch {
	case t.p.Role != instance.Forward && t.ended:
		m.compensated(t.p)
	case t.p.Role == instance.Settling:
		m.enterCompensation(t.p) // never skipped, not even in a saga that is being stopped
	case m.halting(t.p) && (t.ended || !undoes(t.p)):
		if t.p.Pending == 0 {
			m.drop(t.p)
		}
	case t.ended:
		m.ended(t.p)
	case t.p.Role == instance.Undoing:
		m.enterCompensation(t.p)
	case t.p.Edge != instance.AtNode:
		m.onEdge(t.p)
	case m.Node(t.p).Cancel && m.withdrawn(t.p): // nothing of it begins
	case m.Node(t.p).Kind == definition.Step:
		m.Begin(t.p)
		m.asStored(t.p) // its inputs are made of the data as the code has left them
	default:
		b := m.behaviour(t.p)
		if b == nil {
			return
		}
		if _, container := b.(primitives.Container); container && m.Node(t.p).Kind != definition.ForEach {
			m.asStored(t.p)
		}
		b.Enter(m, t.p)
		m.asStored(t.p)
	}
}

// asStored takes the data as they are stored, where p has got to a node at which the flow may rest. What runs beside p
// and is in the middle of plain code has what it has written until it gets to a call itself.
func (m *machine) asStored(p *instance.Pointer) {
	if m.Code.Rests(p.Node) {
		m.settleData(p)
	}
}

// settleData takes the data as they are stored, where the plain code of p is over.
func (m *machine) settleData(p *instance.Pointer) {
	m.coded = slices.DeleteFunc(m.coded, func(id instance.PtrID) bool { return id == p.ID })
	if !m.Code.Unsettled(m.s.Live) {
		return
	}
	if m.later = slices.ContainsFunc(m.queue, func(t task) bool { return !t.ended && m.amid(t.p, p) }); !m.later {
		m.takeStored()
	}
}

// amid reports whether q is in plain code, a part of which has run, and which is not that of p.
func (m *machine) amid(q, p *instance.Pointer) bool {
	for ; q != nil; q = m.parent(q) {
		if q.ID == p.ID {
			return false
		}
		if slices.Contains(m.coded, q.ID) {
			return true
		}
	}
	return false
}

func (m *machine) takeStored() {
	m.later = false
	err := guard(func() error { return m.Code.AsStored(m.s.Live) })
	switch {
	case err == nil:
	case m.lazy:
		m.redo = true
	default:
		m.err = errors.Join(m.err, err)
	}
}

// ended tells a container that one of its blocks has ended. A step is one while
// the block of its outcome runs, or its branches do.
func (m *machine) ended(p *instance.Pointer) {
	if m.isStep(p) {
		primitives.Branched(m, p)
		return
	}
	if c, ok := m.behaviour(p).(primitives.Container); ok {
		c.Ended(m, p)
	}
}

// behaviour returns what p's node does; nil, with m.err set, if that is not known.
func (m *machine) behaviour(p *instance.Pointer) primitives.Primitive {
	b, err := primitives.For(m.Node(p).Kind)
	if err != nil {
		m.err = err
	}
	return b
}

// spawn puts a new pointer at a node.
func (m *machine) spawn(p *instance.Pointer) *instance.Pointer {
	m.s.Add(p)
	m.touch(p)
	return p
}

// successor returns a pointer, not kept yet, that stands in p's place at a node.
func successor(p *instance.Pointer, node int) *instance.Pointer {
	return &instance.Pointer{Node: node, Parent: p.Parent, Block: p.Block, Index: p.Index, Home: p.Home, Vars: p.Vars}
}

// remove forgets p and all that it awaits.
func (m *machine) remove(p *instance.Pointer) {
	m.forget(p)
	m.touch(p)
	m.s.Remove(p)
	if items, ok := m.s.Items[p.ID]; ok {
		delete(m.s.Items, p.ID)
		m.fx.Del = instance.AppendItemCells(m.fx.Del, p.ID, len(items))
	}
}

// await makes p await something new, until due if that is set.
func (m *machine) await(p *instance.Pointer, status instance.PointerStatus, due instance.Instant) {
	m.forget(p)
	p.Status = status
	m.setTimer(p, due)
	m.touch(p)
}

// forget ends what p awaits: from here on inputs for it are stale.
func (m *machine) forget(p *instance.Pointer) {
	m.release(p)
	m.unrun(p)
	p.Status, p.Held = 0, false
	m.absolve(p)
	p.Gen++
}

// release takes back what the store and the host were asked to watch for p.
func (m *machine) release(p *instance.Pointer) {
	if p.Due != 0 {
		m.fx.Timers = append(m.fx.Timers, Timer{Due: p.Due, Ptr: p.ID, Gen: p.Gen})
		p.Due = 0
	}
	if p.Status == instance.Waiting && !p.Held {
		m.fx.Waits = append(m.fx.Waits, Wait{Name: p.Event, Key: p.Key, Ptr: p.ID, Gen: p.Gen})
	}
}

// unrun takes back a run that was not handed to the host yet.
func (m *machine) unrun(p *instance.Pointer) {
	if p.Status == instance.Running {
		m.fx.Run = slices.DeleteFunc(m.fx.Run, func(r Run) bool { return r.Ptr == p.ID })
	}
}

func (m *machine) setTimer(p *instance.Pointer, due instance.Instant) {
	if p.Due = due; due != 0 {
		m.fx.Timers = append(m.fx.Timers, Timer{Due: due, Ptr: p.ID, Gen: p.Gen, Set: true})
	}
}

// touch marks the cell in which p lies as changed.
func (m *machine) touch(p *instance.Pointer) {
	if p.Home != (instance.CellID{}) {
		m.homes = append(m.homes, p.Home)
	}
}

// cells lists which cells are to be written or deleted.
func (m *machine) cells() {
	if m.fx.Changed {
		m.fx.Put, m.fx.Del = m.s.ChangedData(m.fx.Put, m.fx.Del)
	}
	if len(m.homes) > 0 {
		slices.SortFunc(m.homes, instance.CellID.Compare)
		homes := slices.Compact(m.homes)
		used := make([]bool, len(homes))
		for _, p := range m.s.Pointers {
			if i, ok := slices.BinarySearchFunc(homes, p.Home, instance.CellID.Compare); ok {
				used[i] = true
			}
		}
		for i, home := range homes {
			if used[i] {
				m.fx.Put = append(m.fx.Put, home)
			} else {
				m.fx.Del = append(m.fx.Del, home)
			}
		}
	}
	if len(m.fx.Put) == 0 || len(m.fx.Del) == 0 {
		return
	}
	gone := make(map[instance.CellID]bool, len(m.fx.Del))
	for _, c := range m.fx.Del {
		gone[c] = true
	}
	m.fx.Put = slices.DeleteFunc(m.fx.Put, func(c instance.CellID) bool { return gone[c] })
}
