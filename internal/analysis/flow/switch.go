package flow

import (
	"go/ast"
	"strconv"

	"github.com/wfegen/wfe/runtime/definition"
)

// branch is a case of a switch.
type branch struct {
	name string
	cond *unit
	body *block
}

// decide compiles a switch with calls in it.
func (b *block) decide(s *ast.SwitchStmt) {
	plain := *s
	plain.Init = nil
	if !b.begun(s, s.Init, &plain) {
		return
	}
	b.cases(s, s.Body, func(clause *ast.CaseClause, cond *unit) {
		for i, x := range clause.List {
			before := " || "
			if i == 0 {
				before = "return "
			}
			if s.Tag == nil {
				b.plain(cond, frag{node: x, before: before + "(", after: ")"})
				continue
			}
			b.plain(cond, frag{node: s.Tag, before: before + "(", after: ") == "})
			b.plain(cond, frag{node: x, before: "(", after: ")"})
		}
		cond.inline = true
	})
}

// decideType compiles a type switch with calls in it. The code before it decides it, for nothing that it asks can be saved.
func (b *block) decideType(s *ast.TypeSwitchStmt) {
	if _, plain := header(s); !b.calls(plain) {
		b.begun(s, s.Init, plain)
		return
	}
	if b.decided[at{b.in, s}] == nil {
		b.earlyInit(s.Init, func() { b.earlySwitch(s, s.Body) })
	}
	b.cases(s, s.Body, nil)
}

// cases compiles the cases of a switch. asks compiles the condition of one, where the code before has not decided.
func (b *block) cases(s ast.Stmt, body *ast.BlockStmt, asks func(*ast.CaseClause, *unit)) {
	n := b.add(s, b.id(s, "switch"), definition.Node{Kind: definition.Decide})
	early := b.decided[at{b.in, s}]
	var list []branch
	var otherwise *ast.CaseClause
	for _, stmt := range body.List {
		clause := stmt.(*ast.CaseClause)
		if clause.List == nil {
			otherwise = clause
			continue
		}
		cond := &unit{node: n, what: "condition"}
		if early != nil {
			b.plain(cond, frag{text: "return ", use: early.choice, after: " == " + strconv.Itoa(len(list)+1)})
		} else {
			asks(clause, cond)
		}
		name := b.caseName(clause)
		list = append(list, branch{name, cond, b.caseBody(n, name, clause, early)})
	}
	rest := b.caseBody(n, definition.BlockDefault, otherwise, early)
	b.entries = append(b.entries, func(w *writer) {
		w.text("%s.Decide(%s)", w.builderName, w.segment(n))
		for _, c := range list {
			w.text(".\nWhen(%s, ", strconv.Quote(c.name))
			w.function(c.cond, "bool")
			w.text(", ")
			w.inBlock(c.body)
			w.text(")")
		}
		w.text(".\nDefault(")
		w.inBlock(rest)
		w.text(")\n")
	})
}

// caseBody compiles the statements of a case.
func (b *block) caseBody(n int, name string, clause *ast.CaseClause, early *decided) *block {
	body := b.inner(n, name)
	body.leave.brk = &exit{node: n, leave: true}
	if clause == nil {
		return body
	}
	if early != nil && early.left != nil && b.calls(clause) && leavesSwitch(clause) { // what it begins with may have left it
		body.leaveIf(early.left, body.leave.brk)
	}
	body.statements(clause.Body, true)
	return body
}
