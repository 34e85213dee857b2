package flow

import (
	"go/ast"
	"go/token"
	"go/types"
)

func (w *walker) ifElse(stmt *ast.IfStmt, s *state) *state {
	s = w.stmt(stmt.Init, s)
	node := w.waits(stmt.Body) || stmt.Else != nil && w.waits(stmt.Else)
	if node && s != nil && w.asksEarly(stmt.Cond, func(v *types.Var) bool { return w.isNew(v, s) }) {
		return w.early(stmt, s)
	}
	if node {
		s = w.rest(s)
	}
	w.readFor(node, stmt.Cond, s)
	if node {
		s = w.rest(s)
	}
	then := w.stmt(stmt.Body, s.clone())
	otherwise := s
	if stmt.Else != nil {
		w.unitIf(node)
		otherwise = w.stmt(stmt.Else, s.clone())
	}
	w.unitIf(node)
	out := join(then, otherwise)
	if node {
		out.rest()
	}
	return out
}

// isNew reports whether a variable was declared in the present unit, or has got its value there.
func (w *walker) isNew(v *types.Var, s *state) bool {
	unit, known := w.units[v]
	given, ok := s.given[v]
	return known && unit == w.unit || ok && given == w.unit
}

// early follows an if whose condition, with what its branches begin with, is a part of the present unit.
func (w *walker) early(stmt *ast.IfStmt, s *state) *state {
	w.readFor(true, stmt.Cond, s)
	body, other := stmt.Body.List, elseOf(stmt)
	n, m := plainStart(body, w.waits), plainStart(other, w.waits)
	then, otherwise := w.list(body[:n], s.clone()), w.list(other[:m], s.clone())
	w.unit++
	then.rest()
	otherwise.rest()
	then = w.restOf(body, n, then)
	w.unit++
	otherwise = w.restOf(other, m, otherwise)
	w.unit++
	out := join(then, otherwise)
	out.rest()
	return out
}

// restOf follows the statements of a list from the n-th on.
func (w *walker) restOf(list []ast.Stmt, n int, s *state) *state {
	if s == nil && 0 < n && n < len(list) {
		w.dead(list[n], list[n-1])
	}
	return w.list(list[n:], s)
}

func (w *walker) unitIf(node bool) {
	if node {
		w.unit++
	}
}

func (w *walker) switches(tag ast.Expr, body *ast.BlockStmt, node bool, s *state) *state {
	if s == nil {
		return nil
	}
	if node {
		s = w.rest(s)
	}
	if tag != nil {
		w.readFor(node, tag, s)
	}
	var out *state
	l := &leaving{label: w.named()}
	complete := false
	w.scope(l, func() *state {
		falls := (*state)(nil)
		for _, c := range body.List {
			clause, ok := c.(*ast.CaseClause)
			if !ok {
				continue
			}
			complete = complete || clause.List == nil
			for _, x := range clause.List {
				if !w.Info.Types[x].IsType() {
					w.readFor(node, x, s)
				}
			}
			w.unitIf(node)
			in := s.clone()
			if node {
				in.rest()
			}
			end := w.list(clause.Body, join(in, falls))
			falls = nil
			if n := len(clause.Body); n > 0 && end != nil {
				if b, ok := clause.Body[n-1].(*ast.BranchStmt); ok && b.Tok == token.FALLTHROUGH {
					falls, end = end, nil
				}
			}
			out = join(out, end)
		}
		return nil
	})
	out = join(out, l.brk)
	if !complete {
		out = join(out, s)
	}
	w.unitIf(node)
	if node {
		out.rest()
	}
	return out
}
