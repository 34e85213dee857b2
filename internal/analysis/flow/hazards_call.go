package flow

import (
	"go/ast"
	"go/types"
	"slices"
)

// wfe follows a call of the runtime, or of a function that is given the Flow. It returns what the results share memory with.
func (w *walker) wfe(call *ast.CallExpr, s *state) ([][]source, *state) {
	if s == nil {
		return nil, nil
	}
	outer := w.statement
	w.statement = nil
	defer func() { w.statement = outer }()
	name, c, ok := readCall(w.Info, call)
	if !ok {
		return w.inline(call, s)
	}
	w.typesIn(call.Fun)
	w.readEarly(computed(w.Info, call), s)
	s = w.rest(s)
	for i, x := range call.Args[min(1, len(call.Args)):] {
		a, _ := c.arg(i)
		switch a.role {
		case asOption:
			w.options(x, s)
		case asBlock, asChild, asCond:
		default:
			w.readFor(true, x, s)
		}
	}
	w.before = nil
	for _, d := range w.data {
		delete(w.dynamics, d) // they are what JSON says of them
	}
	s = w.rest(s)
	s = w.blocks(name, call, c, s)
	if c.ends {
		return nil, nil
	}
	if s != nil {
		s = w.rest(s)
	}
	return nil, s
}

// options follows what an option is computed from. A condition that cancels is there to see what others write.
func (w *walker) options(x ast.Expr, s *state) {
	call, ok := ast.Unparen(x).(*ast.CallExpr)
	if !ok {
		return
	}
	args := optionArgs()[runtimeName(w.Info, call.Fun)]
	for i, x := range call.Args {
		if len(args) == 0 {
			return
		}
		switch args[min(i, len(args)-1)].role {
		case asCond:
			if lit, ok := ast.Unparen(x).(*ast.FuncLit); ok {
				recorders := w.recorders
				w.recorders = nil
				w.next()
				w.readFor(true, lit, s.clone())
				w.next()
				w.recorders = recorders
			}
		default:
			w.readFor(true, x, s)
		}
	}
}

// blocks follows the blocks of a call.
func (w *walker) blocks(name string, call *ast.CallExpr, c call, s *state) *state {
	var branches []*recorder
	out := (*state)(nil)
	any := false
	for i, x := range call.Args[min(1, len(call.Args)):] {
		a, _ := c.arg(i)
		lit, ok := ast.Unparen(x).(*ast.FuncLit)
		if a.role != asBlock || !ok {
			continue
		}
		any = true
		switch a.body {
		case bodyBranch:
			branches = append(branches, w.record(func() { out = join(out, w.body(lit, s.clone())) }))
		case bodyElement:
			out = w.elements(call, lit, s)
		case bodyRound:
			w.loops++
			out = w.again(s, func(s *state) *state { return w.body(lit, s) })
			w.loops--
		case bodySaga:
			if w.sagas == 0 {
				w.around = w.loops
			}
			w.sagas++
			out = w.body(lit, s.clone())
			if name == "Try" {
				out = join(s, out)
			}
			w.sagas--
			if w.sagas == 0 && out != nil {
				clear(out.undone)
			}
		case bodyRollback:
			w.undo(call, lit, s)
			out = s
		}
	}
	if !any {
		return s
	}
	for i, a := range branches {
		for _, b := range branches[i+1:] {
			w.compare(a, b, "branch", true)
			w.compare(b, a, "branch", false)
		}
	}
	return out
}

// body follows a block. A return in it ends it.
func (w *walker) body(lit *ast.FuncLit, s *state) *state {
	for _, v := range w.params(lit.Type, s) {
		if v != nil {
			w.cells[v] = true
		}
	}
	l := &leaving{function: true}
	end := w.scope(l, func() *state { return w.list(lit.Body.List, w.rest(s)) })
	w.next()
	out := join(end, l.ret)
	out.rest()
	return out
}

// elements follows the body of a loop over elements.
func (w *walker) elements(call *ast.CallExpr, lit *ast.FuncLit, s *state) *state {
	w.loops++
	defer func() { w.loops-- }()
	if len(lit.Type.Params.List) > 0 {
		p := lit.Type.Params.List[0]
		w.elementSaved(p.Type, w.typeOf(p.Type))
	}
	var out *state
	r := w.record(func() { out = w.again(s, func(s *state) *state { return w.body(lit, s) }) })
	if !sequential(w.Info, call) {
		w.compare(r, r, "element", true)
	}
	return out
}

// undo follows what is to be done if a saga rolls back. It runs later, from what it has seen here.
func (w *walker) undo(call *ast.CallExpr, lit *ast.FuncLit, s *state) {
	if w.sagas == 0 {
		w.report(undoOutside(w.span(call.Fun)))
	}
	outer, sagas := w.inUndo, w.sagas
	w.inUndo, w.sagas = lit, 0
	w.body(lit, s.clone())
	w.inUndo, w.sagas = outer, sagas
	ast.Inspect(lit.Body, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		v, ok := w.Info.Uses[id].(*types.Var)
		if !ok || v.IsField() || v.Pos() >= lit.Pos() && v.Pos() < lit.End() {
			return true
		}
		if w.counters[v] {
			w.report(undoCounter(w.span(id), v.Name(), w.pos(v.Pos())))
		} else if w.ofRound[v] && w.data[v] == nil {
			s.caught[v] = w.span(call.Fun)
		} else if w.data[v] == nil {
			s.undone[v] = true
		}
		return true
	})
}

// inline follows a function that is given the Flow, as a part of the workflow.
func (w *walker) inline(call *ast.CallExpr, s *state) ([][]source, *state) {
	decl := w.helper(call)
	isData := func(x ast.Expr) bool {
		p, ok := w.place(x)
		return ok && len(p.path) == 0 && w.isData(p.root)
	}
	enters := decl != nil && !slices.Contains(w.calls, decl) && w.takesUnsaved(decl, call, isData)
	w.readEarly(call.Args, s)
	if !enters {
		s = w.rest(s)
	}
	for _, x := range call.Args {
		if p, ok := w.place(x); ok && len(p.path) == 0 && (w.isData(p.root) || isFlow(p.root.Type())) {
			continue
		}
		w.readAt(x, s)
	}
	w.before = nil
	if decl == nil || slices.Contains(w.calls, decl) {
		return nil, w.rest(s)
	}
	w.calls = append(w.calls, decl)
	params := w.params(decl.Type, s)
	known := map[*types.Var]*types.Var{}
	for i, v := range params {
		if v == nil || i >= len(call.Args) {
			continue
		}
		if w.called(call).Signature().Variadic() && i == len(params)-1 && !call.Ellipsis.IsValid() {
			for _, x := range call.Args[i:] {
				for _, from := range under(hop{kind: beyond}, w.sources(x)) {
					s.share(place{root: v}, from)
				}
			}
			continue
		}
		known[v] = w.data[v]
		delete(w.data, v)
		if p, ok := w.place(call.Args[i]); ok && len(p.path) == 0 && w.isData(p.root) {
			w.data[v] = w.data[p.root]
			continue
		}
		for _, from := range w.sources(call.Args[i]) {
			s.share(place{root: v}, from)
		}
		w.gets(v, call.Args[i])
		if d := w.dynamicFor(v.Type(), call.Args[i]); d != nil {
			w.dynamics[v] = d
		}
	}
	l := &leaving{function: true, named: w.namedResults(decl.Type)}
	if !enters {
		s = w.rest(s)
	}
	end := w.scope(l, func() *state { return w.list(decl.Body.List, s) })
	for v, d := range known {
		if d == nil {
			delete(w.data, v)
		} else {
			w.data[v] = d
		}
	}
	w.calls = w.calls[:len(w.calls)-1]
	out := join(end, l.ret)
	if out != nil {
		out = w.rest(out)
	}
	return l.returns, out
}
