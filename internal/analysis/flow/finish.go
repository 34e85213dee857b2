package flow

import (
	"go/ast"
	"strconv"

	"github.com/wfegen/wfe/runtime/definition"
)

// end ends the instance.
func (b *block) end(s ast.Stmt, call *ast.CallExpr) {
	id := b.id(s, string(definition.End))
	b.add(call, id, definition.Node{Kind: definition.End})
	b.entries = append(b.entries, func(w *writer) {
		w.text("%s.End()\n", w.builderName)
		if id != string(definition.End) {
			w.text("%s.Name(%s)\n", w.builderName, strconv.Quote(id))
		}
	})
}

// fail fails the saga around it, or the instance.
func (b *block) fail(s ast.Stmt, call *ast.CallExpr) {
	n := b.add(call, b.id(s, "fail"), definition.Node{Kind: definition.Fail})
	message := b.unit(n, "error", frag{node: call.Args[1], before: "return "})
	b.entries = append(b.entries, func(w *writer) {
		w.text("%s.Fail(%s, ", w.builderName, w.segment(n))
		w.function(message, "error")
		w.text(")\n")
	})
}
