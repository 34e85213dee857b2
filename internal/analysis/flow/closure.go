package flow

import (
	"go/ast"
)

// literal returns the function literal that is an argument.
func (b *block) literal(x ast.Expr) *ast.FuncLit {
	lit, ok := ast.Unparen(x).(*ast.FuncLit)
	if !ok {
		b.report(literalNeeded(b.span(x)))
		b.ok = false
	}
	return lit
}

// closure compiles the body of a function literal into a block, which a return ends.
func (b *block) closure(lit *ast.FuncLit, node int) {
	b.leave, b.tail, b.closed = leave{ret: exit{node: node}}, true, true
	b.statements(lit.Body.List, true)
}

// closureElement compiles the body of a loop's function literal, and returns the cell of its parameter.
func (b *block) closureElement(body *block, x ast.Expr, n int) *cell {
	lit := b.literal(x)
	if lit == nil {
		return &cell{name: "_"}
	}
	item := &cell{name: "_"}
	if params := parameters(lit.Type); len(params) > 0 && params[0].Name != "_" {
		item = body.declared(params[0], lit.Body)
	}
	body.closure(lit, n)
	return item
}
