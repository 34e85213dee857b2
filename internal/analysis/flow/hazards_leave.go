package flow

import (
	"go/ast"
	"go/token"
	"go/types"
)

// leaving collects the states in which a scope is left.
type leaving struct {
	outer    *leaving
	brk      *state
	cont     *state
	ret      *state
	function bool // return leaves it
	loop     bool // continue leaves a round of it
	label    string
	returns  [][]source
	named    []*types.Var // the results of the function that have names; nil is one without
}

// scope runs something in which return, break or continue may leave.
func (w *walker) scope(l *leaving, run func() *state) *state {
	l.outer, w.leave = w.leave, l
	out := run()
	w.leave = l.outer
	return out
}

func (w *walker) jump(stmt *ast.BranchStmt, s *state) *state {
	for l := w.leave; l != nil; l = l.outer {
		if stmt.Label != nil && l.label != stmt.Label.Name && !l.function {
			continue
		}
		switch {
		case stmt.Tok == token.BREAK && !l.function:
			l.brk = join(l.brk, s)
			return nil
		case stmt.Tok == token.CONTINUE && l.loop:
			l.cont = join(l.cont, s)
			return nil
		case l.function:
			if stmt.Tok == token.FALLTHROUGH {
				return s
			}
			return nil
		}
	}
	if stmt.Tok == token.FALLTHROUGH {
		return s
	}
	return nil
}

func (w *walker) returns(stmt *ast.ReturnStmt, s *state) *state {
	var sources [][]source
	for _, x := range stmt.Results {
		if call := w.chain(x); call != nil {
			var of [][]source
			if of, s = w.wfe(call, s); len(of) > 0 {
				sources = append(sources, of...)
			}
			if s == nil {
				return nil
			}
			continue
		}
		w.read(x, s)
		sources = append(sources, w.sources(x))
	}
	for l := w.leave; l != nil; l = l.outer {
		if l.function {
			w.resultsGiven(stmt, l.named, s)
			l.ret = join(l.ret, s)
			for i, of := range sources {
				for len(l.returns) <= i {
					l.returns = append(l.returns, nil)
				}
				l.returns[i] = append(l.returns[i], of...)
			}
			break
		}
	}
	return nil
}

// resultsGiven looks for a named result that a return gives another value, after wfe.Undo has taken it.
func (w *walker) resultsGiven(stmt *ast.ReturnStmt, named []*types.Var, s *state) {
	for i, v := range named {
		if v == nil || len(stmt.Results) == 0 || w.inUndo != nil {
			continue
		}
		x := stmt.Results[min(i, len(stmt.Results)-1)] // one call may return all
		if id := ident(x); id != nil && w.Info.Uses[id] == v {
			continue
		}
		if at, ok := s.caught[v]; ok {
			w.report(undoSees(w.span(x), v.Name(), at))
		}
	}
}

// namedResults are the results of a function, nil for one without a name.
func (h *hazards) namedResults(typ *ast.FuncType) (out []*types.Var) {
	if typ.Results == nil {
		return nil
	}
	for _, f := range typ.Results.List {
		for _, name := range f.Names {
			v, _ := h.Info.Defs[name].(*types.Var)
			out = append(out, v)
		}
	}
	return out
}
