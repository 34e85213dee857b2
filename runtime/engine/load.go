package engine

import (
	"fmt"

	"github.com/wfegen/wfe/runtime/instance"
)

// load makes a state that was read from the store ready for use.
func (m *machine) load() error {
	if err := m.check(); err != nil {
		return err
	}
	if err := m.reload(); err != nil {
		return fmt.Errorf("decoding its data: %w", err)
	}
	if !m.fits() {
		m.divideAnew()
	}
	return nil
}

// check reports whether the program has a place for each of the instance's pointers.
func (m *machine) check() error {
	if len(m.Program.Settings) != len(m.Definition.Nodes) {
		return fmt.Errorf("the program has settings for %d nodes, and there are %d", len(m.Program.Settings), len(m.Definition.Nodes))
	}
	for _, u := range m.s.Undo {
		if u.Node < 0 || u.Node >= len(m.Definition.Nodes) {
			return fmt.Errorf("an undo entry is of node %d, which the definition does not have", u.Node)
		}
	}
	var last instance.PtrID
	for _, p := range m.s.Pointers {
		switch parent := m.s.Pointer(p.Parent); {
		case p.ID <= last || p.ID > m.s.NextPtr:
			return fmt.Errorf("pointer %d is not one that the instance gave out once", p.ID)
		case p.Node < 0 || p.Node >= len(m.Definition.Nodes):
			return fmt.Errorf("pointer %d is at node %d, which the definition does not have", p.ID, p.Node)
		case p.Parent >= p.ID || p.Parent != 0 && parent == nil:
			return fmt.Errorf("pointer %d is in container %d, which is not open", p.ID, p.Parent)
		case p.Role != instance.Forward && m.s.Entry(p.Undo) == nil:
			return fmt.Errorf("pointer %d undoes %d, of which nothing is recorded", p.ID, p.Undo)
		case parent != nil && m.Node(parent).Branches(p.Block) && (p.Index < 0 || p.Index >= len(m.s.Items[parent.ID])):
			return fmt.Errorf("pointer %d works on element %d of loop %d, which is not stored", p.ID, p.Index, parent.ID)
		case p.Total != len(m.s.Items[p.ID]):
			return fmt.Errorf("loop %d has %d elements, and %d are stored", p.ID, p.Total, len(m.s.Items[p.ID]))
		}
		last = p.ID
	}
	return nil
}
