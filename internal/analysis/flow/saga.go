package flow

import (
	"go/ast"
	"strings"

	"github.com/wfegen/wfe/runtime/definition"
)

// saga adds a saga, or one that hands on its failure.
func (b *block) saga(s ast.Stmt, call *ast.CallExpr, fn string, last bool) {
	lit := b.literal(call.Args[1])
	if lit == nil {
		return
	}
	o := b.readOptions(call, 2)
	n := b.add(call, b.named(s, o, strings.ToLower(fn)), definition.Node{Kind: definition.Saga, Catch: fn == "Try"})
	body := b.inner(n, "")
	var caught *unit
	failure := b.param("failure")
	if fn == "Try" {
		caught = b.store(n, s, call, result{values: failure}, last)
		if caught != nil {
			b.beginsNil(body, s, caught)
		}
	}
	body.closure(lit, n)
	b.options(n, o)
	b.entries = append(b.entries, func(w *writer) {
		w.text("%s.%s(%s, ", w.builderName, fn, w.segment(n))
		w.inBlock(body)
		if fn == "Try" {
			w.text(", ")
			w.taker(caught, failure, func() { w.wfe("Failure") })
		}
		w.text(")\n")
		w.storesCall(caught)
		w.settings(o)
	})
	b.after()
}

// beginsNil sets the variables that take the failure of a Try to nil when that begins.
func (b *block) beginsNil(body *block, s ast.Stmt, caught *unit) {
	vars := b.frame.vars
	_, results := s.(*ast.ReturnStmt)
	if results {
		vars = b.leave.results
	}
	for _, v := range vars {
		if results || v.unit == caught {
			v.saved = true
			u := body.edge()
			u.frags = append(u.frags, frag{in: b.in, define: v, text: "nil"})
		}
	}
}

// undo adds what a saga does when it rolls back.
func (b *block) undo(s ast.Stmt, call *ast.CallExpr) {
	lit := b.literal(call.Args[1])
	if lit == nil {
		return
	}
	o := b.readOptions(call, 2)
	n := b.add(call, b.named(s, o, "undo"), definition.Node{Kind: definition.Undo})
	body := b.inner(n, definition.BlockCompensate)
	body.closure(lit, n)
	b.entries = append(b.entries, func(w *writer) {
		w.text("%s.Undo(%s, ", w.builderName, w.segment(n))
		w.inBlock(body)
		w.text(")\n")
	})
}
