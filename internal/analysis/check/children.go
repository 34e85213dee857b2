package check

import (
	"slices"

	"github.com/wfegen/wfe/internal/analysis/model"
	"github.com/wfegen/wfe/runtime/definition"
)

// children checks that no workflow starts itself without end: as a child, or through the children of its children.
// Workflows of other packages cannot lead back here, as packages do not import each other in circles.
func (c *checker) children() {
	for _, w := range c.pkg.Workflows {
		for _, n := range c.always(w) {
			if by, ok := c.leadsTo(n, w, nil); ok {
				c.report(endlessChildren(n.node, w, by))
				break
			}
		}
	}
}

// started is a child that each instance of a workflow starts.
type started struct {
	workflow *model.Workflow
	node     *model.Node
}

// leadsTo reports whether a child is an instance of a workflow, or starts one at any distance, and through which others.
func (c *checker) leadsTo(child started, w *model.Workflow, by []*model.Workflow) ([]*model.Workflow, bool) {
	if child.workflow == w {
		return by, true
	}
	if slices.Contains(by, child.workflow) {
		return nil, false
	}
	by = append(slices.Clone(by), child.workflow)
	for _, next := range c.always(child.workflow) {
		if found, ok := c.leadsTo(next, w, by); ok {
			return found, true
		}
	}
	return nil, false
}

// always lists the children that each instance of a workflow starts and waits for, whatever its data say.
func (c *checker) always(w *model.Workflow) []started {
	if w.Graph == nil {
		return nil
	}
	d := w.Graph.Definition
	var out []started
	var block func(first int) bool
	block = func(first int) (goesOn bool) {
		for i := first; i != definition.None; i = d.Nodes[i].Next {
			n := &d.Nodes[i]
			switch n.Kind {
			case definition.Child:
				if other := c.meant(n); other != nil && !n.Abandon {
					out = append(out, started{other, &w.Graph.Nodes[i]})
				}
			case definition.Saga:
				if !block(n.Blocks[0].First) {
					return false
				}
			case definition.Parallel:
				for _, b := range n.Blocks {
					if mayEnd(d, b.First) {
						return false // before another branch has come to its child
					}
				}
				for _, b := range n.Blocks {
					block(b.First)
				}
			default:
				if n.Kind == definition.End || slices.ContainsFunc(n.Blocks, func(b definition.Block) bool { return mayEnd(d, b.First) }) {
					return false
				}
			}
		}
		return true
	}
	block(d.First)
	return out
}

// meant is the workflow of this package that a child is an instance of; nil if it is another package's.
func (c *checker) meant(n *definition.Node) *model.Workflow {
	var newest *model.Workflow
	for _, w := range c.pkg.Workflows {
		if w.ID != n.Workflow || n.Version != 0 && w.Version != n.Version {
			continue
		}
		if newest == nil || w.Version > newest.Version {
			newest = w
		}
	}
	return newest
}

// mayEnd reports whether the instance may end in a block.
func mayEnd(d *definition.Definition, first int) bool {
	for i := first; i != definition.None; i = d.Nodes[i].Next {
		n := &d.Nodes[i]
		if n.Kind == definition.End || slices.ContainsFunc(n.Blocks, func(b definition.Block) bool { return mayEnd(d, b.First) }) {
			return true
		}
	}
	return false
}
