package flow

import (
	"go/ast"
	"go/types"
	"strings"

	"github.com/wfegen/wfe/runtime/definition"
)

// ifElse compiles an if with calls in it.
func (b *block) ifElse(s *ast.IfStmt) {
	plain := *s
	plain.Init = nil
	if !b.begun(s, s.Init, &plain) {
		return
	}
	n := b.add(s, b.id(s, string(definition.If)), definition.Node{Kind: definition.If})
	cond := b.unit(n, "condition", b.truth(s.Cond))
	then := b.inner(n, definition.BlockThen)
	then.statements(s.Body.List, true)
	var otherwise *block
	if s.Else != nil {
		otherwise = b.inner(n, definition.BlockElse)
		otherwise.statements(elseOf(s), true)
	}
	b.entries = append(b.entries, func(w *writer) {
		w.text("%s.If(%s, ", w.builderName, w.segment(n))
		w.function(cond, "bool")
		w.text(", ")
		w.inBlock(then)
		w.text(")")
		if otherwise != nil {
			w.text(".\nElse(")
			w.inBlock(otherwise)
			w.text(")")
		}
		w.text("\n")
	})
}

// truth is a condition. One of a declared type is converted: the function that it stands in returns a bool.
func (b *block) truth(cond ast.Expr) frag {
	if _, declared := types.Unalias(b.host.Info.TypeOf(cond)).(*types.Named); declared {
		return frag{node: cond, before: "return bool(", after: ")"}
	}
	return frag{node: cond, before: "return "}
}

// begun compiles the init statement of an if or a switch, of which plain is the rest. It reports whether that is a node: what
// has no calls is copied. A directive above a node names it, not the call before it.
func (b *block) begun(s, init, plain ast.Stmt) bool {
	node := b.calls(plain)
	if init != nil {
		b.unnamed = node
		b.statement(init, false)
		b.unnamed = false
	}
	if !node {
		b.plain(b.edge(), frag{node: plain, skip: s})
	}
	return node
}

// rounds is a loop that runs as long as its condition holds.
type rounds struct {
	at   ast.Node
	id   string
	body *ast.BlockStmt

	cond  func(n int) *unit
	begin func(body *block) // what a round begins with; nil for nothing
	post  func(n int) *unit // what follows each round; nil for nothing
}

// while compiles a for with calls in it, but for one over a range.
func (b *block) while(s *ast.ForStmt) {
	if s.Init != nil {
		b.statement(s.Init, false)
	}
	l := rounds{at: s, id: "for", body: s.Body, cond: func(n int) *unit {
		always := frag{text: "return true"}
		if s.Cond != nil {
			always = b.truth(s.Cond)
		}
		return b.unit(n, "condition", always)
	}}
	if s.Post != nil {
		l.post = func(n int) *unit { return b.unit(n, "post statement", frag{node: s.Post}) }
	}
	b.run(l)
}

// run compiles a loop.
func (b *block) run(l rounds) {
	n := b.add(l.at, b.id(l.at, l.id), definition.Node{Kind: definition.While})
	cond := l.cond(n)
	body := b.loop(n, "")
	body.leave.brk, body.leave.cont = &exit{node: n, leave: true}, &exit{node: n}
	if l.begin != nil {
		l.begin(body)
	}
	body.statements(l.body.List, true)
	var post *unit
	if l.post != nil {
		post = l.post(n)
	}
	b.entries = append(b.entries, func(w *writer) {
		w.text("%s.While(%s, ", w.builderName, w.segment(n))
		w.function(cond, "bool")
		w.text(", ")
		w.inBlock(body)
		w.text(")\n")
		if post != nil {
			w.text("%s.Post(", w.builderName)
			w.function(post, "")
			w.text(")\n")
			w.storesCall(post)
		}
	})
}

func oneLine(src []byte) string { return strings.Join(strings.Fields(string(src)), " ") }
