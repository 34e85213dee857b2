package check

import (
	"slices"
	"strings"

	"github.com/wfegen/wfe/internal/analysis/model"
	"github.com/wfegen/wfe/runtime/definition"
)

// graphs checks what the workflow functions build.
func (c *checker) graphs() {
	for _, w := range c.pkg.Workflows {
		if w.Graph == nil {
			continue
		}
		g := &graph{checker: c, Definition: w.Graph.Definition, nodes: w.Graph.Nodes, data: c.types.Short(w.Builder.Data, c.pkg.Path)}
		for i := range g.nodes {
			g.inputs(i)
			g.outputs(i)
			g.parallel(i)
			g.saga(i)
			g.dropped(i)
		}
		if !w.Plain { // of plain Go that is found in the source
			g.ends(g.First)
		}
	}
}

type graph struct {
	*checker
	*definition.Definition
	nodes []model.Node
	data  string // name of the data type
}

// code returns what a node is given for a purpose; nil if nothing is.
func code(n *model.Node, what string) *model.Code {
	for i := len(n.Code) - 1; i >= 0; i-- { // a second Out takes the place of the first
		if n.Code[i].What == what {
			return &n.Code[i]
		}
	}
	return nil
}

// inputs checks that what is not read from the data is set, and that alone.
func (g *graph) inputs(i int) {
	n := &g.nodes[i]
	set := code(n, model.CodeInputs)
	for _, f := range n.Inputs {
		if set == nil || !set.Whole && !mentions(set.Fields, f) {
			g.report(unsetInput(n, f))
		}
	}
	if n.Method == nil || set == nil {
		return
	}
	for _, w := range n.Method.In {
		if mentions(set.Sets, w.To) {
			g.report(inputSetTwice(n, w, g.data))
		}
	}
}

// outputs checks that the outputs of a step are stored, or of use to its compensation.
func (g *graph) outputs(i int) {
	n := &g.nodes[i]
	if g.compensated(i) {
		return
	}
	out := code(n, model.CodeOutputs)
	for _, f := range n.Outputs {
		switch {
		case out != nil && (out.Whole || mentions(out.Fields, f)):
		case out == nil && n.Method != nil && slices.ContainsFunc(n.Method.Out, func(w model.Wire) bool { return w.From.Selector() == f.Selector() }):
		default:
			g.report(outputLost(n, f, g.data, out != nil))
		}
	}
}

// mentions reports whether one of the paths leads to a field, into it, or to a struct that it is a part of. Promoted fields
// may be written without the field that promotes them.
func mentions(paths []string, f model.Field) bool {
	for _, p := range paths {
		for _, name := range []string{f.Name, f.Selector()} {
			if overlap(p, name) {
				return true
			}
		}
	}
	return false
}

// overlap reports whether one of two paths begins with the other. The empty one is the whole.
func overlap(a, b string) bool {
	return a == b || a == "" || b == "" || strings.HasPrefix(a, b+".") || strings.HasPrefix(b, a+".")
}

func (g *graph) compensated(i int) bool {
	n := &g.Nodes[i]
	return n.HasCompensation() || n.Block(definition.BlockCompensate) != definition.None
}

// saga checks that the steps of a saga can be undone, unless they say that there is nothing to undo.
func (g *graph) saga(i int) {
	n := &g.nodes[i]
	if n.Step == "" || n.Asks || n.Dropped != "" || g.compensated(i) {
		return
	}
	for next := g.Nodes[i].Next; next != definition.None; next = g.Nodes[next].Next {
		if g.Nodes[next].Kind == definition.Undo {
			return // the author says how
		}
	}
	in := ""
	for p := g.Nodes[i].Parent; p != definition.None; p = g.Nodes[p].Parent {
		if g.Nodes[p].Kind == definition.Undo || g.Nodes[p].Catch {
			return // this undoes something, or the failure is handled
		}
		if g.Nodes[p].Kind != definition.Saga {
			continue
		}
		if g.Nodes[p].Block(definition.BlockCompensate) != definition.None {
			return // that handles the failure, or this is a part of it
		}
		if in == "" {
			in = segment(g.Nodes[p].ID)
		}
	}
	if in != "" {
		g.report(notCompensated(n, in))
	}
}

// dropped checks that a step is compensated as its directive says.
func (g *graph) dropped(i int) {
	if g.nodes[i].Dropped != "" && !g.compensated(i) {
		g.report(compensationDropped(&g.nodes[i]))
	}
}

// segment is the last one of an id.
func segment(id string) string { return id[strings.LastIndexByte(id, '/')+1:] }

// parallel checks that blocks which run at the same time do not write the same fields.
func (g *graph) parallel(i int) {
	n := &g.Nodes[i]
	switch {
	case n.Branches(0) && !n.Sequential:
		var seen []string
		for _, w := range g.writes(n.Blocks[0].First) {
			if !w.Adds && w.Text == "" && !slices.Contains(seen, w.Path) {
				seen = append(seen, w.Path)
				g.report(elementWrites(w, g.data, segment(n.ID)))
			}
		}
	case n.Kind == definition.Parallel, n.Kind == definition.Decide && n.All:
		var before []model.Write
		for _, b := range n.Blocks {
			here := g.writes(b.First)
			for _, w := range here {
				if j := slices.IndexFunc(before, func(o model.Write) bool { return conflict(o, w) }); j >= 0 {
					g.report(branchesWrite(w, before[j], g.data, segment(n.ID)))
				}
			}
			before = append(before, here...)
		}
	}
}

// conflict reports whether the order of two writes matters.
func conflict(a, b model.Write) bool {
	same := a.Text != "" && a.Text == b.Text && a.Path == b.Path
	return overlap(a.Path, b.Path) && !(a.Adds && b.Adds) && !same
}

// writes lists what the nodes of a block write, inner blocks included.
func (g *graph) writes(first int) []model.Write {
	var out []model.Write
	for i := first; i != definition.None; i = g.Nodes[i].Next {
		n := &g.nodes[i]
		if n.Method != nil && code(n, model.CodeOutputs) == nil {
			for _, w := range n.Method.Out {
				out = append(out, model.Write{Pos: n.Pos, Path: w.To.Selector()})
			}
		}
		for _, what := range []string{model.CodeOutputs, model.CodeEvent, model.CodeResult, model.CodeChange, model.CodeFunc} {
			c := code(n, what)
			if c == nil {
				continue
			}
			for _, w := range c.Writes {
				w.Adds = w.Adds && what != model.CodeFunc // it adds to a copy
				out = append(out, w)
			}
		}
		for _, b := range g.Nodes[i].Blocks {
			out = append(out, g.writes(b.First)...)
		}
	}
	return out
}
