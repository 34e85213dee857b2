package flow

import (
	"go/ast"
	"go/token"
)

func (w *walker) ifElse(stmt *ast.IfStmt, s *state) *state {
	s = w.stmt(stmt.Init, s)
	node := w.waits(stmt.Body) || stmt.Else != nil && w.waits(stmt.Else)
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
	l := &leaving{}
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
