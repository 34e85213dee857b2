package engine

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/instance"
)

// What closures see of what is around their node, and where it lies: the elements of
// loops, and the variables that a round or an element has to itself. These lie with the
// pointer that stands directly in the block; of what is gone, with the undo entry.

// scope returns what a closure at p's node sees.
func (m *machine) scope(p *instance.Pointer) Scope {
	var v view
	v.around(m, p, p)
	return Scope{Data: m.s.Live, Items: v.items, Now: m.env.Now}
}

// view is what is around a pointer, outermost first.
type view struct {
	items  []instance.Item
	frames []frame
}

// frame is where the variables of an item lie.
type frame struct {
	item  int // in view.items
	ptr   *instance.Pointer
	entry *instance.UndoEntry // where ptr is nil: they are those of an Item of it
}

// around adds what is around c, which is at or p or above it.
func (v *view) around(m *machine, c, p *instance.Pointer) {
	parent := m.parent(c)
	if parent != nil {
		v.around(m, parent, p)
	}
	entry := m.s.Entry(c.Undo)
	switch {
	case entry != nil && c.Role == instance.Undoing:
		v.recorded(m, entry)
	case parent != nil:
		v.block(m, parent, c)
	}
	if entry != nil && c != p && !entry.Block {
		v.items = append(v.items, instance.Item{Node: c.Node, Value: entry.Value, Done: true})
	}
}

// block adds what the block of parent has to itself in which c stands.
func (v *view) block(m *machine, parent, c *instance.Pointer) {
	n := m.Node(parent)
	framed := n.Blocks[c.Block].Frame
	it := instance.Item{Node: parent.Node}
	switch {
	case n.Branches(c.Block):
		it.Index, it.Value = c.Index, m.s.Items[parent.ID][c.Index]
	case !framed:
		return
	}
	if framed {
		it.Vars = c.Vars
		v.frames = append(v.frames, frame{item: len(v.items), ptr: c})
	}
	v.items = append(v.items, it)
}

// recorded adds what was around what an entry undoes and is gone: all but what is
// still around the saga that is rolled back.
func (v *view) recorded(m *machine, entry *instance.UndoEntry) {
	for i := len(v.items); i < len(entry.Items); i++ {
		it := entry.Items[i]
		if !it.Done && m.framed(it.Node) {
			v.frames = append(v.frames, frame{item: i, entry: entry})
		}
		v.items = append(v.items, it)
	}
}

// framed reports whether what runs in rounds or branches at a node has variables.
func (m *machine) framed(node int) bool {
	n := &m.Definition.Nodes[node]
	return len(n.Blocks) > 0 && n.Blocks[0].Frame
}

// keepVars stores the variables around p that were written.
func (m *machine) keepVars(p *instance.Pointer, items []instance.Item) {
	var v view
	v.around(m, p, p)
	written := map[*instance.UndoEntry]*instance.UndoEntry{}
	for _, f := range v.frames {
		vars := items[f.item].Vars
		switch {
		case bytes.Equal(vars, v.items[f.item].Vars):
		case f.ptr != nil:
			f.ptr.Vars = vars
			m.touch(f.ptr)
		default:
			u := written[f.entry]
			if u == nil {
				u = new(instance.UndoEntry)
				*u = *f.entry
				u.Items = slices.Clone(u.Items)
				written[f.entry] = u
				m.s.Rewrite(f.entry, u)
				m.fx.Put = append(m.fx.Put, instance.CellID{Kind: instance.UndoCell, Ptr: u.Ptr})
			}
			u.Items[f.item].Vars = vars
		}
	}
}

// boundedVars reports whether the variables of each item are within MaxPayload.
func boundedVars(items []instance.Item) error {
	for i := range items {
		if err := bounded("the variables of a round or an element would be", len(items[i].Vars)); err != nil {
			return err
		}
	}
	return nil
}

// openScope returns what the code at the beginning of an empty block of p sees: what
// is around p, and variables that nobody has written yet.
func (m *machine) openScope(p *instance.Pointer, block int) Scope {
	sc := m.scope(p)
	if m.Node(p).Blocks[block].Frame {
		sc.Items = append(sc.Items, instance.Item{Node: p.Node})
	}
	return sc
}

// exitsOf lists where the code behind a node, or at the beginning of a block of it,
// may lead.
func (m *machine) exitsOf(node, block int) []definition.Exit {
	switch {
	case node == definition.None:
		return m.Definition.Exits
	case block == Behind:
		return m.Definition.Nodes[node].Exits
	case block == Round:
		return nil
	}
	return m.Definition.Nodes[node].Blocks[block].Exits
}

// wayOut checks which way code says that the flow leaves by.
func wayOut(exit int, exits []definition.Exit) error {
	if exit < 0 || exit > len(exits) {
		return fmt.Errorf("its code leaves by exit %d, and there are %d", exit, len(exits))
	}
	return nil
}
