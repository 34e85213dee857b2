package check

import (
	"slices"

	"github.com/wfegen/wfe/internal/analysis/model"
	"github.com/wfegen/wfe/runtime/definition"
)

// ends reports whether the flow never leaves a block at its end. A node behind one that it does not leave is a finding.
func (g *graph) ends(first int) bool {
	early := false // the block may end before its end: at a node that is cancelled
	for i := first; i != definition.None; i = g.Nodes[i].Next {
		early = early || g.Nodes[i].Cancel && !g.Nodes[i].Proceed
		if !g.endsAt(i) {
			continue
		}
		if next := g.Nodes[i].Next; next != definition.None {
			g.report(unreachable(&g.nodes[next], g.nodes[i].Pos))
		}
		return !early
	}
	return false
}

// endsAt reports whether the flow never goes on after a node.
func (g *graph) endsAt(i int) bool {
	n := &g.Nodes[i]
	ends := make([]bool, len(n.Blocks))
	for b := range n.Blocks {
		ends[b] = g.ends(n.Blocks[b].First)
		g.neverRuns(i, b)
	}
	all := len(ends) > 0 && !slices.Contains(ends, false)
	if n.Proceed { // it may be cancelled
		return false
	}
	switch n.Kind {
	case definition.End:
		return true
	case definition.If:
		return all && len(ends) == 2
	case definition.Decide:
		return all && n.Block(definition.BlockDefault) != definition.None
	case definition.Parallel:
		return slices.Contains(ends, true)
	case definition.Saga:
		return ends[0]
	case definition.While:
		always := constant(&g.nodes[i], 0)
		return always != nil && *always
	}
	return false
}

// neverRuns reports a block that a constant condition keeps from running.
func (g *graph) neverRuns(i, b int) {
	n := &g.Nodes[i]
	first := n.Blocks[b].First
	if first == definition.None {
		return
	}
	holds := func(block int, want bool) bool {
		c := constant(&g.nodes[i], block)
		return c != nil && *c == want
	}
	switch {
	case n.Blocks[b].Name == definition.BlockElse && n.Kind == definition.If:
		if holds(0, true) {
			g.report(neverRuns(&g.nodes[first], g.nodes[i].Pos, true))
		}
	case holds(b, false):
		g.report(neverRuns(&g.nodes[first], g.nodes[i].Pos, false))
	}
}

// constant is what the condition of a block always is; nil if it is not always the same.
func constant(n *model.Node, block int) *bool {
	for _, c := range n.Code {
		if c.What == model.CodeIf && c.Block == block {
			return c.Constant
		}
	}
	return nil
}
