package flow

import (
	"go/ast"
	"go/token"
	"slices"

	"github.com/wfegen/wfe/runtime/definition"
)

// leaves writes a statement that leaves the unit; it reports whether there is something to look into.
func (r *renderer) leaves(n ast.Stmt, word string) bool {
	l := r.frag.leave
	for _, around := range r.stack {
		switch around.(type) {
		case *ast.FuncLit:
			return true
		case *ast.ForStmt, *ast.RangeStmt:
			if word != "return" {
				return true
			}
		case *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt:
			if word == "break" {
				return true
			}
		}
	}
	if l == nil || r.frag.returns && word == "return" {
		return true
	}
	if ret, ok := n.(*ast.ReturnStmt); ok && l.returned != nil {
		sub := r.frag
		r.edit(n, func(w *writer) {
			if len(ret.Results) > 0 {
				w.results(r.unit, sub, ret, l.results)
				w.text("\n")
			}
			w.variable(l.returned)
			w.text(" = true\nreturn 0")
		})
		return false
	}
	to := &l.ret
	switch word {
	case "break":
		if l.left != nil {
			r.edit(n, func(w *writer) {
				w.variable(l.left)
				w.text(" = true\nbreak")
			})
			return false
		}
		to = l.brk
	case "continue":
		to = l.cont
	}
	if to == nil || word == "goto" || word == "fallthrough" {
		return true
	}
	number := r.unit.exit(*to)
	if ret, ok := n.(*ast.ReturnStmt); ok && len(ret.Results) > 0 {
		sub := r.frag
		r.edit(n, func(w *writer) {
			w.results(r.unit, sub, ret, l.results)
			w.text("\nreturn %d", number)
		})
		return false
	}
	r.edit(n, func(w *writer) { w.text("return %d", number) })
	return false
}

// fails writes a wfe.Fail, which leaves the unit.
func (r *renderer) fails(n ast.Stmt, call *ast.CallExpr) {
	id := "fail"
	if given, ok := r.host.ID(n); ok {
		id = given
	}
	if !r.host.Segment(n, id) {
		r.ok = false
	}
	number := r.unit.exit(exit{node: definition.None, fail: id})
	sub := r.frag
	r.edit(n, func(w *writer) {
		w.text("return %s.Fail(%d, ", w.dataName, number)
		w.node(r.unit, sub, call.Args[1])
		w.text(")")
	})
}

// reached leaves out what stands behind a wfe.Fail for Go alone, which does not know that it does not return.
func (r *renderer) reached(list []ast.Stmt) {
	i := slices.IndexFunc(list, func(s ast.Stmt) bool { return failOf(r.host.Info, s) != nil })
	if i < 0 {
		return
	}
	for _, s := range list[i+1:] {
		r.edit(s, func(*writer) {})
	}
}

// results writes the assignment of what a helper returns, but for a named result that is returned as itself.
func (w *writer) results(u *unit, f frag, ret *ast.ReturnStmt, to []*variable) {
	values := ret.Results
	if len(values) == len(to) {
		var changed []*variable
		values = nil
		for i, x := range ret.Results {
			if id, ok := ast.Unparen(x).(*ast.Ident); ok && w.lookup(f.in, id) == to[i] {
				continue
			}
			changed, values = append(changed, to[i]), append(values, x)
		}
		to = changed
	}
	if len(to) == 0 {
		return
	}
	for i, v := range to {
		if i > 0 {
			w.text(", ")
		}
		w.variable(v)
	}
	w.text(" = ")
	for i, x := range values {
		if i > 0 {
			w.text(", ")
		}
		w.node(u, f, x)
	}
}

// exit returns the number of an exit of the unit.
func (u *unit) exit(e exit) int {
	for i, other := range u.exits {
		if other == e {
			return i + 1
		}
	}
	u.exits = append(u.exits, e)
	return len(u.exits)
}

// terminates reports whether nothing runs behind the last fragment.
func (c *compiler) terminates(u *unit) bool {
	if len(u.frags) == 0 {
		return false
	}
	f := u.frags[len(u.frags)-1]
	for i := len(u.frags) - 1; f.brace && i > 0; {
		i--
		f = u.frags[i]
	}
	if f.exit != nil || f.text == goesOn {
		return true
	}
	s, ok := f.node.(ast.Stmt)
	return ok && f.define == nil && f.results == nil && f.leave != nil && c.terminating(s)
}

// terminating reports whether no statement runs behind s.
func (c *compiler) terminating(s ast.Stmt) bool {
	switch s := s.(type) {
	case *ast.ReturnStmt:
		return true
	case *ast.BranchStmt:
		return s.Tok == token.BREAK || s.Tok == token.CONTINUE
	case *ast.BlockStmt:
		return len(s.List) > 0 && c.terminating(s.List[len(s.List)-1]) || slices.ContainsFunc(s.List, func(s ast.Stmt) bool { return failOf(c.host.Info, s) != nil })
	case *ast.IfStmt:
		return s.Else != nil && c.terminating(s.Body) && c.terminating(s.Else)
	case *ast.ExprStmt:
		if failOf(c.host.Info, s) != nil {
			return true
		}
		call, ok := s.X.(*ast.CallExpr)
		if !ok {
			return false
		}
		id, ok := call.Fun.(*ast.Ident)
		return ok && id.Name == "panic"
	}
	return false
}
