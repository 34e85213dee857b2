package extract

import (
	"errors"
	"go/ast"
	"go/token"

	"github.com/wfegen/wfe/internal/analysis/model"
	"github.com/wfegen/wfe/runtime/definition"
)

// graphs reads what each workflow function builds. It follows the function as running it would, call by call, and adds
// the same nodes; what it cannot follow is a finding.
func (w *work) graphs() {
	if w.bodies == nil {
		return
	}
	hash := newCodeHash(w.program, w.marked.pkg, w.bodies)
	for _, f := range w.out.Workflows {
		fn := w.function(f.Func)
		if f.Builder == nil || fn == nil || w.unread[fn] {
			continue
		}
		if f.Plain {
			w.compile(f, fn, hash)
			continue
		}
		r := &reader{work: w, draft: definition.NewDraft(), builder: f.Builder, hash: hash, ok: true}
		r.function(fn, r.draft.Top())
		if r.ok {
			f.Graph = r.graph(f)
		}
	}
}

// reader reads one workflow function.
type reader struct {
	*work
	draft   *definition.Draft
	builder *model.Builder
	hash    *codeHash
	nodes   []model.Node
	hashed  []hashed
	start   []definition.Exit // of the code before the first node
	active  []*ast.FuncDecl   // functions that are being read, each called by the one before
	ok      bool              // everything was understood
}

// hashed is what the hash of a node's code covers.
type hashed struct {
	wiring []string
	code   []ast.Node
}

// graph is what was read.
func (r *reader) graph(f *model.Workflow) *model.Graph {
	d := &definition.Definition{Name: f.ID, Version: f.Version, First: r.draft.First, Nodes: r.draft.Nodes, Exits: r.start}
	first := map[string]int{}
	for i := range d.Nodes {
		n := &d.Nodes[i]
		n.Code = r.hash.of(r.hashed[i])
		if other, ok := first[n.ID]; ok {
			if p, q := n.Parent, d.Nodes[other].Parent; p == q || p == definition.None || q == definition.None || d.Nodes[p].ID != d.Nodes[q].ID {
				r.report(duplicateNode(r.nodes[i], r.nodes[other], n, f.Plain))
			} // else it is so because that of the containers is
			r.ok = false
			continue
		}
		first[n.ID] = i
	}
	if r.ok {
		r.validate(d, f.Pos)
	}
	structure, err := d.Structure()
	if err != nil { // of text that is no JSON, which there is none
		r.report(badDefinition(f.Pos, err))
	}
	return &model.Graph{Definition: d, Structure: string(structure), Nodes: r.nodes}
}

// validate reports what Register would refuse.
func (r *reader) validate(d *definition.Definition, pos token.Position) {
	err := d.Validate()
	if err == nil {
		return
	}
	var all interface{ Unwrap() []error }
	if !errors.As(err, &all) {
		r.report(badDefinition(pos, err))
		return
	}
	for _, e := range all.Unwrap() {
		r.report(badDefinition(pos, e))
	}
}
