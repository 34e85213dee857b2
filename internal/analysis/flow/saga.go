package flow

import (
	"go/ast"

	"github.com/wfegen/wfe/runtime/definition"
)

// saga adds a saga, or one that hands on its failure.
func (b *block) saga(s ast.Stmt, call *ast.CallExpr, fn string, last bool) {
	lit := b.literal(call.Args[1])
	if lit == nil {
		return
	}
	o := b.readOptions(call, 2)
	kind := "saga"
	if fn == "Try" {
		kind = "try"
	}
	id := b.id(s, o.name)
	if id == "" {
		id = kind
	}
	n := b.add(call, id, definition.Node{Kind: definition.Saga, Catch: fn == "Try"})
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
		name := "Saga"
		if fn == "Try" {
			name = "Try"
		}
		w.text("%s.%s(%s, ", w.builderName, name, w.segment(n))
		w.inBlock(body)
		if fn == "Try" {
			w.text(", ")
			if caught == nil {
				w.text("nil")
			} else {
				w.text("func(")
				w.state()
				w.text(", %s *", failure)
				w.wfe("Failure")
				w.text(") {\n")
				w.body(caught)
				w.text("}")
			}
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
	id := b.id(s, o.name)
	if id == "" {
		id = "undo"
	}
	n := b.add(call, id, definition.Node{Kind: definition.Undo})
	body := b.inner(n, definition.BlockCompensate)
	body.closure(lit, n)
	b.entries = append(b.entries, func(w *writer) {
		w.text("%s.Undo(%s, ", w.builderName, w.segment(n))
		w.inBlock(body)
		w.text(")\n")
	})
}
