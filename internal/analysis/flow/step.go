package flow

import (
	"go/ast"
	"go/types"

	"github.com/wfegen/wfe/runtime/definition"
)

// stepCall is a call of Do, Steer or Branch.
type stepCall struct {
	*Step
	typ     *types.Named
	node    int
	options *options
	renamed bool   // its id is not its name
	value   string // the parameter for the step in the functions that wire it
	outcome string // the parameter for what Steer returns
	steers  bool
	in, out *unit
	body    *block // of a branch; nil for none
	item    *cell
}

// step adds a step.
func (b *block) step(s ast.Stmt, call *ast.CallExpr, fn string, last bool) {
	arg := call.Args[1]
	named, _ := types.Unalias(b.host.Info.TypeOf(arg)).(*types.Named)
	if named == nil {
		b.cannot(s)
		return
	}
	st := b.host.Step(arg, named)
	if st == nil {
		b.ok = false
		return
	}
	first := 2
	if fn == "Branch" {
		first = 3
	}
	o := b.readOptions(call, first)
	id := b.named(s, o, st.Name)
	n := b.add(call, id, definition.Node{Kind: definition.Step, Step: st.Name, Undo: st.Undo, Compensate: st.By, Sequential: o.sequential})
	b.nodes[n].Step = types.TypeString(named, b.host.Qualifier)
	b.nodes[n].Asks = st.Method != nil && st.Method.Step.Asks
	c := &stepCall{Step: st, typ: named, node: n, options: o, renamed: id != st.Name, value: b.param("step"), steers: fn == "Steer"}
	c.in = b.unit(n, "inputs", frag{node: arg, before: "*" + c.value + " = "})
	if fn == "Branch" {
		c.body = b.loop(n, definition.BlockBranch)
		c.item = b.closureElement(c.body, call.Args[2], n)
	}
	r := result{values: "*" + c.value, named: c.value}
	c.outcome = b.param("outcome")
	if c.steers {
		r = result{values: r.values + ", " + c.outcome}
	}
	c.out = b.store(n, s, call, r, last)
	b.options(n, o)
	b.entries = append(b.entries, func(w *writer) { w.step(c) })
	b.after()
}

// step writes the calls that add a step.
func (w *writer) step(c *stepCall) {
	adder := "AddStep"
	if c.body != nil {
		adder = "AddBranching"
	}
	w.wfe(adder)
	w.text("(%s.Block, ", w.builderName)
	w.use(c)
	if c.body != nil {
		w.text(", ")
		w.inBlock(c.body, func() {
			w.text("%s *", c.item.name)
			w.typ(c.Item)
		})
		w.options(c.options)
		if c.renamed { // what leaves the block refers to it
			w.text(", ")
			w.wfe("Name")
			w.text("(%s)", w.segment(c.node))
		}
	}
	w.text(")")
	if c.steers && c.out != nil {
		w.text(".\nOutcome(func(")
		w.state()
		w.given(c)
		w.text(", %s string) {\n", c.outcome)
		w.body(c.out)
		w.text("})")
	}
	w.text("\n")
	if c.steers {
		w.storesCall(c.out)
	}
	if c.renamed && c.body == nil {
		w.text("%s.Name(%s)\n", w.builderName, w.segment(c.node))
	}
	w.settings(c.options)
}

// use writes how a step is wired.
func (w *writer) use(c *stepCall) {
	w.wfe("Use")
	w.text("[")
	w.stateType()
	w.text(", ")
	w.typ(c.typ)
	w.text("]{\n")
	w.wire("Set", c, c.in)
	if c.out != nil {
		if !c.steers {
			w.wire("Out", c, c.out)
		}
		w.text("Always: true,\n")
		if names, ok := w.stored(c.out); ok && !c.steers {
			w.text("Stores: []string{%s},\n", names)
		}
	}
	if c.By != "" {
		w.undoBy(c.Method)
	}
	w.text("}")
}

// wire writes a function that is given the data and the step.
func (w *writer) wire(member string, c *stepCall, u *unit) {
	w.text("%s: func(", member)
	w.state()
	w.given(c)
	w.text(") {\n")
	w.body(u)
	w.text("},\n")
}

func (w *writer) given(c *stepCall) {
	w.text(", %s *", c.value)
	w.typ(c.typ)
}
