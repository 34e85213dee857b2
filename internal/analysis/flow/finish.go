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
