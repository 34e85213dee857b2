package flow

import (
	"go/ast"

	"github.com/wfegen/wfe/runtime/definition"
)

// child adds an instance of another workflow.
func (b *block) child(s ast.Stmt, call *ast.CallExpr, last bool) {
	pkg, ref, workflow, ok := b.host.Child(call.Args[1])
	if !ok {
		b.ok = false
		return
	}
	o := b.readOptions(call, 3)
	id := b.named(s, o, workflow)
	data := b.host.Info.TypeOf(call.Args[2])
	b.unanswered(s, call, o, data)
	n := b.add(call, id, definition.Node{Kind: definition.Child, Workflow: workflow, Version: o.version, Abandon: o.abandon})
	in := b.unit(n, "data", frag{node: call.Args[2], before: "return "})
	param := b.param("result")
	out := b.store(n, s, call, result{values: "*" + param, named: param}, last)
	b.answered(o)
	b.options(n, o)
	b.entries = append(b.entries, func(w *writer) {
		w.wfe("Child")
		w.text("(%s, %s, ", w.builderName, w.segment(n))
		w.name(pkg.Path, pkg.Name, ref)
		w.text(", func(")
		w.state()
		w.text(") ")
		w.typ(data)
		w.text(" {\n")
		w.body(in)
		w.text("}, ")
		w.taker(out, param, func() { w.typ(data) })
		w.options(o)
		w.text(")\n")
		w.storesCall(out)
		w.settings(o)
	})
	b.after()
}
