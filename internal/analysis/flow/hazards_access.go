package flow

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// readAt reads an expression that is a transition of its own: a condition, an argument.
func (w *walker) readAt(x ast.Expr, s *state) {
	outer := w.statement
	if outer == nil {
		w.statement = x
	}
	w.read(x, s)
	w.statement = outer
}

// readEarly reads those expressions of a call that are computed before it, since they use what cannot be saved. Then they are
// not read as a part of the call.
func (w *walker) readEarly(list []ast.Expr, s *state) {
	w.before = map[ast.Node]bool{}
	for _, x := range list {
		if w.usesUnsaved(s, x) && w.unsavable(w.typeOf(x)) == nil {
			w.readAt(x, s)
			w.before[x] = true
		}
	}
}

// readFor reads an expression of a node, which is there to be asked: nothing of what it changes is kept.
func (w *walker) readFor(node bool, x ast.Expr, s *state) {
	if node && w.asked == nil {
		w.typesIn(x)
		w.asked = map[*types.Var]bool{}
		defer func() { w.asked = nil }()
	}
	w.readAt(x, s)
}

// typesIn reports types that are declared in a function, in another unit than the one that uses them.
func (w *walker) typesIn(n ast.Node) {
	ast.Inspect(n, func(n ast.Node) bool {
		if w.before[n] {
			return false
		}
		if id, ok := n.(*ast.Ident); ok {
			if unit, ok := w.local[w.Info.Uses[id]]; ok && unit != w.unit {
				w.report(localType(w.span(id), id.Name, w.pos(w.Info.Uses[id].Pos())))
			}
		}
		return true
	})
}

// read follows what an expression reads, and what the calls in it change.
func (w *walker) read(x ast.Expr, s *state) {
	if x == nil || s == nil || w.before[x] {
		return
	}
	switch e := ast.Unparen(x).(type) {
	case *ast.Ident, *ast.SelectorExpr, *ast.IndexExpr, *ast.StarExpr:
		if w.Info.Types[e].IsType() {
			return
		}
		if p, ok := w.place(x); ok {
			w.readPlace(x, p, s)
			return
		}
		if sel, ok := e.(*ast.SelectorExpr); ok {
			for _, e := range w.valueEffects(sel) {
				w.effect(e, s)
			}
		}
		w.children(e, s)
	case *ast.CallExpr:
		w.readCall(e, s)
	case *ast.FuncLit:
		w.literal(e, s, nil)
	case *ast.CompositeLit:
		_, isStruct := w.typeOf(e).Underlying().(*types.Struct)
		for _, x := range e.Elts {
			if kv, ok := x.(*ast.KeyValueExpr); ok {
				if !isStruct {
					w.read(kv.Key, s)
				}
				x = kv.Value
			}
			w.read(x, s)
		}
	case *ast.UnaryExpr:
		if e.Op == token.AND {
			w.address(e, s)
		}
		w.read(e.X, s)
	default:
		w.children(e, s)
	}
}

// children reads the expressions in a node.
func (w *walker) children(n ast.Node, s *state) {
	ast.Inspect(n, func(c ast.Node) bool {
		if c == n {
			return true
		}
		if x, ok := c.(ast.Expr); ok {
			w.read(x, s)
			return false
		}
		return true
	})
}

// readPlace notes that a place is read, with the indices on the way to it.
func (w *walker) readPlace(x ast.Expr, p place, s *state) {
	w.indices(x, s)
	w.use(x, p, s)
	w.noteAll(access{place: p, at: w.span(x)}, s)
	for k, old := range s.written {
		if old.by.key() == p.key() && old.by.is(p) {
			continue
		}
		if _, ok := old.other.below(p); ok || old.other.root == p.root && len(p.path) <= len(old.other.path) {
			w.report(old.diagnostic())
			delete(s.written, k)
		}
	}
}

// readValue reads what a variable is given. Who takes an address there, or the pointer to the data, reads nothing yet.
func (w *walker) readValue(x ast.Expr, s *state) {
	to := x
	if e, ok := ast.Unparen(x).(*ast.UnaryExpr); ok && e.Op == token.AND {
		to = e.X
	}
	p, ok := w.place(to)
	if ok && (to != x || len(p.path) == 0 && w.isData(p.root)) {
		outer := w.recorders
		w.recorders = nil
		w.read(x, s)
		w.recorders = outer
		w.indices(to, s)
		return
	}
	w.read(x, s)
}

func (w *walker) indices(x ast.Expr, s *state) {
	for ; x != nil; x = around(x) {
		switch e := ast.Unparen(x).(type) {
		case *ast.IndexExpr:
			w.read(e.Index, s)
		case *ast.SliceExpr:
			w.read(e.Low, s)
			w.read(e.High, s)
			w.read(e.Max, s)
		}
	}
}

// address reports that the parameter for the data is given away as a variable.
func (w *walker) address(e *ast.UnaryExpr, _ *state) {
	if v, ok := w.object(ident(e.X)).(*types.Var); ok && w.data[v] != nil {
		w.report(dataReplaced(w.span(e), v.Name(), "its address is taken"))
	}
}

// readCall follows a call that is copied.
func (w *walker) readCall(call *ast.CallExpr, s *state) {
	if w.isWait(call) {
		return // it is reported for its place
	}
	fn := w.called(call)
	own := fn != nil && fn.Pkg() == w.Pkg && w.decls[fn] != nil
	if own {
		for _, p := range w.summary(fn).reads {
			for _, from := range w.instead(call, source{from: p}) {
				w.note(access{place: from.from, at: w.span(call)})
			}
		}
	}
	for _, x := range receiverAndArgs(w.hazards, call) {
		p, isPlace := w.place(x)
		if own && isPlace && len(p.path) == 0 && w.data[p.root] == p.root {
			continue // what the function reads of it is noted
		}
		w.read(x, s)
	}
	if v, ok := w.object(ident(call.Fun)).(*types.Var); ok && !packageLevel(v) {
		w.read(call.Fun, s)
	}
	if fn == nil && !w.Info.Types[call.Fun].IsType() && !w.Info.Types[call.Fun].IsBuiltin() {
		w.literals(call.Fun, s, func(i int, _ types.Type) []source {
			if i < len(call.Args) {
				return w.sources(call.Args[i])
			}
			return nil
		})
	}
	for _, x := range call.Args { // which a function may call with the others
		w.literals(x, s, func(_ int, t types.Type) []source {
			var out []source
			for _, y := range receiverAndArgs(w.hazards, call) {
				if y != x {
					out = append(out, w.fits(y, t)...)
				}
			}
			return out
		})
	}
	for _, e := range w.effects(call) {
		w.effect(e, s)
	}
}

// literals follows the function literals that an expression may be where they are called; given says what the parameters
// share memory with.
func (w *walker) literals(x ast.Expr, s *state, given func(i int, t types.Type) []source) {
	if _, ok := w.typeOf(x).Underlying().(*types.Signature); !ok {
		return
	}
	for _, lit := range w.mayBe(x) {
		if !slices.Contains(w.in, lit) {
			w.literal(lit, s, given)
		}
	}
}

// literal follows a function literal, which may be called or not.
func (w *walker) literal(lit *ast.FuncLit, s *state, given func(i int, t types.Type) []source) {
	w.in = append(w.in, lit)
	defer func() { w.in = w.in[:len(w.in)-1] }()
	for i, v := range w.params(lit.Type, s) {
		if given != nil && v != nil {
			for _, from := range given(i, v.Type()) {
				s.share(place{root: v}, from)
			}
		}
	}
	l := &leaving{function: true}
	end := w.scope(l, func() *state { return w.list(lit.Body.List, s.clone()) })
	if out := join(s, join(end, l.ret)); out != nil {
		*s = *out
	}
}

func (w *walker) params(typ *ast.FuncType, s *state) []*types.Var {
	var out []*types.Var
	for _, list := range []*ast.FieldList{typ.Params, typ.Results} {
		if list == nil {
			continue
		}
		for _, f := range list.List {
			for _, name := range f.Names {
				v, _ := w.Info.Defs[name].(*types.Var)
				if v != nil {
					w.enter(v)
					s.declared(v)
				}
				if list == typ.Params {
					out = append(out, v)
				}
			}
			if len(f.Names) == 0 && list == typ.Params {
				out = append(out, nil)
			}
		}
	}
	return out
}

func (w *walker) isData(v *types.Var) bool { return w.data[v] != nil }

// use checks a variable in another unit than the one that declares it: it has to be saved, unless it has got its value in this one.
func (w *walker) use(x ast.Expr, p place, s *state) {
	v := p.root
	if _, known := w.units[v]; !known || w.isNew(v, s) || w.unsaved[v] || w.cells[v] || w.isData(v) || isFlow(v.Type()) {
		return
	}
	t := v.Type()
	if w.steps[v] && len(p.path) > 0 {
		if f := fieldOf(t, p.path[0].name); f != nil {
			t = f
		}
	}
	if why := w.unsavable(t); why != nil {
		w.unsaved[v] = true
		w.report(notSaved(w.span(x), v.Name(), w.pos(v.Pos()), w.hinted(v, *why)))
	} else if d := w.dynamics[v]; d != nil {
		w.unsaved[v] = true
		w.report(notSaved(w.span(x), v.Name(), w.pos(v.Pos()), *d.unreadable()))
	}
}

// hinted gives the hint that fits where a variable is used, or where it has its value from.
func (w *walker) hinted(v *types.Var, y why) why {
	switch call := w.from[v]; {
	case call != nil:
		y.hint = fmt.Sprintf("%s waits, so what it returns is saved: let it return a bool or a text, or call wfe.Fail in it and catch that by wfe.Try around the call", w.text(call.Fun))
	case w.inCond:
		y.hint = fmt.Sprintf("a loop with calls asks its condition behind them; ask in the round: for { %s := ...; if ... { break }; ... }", v.Name())
	}
	return y
}

func fieldOf(t types.Type, name string) types.Type {
	st, ok := t.Underlying().(*types.Struct)
	if !ok {
		return nil
	}
	for f := range st.Fields() {
		if f.Name() == name {
			return f.Type()
		}
	}
	return nil
}
