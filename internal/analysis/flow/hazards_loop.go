package flow

import (
	"go/ast"
	"go/token"
	"go/types"
)

// guard is a loop that is being run through.
type guard struct {
	over  place
	value bool       // it has a variable for the elements
	key   *types.Var // its index; nil where it has none
	at    span
}

// again runs a body until the state at its beginning says nothing new. It returns that state.
func (w *walker) again(s *state, body func(*state) *state) *state {
	for range 4 {
		next := join(s, body(s.clone()))
		if same(s, next) {
			break
		}
		s = next
	}
	return s
}

func (w *walker) forLoop(stmt *ast.ForStmt, waits bool, s *state) *state {
	label := w.named()
	s = w.stmt(stmt.Init, s)
	if a, ok := stmt.Init.(*ast.AssignStmt); ok && a.Tok == token.DEFINE && w.sagas > 0 {
		for _, x := range a.Lhs {
			if v, ok := w.Info.Defs[x.(*ast.Ident)].(*types.Var); ok {
				w.counters[v] = true
			}
		}
	}
	var out *state
	w.again(s, func(s *state) *state {
		l := &leaving{loop: true, label: label}
		if waits {
			s = w.rest(s)
		}
		if stmt.Cond != nil {
			w.inCond = waits
			w.readFor(waits, stmt.Cond, s)
			w.inCond = false
			out = join(out, s)
		}
		if waits {
			s = w.rest(s)
			w.loops++
			defer func() { w.loops-- }()
		}
		end := w.scope(l, func() *state { return w.list(stmt.Body.List, s) })
		out = join(out, l.brk)
		end = join(end, l.cont)
		if waits {
			w.next()
			end.rest()
		}
		return w.stmt(stmt.Post, end)
	})
	if waits {
		w.next()
		out.rest()
	}
	return out
}

func (w *walker) rangeLoop(stmt *ast.RangeStmt, waits bool, s *state) *state {
	label := w.named()
	early := !waits || counts(w.typeOf(stmt.X), stmt) || w.usesUnsaved(s, stmt.X) && w.unsavable(w.typeOf(stmt.X)) == nil
	if !early {
		s = w.rest(s)
	}
	w.readFor(!early, stmt.X, s)
	if d := w.dynamicIn(stmt.X); waits && d != nil && !blank(stmt.Value) {
		w.report(notSaved(w.span(stmt.X), w.text(stmt.X), d.at.pos, *d.unreadable()))
	}
	if waits {
		s = w.rest(s)
		w.loops++
		defer func() { w.loops-- }()
		if guarded(w.typeOf(stmt.X)) && !countsArray(w.typeOf(stmt.X), stmt) {
			n := len(w.guards)
			for _, over := range w.runsOver(stmt.X) {
				w.guards = append(w.guards, guard{over, !blank(stmt.Value), w.counter(stmt), w.span(stmt.X)})
			}
			defer func() { w.guards = w.guards[:n] }()
		}
	}
	if waits && !blank(stmt.Value) {
		w.elementSaved(stmt.Value, elementOf(w.typeOf(stmt.X)))
	}
	elements := w.elementsOf(stmt.X)
	_, yielding := w.typeOf(stmt.X).Underlying().(*types.Signature)
	out := s.clone()
	begin := w.again(s, func(s *state) *state {
		l := &leaving{loop: true, label: label}
		for _, x := range []ast.Expr{stmt.Key, stmt.Value} {
			if x == nil {
				continue
			}
			w.target(x, s)
			if v, ok := w.Info.Defs[ident(x)].(*types.Var); ok {
				w.cells[v] = w.cells[v] || waits
			}
			if p, ok := w.place(x); ok && (x == stmt.Value || yielding) && bears(w.typeOf(x)) {
				for _, from := range elements {
					s.share(p, from)
				}
			}
		}
		if waits {
			s = w.rest(s)
		}
		end := w.scope(l, func() *state { return w.list(stmt.Body.List, s) })
		out = join(out, l.brk)
		end = join(end, l.cont)
		if waits {
			w.next()
			end.rest()
		}
		return end
	})
	out = join(out, begin)
	if waits {
		w.next()
		out.rest()
	}
	return out
}

// elementSaved checks that the elements of a loop can be saved.
func (w *walker) elementSaved(x ast.Expr, elem types.Type) {
	if elem == nil {
		return
	}
	if why := w.hazards.unsaved(elem, map[types.Type]bool{}, true); why != nil {
		w.report(notSaved(w.span(x), w.text(x), w.pos(x.Pos()), *why))
	}
}

// elementOf is the type of the elements of something, nil where it has none.
func elementOf(t types.Type) types.Type {
	switch t := t.Underlying().(type) {
	case *types.Slice:
		return t.Elem()
	case *types.Array:
		return t.Elem()
	case *types.Pointer:
		if a, ok := t.Elem().Underlying().(*types.Array); ok {
			return a.Elem()
		}
	}
	return nil
}

// runsOver are the places whose elements a loop takes.
func (w *walker) runsOver(x ast.Expr) []place {
	if p, ok := w.place(x); ok {
		return []place{p}
	}
	var out []place
	for _, s := range w.sources(x) {
		if len(s.sub) == 0 {
			out = append(out, s.from)
		}
	}
	return out
}

// counter returns the index of a loop, nil where it has none or gives it other values.
func (w *walker) counter(stmt *ast.RangeStmt) *types.Var {
	v, ok := w.Info.Defs[ident(stmt.Key)].(*types.Var)
	if !ok {
		return nil
	}
	ast.Inspect(stmt.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, x := range n.Lhs {
				ok = ok && w.Info.Uses[ident(x)] != v
			}
		case *ast.IncDecStmt:
			ok = ok && w.Info.Uses[ident(n.X)] != v
		case *ast.UnaryExpr:
			ok = ok && (n.Op != token.AND || w.Info.Uses[ident(n.X)] != v)
		}
		return true
	})
	if !ok {
		return nil
	}
	return v
}

// blank reports whether there is no variable, or one that keeps nothing.
func blank(x ast.Expr) bool { return x == nil || ident(x) != nil && ident(x).Name == "_" }

// countsArray reports whether a loop takes nothing of an array but its length, which is a part of the type.
func countsArray(t types.Type, stmt *ast.RangeStmt) bool {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	_, array := t.Underlying().(*types.Array)
	return array && blank(stmt.Value)
}

// guarded reports whether a loop over something of a type takes it at its beginning, and other rules would hold if it
// changed.
func guarded(t types.Type) bool {
	switch t := t.Underlying().(type) {
	case *types.Slice, *types.Array, *types.Pointer:
		return true
	case *types.Basic:
		return t.Info()&types.IsString != 0
	}
	return false
}

// guarded reports a change of what a loop runs over. The element itself may be changed by the loop's index.
func (w *walker) guarded(x ast.Expr, p place, g guard) {
	if _, ok := p.below(g.over); ok {
		w.report(loopChanged(w.span(x), p, g.at, false))
		return
	}
	rest, ok := g.over.below(p)
	if !ok || !g.value || len(rest) == 0 {
		return
	}
	for i, h := range rest {
		if h.kind != beyond && h.kind != inside {
			continue
		}
		if i == 0 && g.key != nil && h.just && len(h.by) == 1 && h.by[0] == g.key {
			return
		}
		break
	}
	w.report(loopChanged(w.span(x), p, g.at, true))
}
