package engine

import (
	"errors"
	"fmt"
	"slices"

	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/instance"
)

// What primitives do to the pointers of an instance.

func (m *machine) Now() instance.Instant { return m.env.Now }

func (m *machine) Node(p *instance.Pointer) *definition.Node { return &m.Definition.Nodes[p.Node] }

func (m *machine) Settings(p *instance.Pointer) *definition.Settings {
	return &m.Program.Settings[p.Node]
}

func (m *machine) Open(p *instance.Pointer, block, index int) {
	if m.spins(p) {
		m.Fault(p, fmt.Errorf("the loop ran %d rounds in which there was nothing to await; give it a step, a wait or a delay", maxRounds))
		return
	}
	p.Status = instance.Open
	m.touch(p)
	first := m.Node(p).Blocks[block].First
	if first == definition.None {
		m.openEmpty(p, block)
		return
	}
	p.Pending++
	home := p.Home
	if n := m.Node(p); n.Branches(block) && !n.Sequential {
		home = instance.CellID{Kind: instance.BranchCell, Ptr: p.ID, Index: index}
	}
	child := m.spawn(&instance.Pointer{Node: first, Parent: p.ID, Block: block, Index: index, Home: home})
	m.entering(child)
	m.follow(child, false)
}

// openEmpty goes through a block of p that has code alone, if anything.
func (m *machine) openEmpty(p *instance.Pointer, block int) {
	if m.Code.HasEdge(p.Node, block) {
		p.Edge, p.Into = instance.Opening, block
		if !m.crosses(p, m.openScope(p, block), p.Node, block) {
			return
		}
	}
	m.follow(p, true)
}

func (m *machine) Leave(p *instance.Pointer) {
	switch m.Node(p).Kind {
	case definition.Undo, definition.ForEach: // it may be left as soon as it is reached
		m.asStored(p)
	}
	if m.Code.HasEdge(p.Node, Behind) {
		p.Edge, p.Phase = instance.Leaving, instance.Body
		if !m.crosses(p, m.scope(p), p.Node, Behind) {
			return
		}
	}
	m.remove(p)
	if next := m.Node(p).Next; next != definition.None {
		after := m.spawn(successor(p, next))
		if slices.Contains(m.coded, p.ID) {
			m.coded = append(m.coded, after.ID)
		}
		m.follow(after, false)
		return
	}
	m.endBlock(p)
}

// endBlock goes on after the block that has ended with p, which is gone.
func (m *machine) endBlock(p *instance.Pointer) {
	parent := m.parent(p)
	if parent == nil {
		m.finish(instance.Complete)
		return
	}
	parent.Pending--
	m.touch(parent)
	m.follow(parent, true)
}

// maxRounds bounds how often a block of one pointer begins in one Advance, where
// that does not end by itself. Nothing from outside can change the data meanwhile.
const maxRounds = 10_000

// spins reports whether p is a loop that would keep Advance from ever ending.
func (m *machine) spins(p *instance.Pointer) bool {
	if m.Node(p).Kind != definition.While {
		return false
	}
	if m.rounds == nil {
		m.rounds = map[instance.PtrID]int{}
	}
	m.rounds[p.ID]++
	return m.rounds[p.ID] > maxRounds
}

func (m *machine) SleepUntil(p *instance.Pointer, due instance.Instant) {
	m.sleep(p, due)
	m.log(p, instance.Record{Kind: instance.RecordSleeping, Until: p.Due})
}

func (m *machine) sleep(p *instance.Pointer, due instance.Instant) {
	m.await(p, instance.Sleeping, max(due, 1))
}

func (m *machine) Wait(p *instance.Pointer, event, key string, due instance.Instant) {
	m.await(p, instance.Waiting, due)
	p.Event, p.Key = event, key
	m.log(p, instance.Record{Kind: instance.RecordWaiting, Text: event, Key: key, Until: due})
	m.setWait(p)
}

func (m *machine) setWait(p *instance.Pointer) {
	m.fx.Waits = append(m.fx.Waits, Wait{Name: p.Event, Key: p.Key, Ptr: p.ID, Gen: p.Gen, After: m.after(p),
		Since: p.Since, Signals: m.s.Cursor(p.Event, instance.Signals), Set: true})
}

func (m *machine) Fail(p *instance.Pointer, err *instance.StepError) { m.failed(p, err) }

func (m *machine) Fault(p *instance.Pointer, err error) {
	var panicked *fault
	if errors.As(err, &panicked) {
		m.panicked(p, panicked)
		return
	}
	m.failed(p, &instance.StepError{Message: err.Error(), Permanent: true})
}

func (m *machine) Sequence() instance.Seq {
	m.s.NextSeq++
	return m.s.NextSeq
}

func (m *machine) End() { m.finish(instance.Complete) }

// finish ends the instance: whatever is left of it is stopped. What a Complete one
// has recorded to undo is not needed any more.
func (m *machine) finish(to instance.Status) {
	if to == instance.Terminated {
		m.leaveUndone()
	}
	for _, p := range slices.Clone(m.s.Pointers) {
		switch {
		case p.Status == instance.Calling && !p.Held:
			m.recall(p)
		case m.isChild(p):
		case p.Status == instance.Stopping || p.Status == instance.Running && m.begun(p):
			m.fx.Stop = append(m.fx.Stop, p.ID)
		}
		m.remove(p)
	}
	if to == instance.Complete {
		for _, u := range m.s.Undo {
			m.fx.Del = append(m.fx.Del, instance.CellID{Kind: instance.UndoCell, Ptr: u.Ptr})
		}
		m.s.Undo = nil
	}
	m.s.Held, m.s.Later, m.s.Cursors = nil, nil, nil
	m.s.Ended = m.env.Now
	m.to(to, string(m.s.Reason))
	m.tellParent()
}

// to changes the status of the instance.
func (m *machine) to(status instance.Status, why string) {
	m.fx.Changed = true
	m.log(nil, instance.Record{Kind: instance.RecordOf(status), Text: why})
	m.err = errors.Join(m.err, m.s.To(status))
}
