package extract

import (
	"cmp"
	"go/ast"
	"go/types"

	"github.com/wfegen/wfe/internal/analysis/model"
	"github.com/wfegen/wfe/runtime/definition"
)

// step reads the call of a builder's method for a step.
func (r *reader) step(m *model.Method, x *ast.CallExpr, name *ast.Ident, from at) at {
	n := definition.Node{Kind: definition.Step, Step: m.Step.Step, Undo: m.Step.Undo}
	if c := m.Step.Compensate; c != nil && c.By != nil {
		n.Compensate = c.By.Step
	}
	blocks := len(x.Args) // of the arguments, where the block of one that branches is
	id := m.Step.Step
	if m.Step.Run == model.RunBranches {
		blocks = min(len(m.Need), 1)
		for _, option := range x.Args[min(blocks+1, len(x.Args)):] {
			if given, ok := r.option(option, &n); ok {
				id = given
			}
		}
	}
	i := r.node(from.seq, id, n, name)
	node := &r.nodes[i]
	node.Method, node.Step, node.Inputs, node.Outputs, node.Asks = m, m.Step.Name, m.Need, m.Step.Outputs, m.Step.Asks
	r.wiring(i, "in", m.In)
	r.wiring(i, "out", m.Out)
	r.wiring(i, "undo", m.Undo)
	if c := m.Step.Compensate; c != nil {
		r.wiring(i, "undone", c.Wires)
		for _, other := range r.builder.Methods {
			if other.Step == c.By {
				r.wiring(i, "undo out", other.Out)
			}
		}
	}
	_, args := r.aligned(call{args: []arg{{code, model.CodeInputs}}}, name, x.Args)
	for _, arg := range args[:min(blocks, len(args))] {
		r.code(i, model.CodeInputs, arg)
	}
	if blocks < len(args) {
		r.block(args[blocks], r.draft.Open(i, definition.BlockBranch))
	}
	return at{from.seq, onStep, i}
}

func (r *reader) wiring(node int, what string, wires []model.Wire) {
	for _, w := range wires {
		r.hashed[node].wiring = append(r.hashed[node].wiring, what+" "+w.To.Selector()+" "+w.From.Selector())
	}
}

// loop reads the call of a builder's method for a slice field.
func (r *reader) loop(l *model.Loop, x *ast.CallExpr, name *ast.Ident, from at) at {
	c := call{kind: definition.ForEach, args: []arg{{role: block}, {role: more}}}
	out := r.addNamed(c, l.ID, x, name, x.Args, from)
	i := from.seq.Last
	r.hashed[i].wiring = append(r.hashed[i].wiring, "items "+l.From.Selector())
	r.nodes[i].Code = append(r.nodes[i].Code, model.Code{Pos: r.pos(name.Pos()), What: "collection", Text: l.From.Selector()})
	return out
}

// then reads what step wfe.Then or wfe.ThenBranch adds, and returns its name.
func (r *reader) then(x *ast.CallExpr, n *definition.Node, takesBlock bool) string {
	named := r.typeArgument(x, 1)
	if named == nil || named.Obj().Pkg() == nil {
		r.ok = false // the compiler says why
		return ""
	}
	name, ok := r.storedName(named, "step")
	if !ok {
		r.report(notRegistered(r.pos(x.Pos()), r.lineEnd(x.Fun), "step", types.TypeString(named, r.qualifier)))
		r.ok = false
		return ""
	}
	if named.Obj().Pkg() != r.marked.pkg.Types {
		name = named.Obj().Pkg().Name() + "." + name
	}
	if _, sel := method(named, "Run"); sel != nil && item(sel.Type().(*types.Signature)) != nil && !takesBlock {
		r.report(noBranchBlock(r.pos(x.Pos()), r.lineEnd(x.Fun), types.TypeString(named, r.qualifier)))
		r.ok = false
	}
	n.Step, n.Undo = name, undoes(named)
	return name
}

// compensation returns what the directive of a step that wfe.Then adds names as its compensation: only the method of a
// builder wires that.
func (r *reader) compensation(named *types.Named) string {
	if named == nil || named.Obj().Pkg() == nil || r.extraction.marked[named.Obj().Pkg().Path()] == nil {
		return ""
	}
	for _, d := range r.extraction.marked[named.Obj().Pkg().Path()].types("step") {
		if d.name() == named.Obj().Name() {
			return d.directive("step").Text("compensate")
		}
	}
	return ""
}

// event returns the name of the event that wfe.Await waits for.
func (r *reader) event(x *ast.CallExpr) string {
	named := r.typeArgument(x, 0)
	if named == nil || named.Obj().Pkg() == nil {
		r.ok = false
		return ""
	}
	name, ok := r.storedName(named, "event")
	if !ok {
		r.report(notRegistered(r.pos(x.Pos()), r.lineEnd(x.Fun), "event", types.TypeString(named, r.qualifier)))
		r.ok = false
	}
	return name
}

// storedName returns the name that instances store of a step or event: that of its directive.
func (w *work) storedName(named *types.Named, verb string) (string, bool) {
	m := w.extraction.marked[named.Obj().Pkg().Path()]
	if m == nil || !w.generated(named.Obj().Pkg()) {
		return "", false
	}
	for _, d := range m.types(verb) {
		if d.name() == named.Obj().Name() {
			return cmp.Or(d.directive(verb).Text("name"), definition.Kebab(d.name())), true
		}
	}
	return "", false
}

// fieldsOf notes the inputs and outputs of a step that no method wires.
func (r *reader) fieldsOf(node int, named *types.Named) {
	if named == nil {
		return
	}
	r.nodes[node].Step = types.TypeString(named, r.qualifier)
	s := &model.Step{Name: named.Obj().Name()}
	quiet := *r.work // what is wrong with a step is said where it is marked, and its types are not this package's
	quiet.table = newTable(r.program.Fset, r.marked.pkg.Types, r.docs)
	quiet.extraction = &extraction{program: r.program, docs: r.docs, marked: r.extraction.marked}
	quiet.fields(s, named)
	r.nodes[node].Inputs, r.nodes[node].Outputs = s.Inputs, s.Outputs
}
