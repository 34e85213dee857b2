package flow

import (
	"go/ast"
	"go/types"
	"strconv"

	"github.com/wfegen/wfe/runtime/definition"
)

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
	id := b.id(s, o.name)
	if id == "" {
		id = st.Name
	}
	node := definition.Node{Kind: definition.Step, Step: st.Name, Undo: st.Undo, Compensate: st.By, Sequential: o.sequential}
	n := b.add(call, id, node)
	b.nodes[n].Step = types.TypeString(named, b.host.Qualifier)
	b.nodes[n].Asks = st.Method != nil && st.Method.Step.Asks
	stepName := b.param("step")
	in := b.unit(n, "inputs", frag{node: arg, before: "*" + stepName + " = "})
	var body *block
	var item *cell
	if fn == "Branch" {
		body = b.loop(n, definition.BlockBranch)
		item = b.closureElement(body, call.Args[2], n)
	}
	r := result{values: "*" + stepName, named: stepName}
	outcome := b.param("outcome")
	if fn == "Steer" {
		r.values += ", " + outcome
		r.named = ""
	}
	out := b.store(n, s, call, r, last)
	b.options(n, o)
	step := func(w *writer) {
		w.text(", %s *", stepName)
		w.typ(named)
	}
	b.entries = append(b.entries, func(w *writer) {
		adder := "AddStep"
		if body != nil {
			adder = "AddBranching"
		}
		w.wfe(adder)
		w.text("(%s.Block, ", w.builderName)
		w.wfe("Use")
		w.text("[")
		w.stateType()
		w.text(", ")
		w.typ(named)
		w.text("]{\nSet: func(")
		w.state()
		step(w)
		w.text(") {\n")
		w.body(in)
		w.text("},\n")
		if out != nil && fn != "Steer" {
			w.text("Out: func(")
			w.state()
			step(w)
			w.text(") {\n")
			w.body(out)
			w.text("},\n")
		}
		if out != nil {
			w.text("Always: true,\n")
			if names, ok := w.stored(out); ok && fn != "Steer" {
				w.text("Stores: []string{%s},\n", names)
			}
		}
		if st.By != "" {
			w.undoBy(st.Method)
		}
		w.text("}")
		if body != nil {
			w.text(", ")
			w.inBlock(body, func() {
				w.text("%s *", item.name)
				w.typ(st.Item)
			})
			w.options(o)
			if id != st.Name { // what leaves the block refers to it
				w.text(", ")
				w.wfe("Name")
				w.text("(%s)", strconv.Quote(id))
			}
		}
		w.text(")")
		if fn == "Steer" && out != nil {
			w.text(".\nOutcome(func(")
			w.state()
			step(w)
			w.text(", %s string) {\n", outcome)
			w.body(out)
			w.text("})")
		}
		w.text("\n")
		if fn == "Steer" {
			w.storesCall(out)
		}
		if id != st.Name && body == nil {
			w.text("%s.Name(%s)\n", w.builderName, strconv.Quote(id))
		}
		w.settings(o)
	})
	b.after()
}
