package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

func (w *walker) ifElse(stmt *ast.IfStmt, s *state) *state {
	s = w.stmt(stmt.Init, s)
	if s == nil {
		return nil
	}
	_, plain := header(stmt)
	node := w.waits(stmt.Body) || stmt.Else != nil && w.waits(stmt.Else)
	early := !node || w.asksEarly(plain, s)
	s = w.question(early, stmt.Cond, s)
	begins := w.unit
	then := w.stmt(stmt.Body, s.clone())
	otherwise := s
	if stmt.Else != nil {
		w.branch(early, begins)
		otherwise = w.stmt(stmt.Else, s.clone())
	}
	return w.branched(node && (!early || w.ways().through(plain)), begins, join(then, otherwise))
}

// usesUnsaved reports whether code uses what cannot be saved and has got its value in the present unit: then it is a part of
// that up to its first calls.
func (w *walker) usesUnsaved(s *state, code ...ast.Node) bool {
	return w.hazards.usesUnsaved(func(v *types.Var) bool { return w.isLocal(v) && w.isNew(v, s) }, code...)
}

// asksEarly reports whether a statement with calls is decided in the present unit: it uses what cannot be saved and has got its
// value there, or what follows it does, on a way without a call.
func (w *walker) asksEarly(stmt ast.Stmt, s *state) bool {
	if w.usesUnsaved(s, stmt) {
		return true
	}
	if w.ways().through(stmt) {
		return false
	}
	needed := func(v *types.Var) bool {
		return w.lastUse[v] >= stmt.End() && w.isLocal(v) && w.isNew(v, s) && w.unsavable(v.Type()) != nil
	}
	for v := range s.given {
		if needed(v) {
			return true
		}
	}
	return slices.ContainsFunc(w.news[w.unit], needed)
}

func (w *walker) ways() ways { return ways{w.Info, w.waits} }

// isLocal reports whether a variable is one that would be saved.
func (w *walker) isLocal(v *types.Var) bool {
	_, known := w.units[v]
	return known && !w.cells[v] && !w.isData(v) && !isFlow(v.Type())
}

// isNew reports whether a variable was declared in the present unit, or has got its value there.
func (w *walker) isNew(v *types.Var, s *state) bool {
	unit, known := w.units[v]
	given, ok := s.given[v]
	return known && unit == w.unit || ok && given == w.unit
}

// question follows what an if or a switch asks, as a part of the present unit or as a unit of its own.
func (w *walker) question(early bool, x ast.Expr, s *state) *state {
	if !early {
		s = w.rest(s)
	}
	if x != nil {
		w.readFor(!early, x, s)
	}
	if !early {
		s = w.rest(s)
	}
	return s
}

// branch begins a branch: in the unit in which all of them begin, or in one of its own.
func (w *walker) branch(early bool, begins int) {
	if early {
		w.unit = begins
	} else {
		w.next()
	}
}

// branched is the end of an if or a switch. Where no way leads there from a call, the unit goes on.
func (w *walker) branched(rests bool, begins int, s *state) *state {
	if rests {
		w.next()
		s.rest()
	} else {
		w.unit = begins
	}
	return s
}

// switches follows a switch, or a type switch, which asks for the type of x.
func (w *walker) switches(stmt ast.Stmt, x ast.Expr, body *ast.BlockStmt, s *state) *state {
	if s == nil {
		return nil
	}
	_, byType := stmt.(*ast.TypeSwitchStmt)
	_, plain := header(stmt)
	node := w.waits(body)
	early := !node || w.asksEarly(plain, s)
	rests := node && (!early || w.ways().through(plain))
	if byType && !early {
		s, early = w.rest(s), true // the code before it decides it in any case
	}
	s = w.question(early, x, s)
	begins := w.unit
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
			w.branch(early, begins)
			for _, x := range clause.List {
				if !w.Info.Types[x].IsType() {
					w.readFor(!early, x, s)
				}
			}
			in := s.clone()
			if !early {
				in = w.rest(in)
			}
			if v, ok := w.Info.Implicits[clause].(*types.Var); ok {
				w.enterCase(v, x, in)
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
	return w.branched(rests, begins, out)
}

// enterCase notes the variable that a type switch declares in a case.
func (w *walker) enterCase(v *types.Var, x ast.Expr, s *state) {
	w.enter(v)
	s.declared(v)
	for _, from := range w.sources(x) {
		s.share(place{root: v}, from)
	}
}
