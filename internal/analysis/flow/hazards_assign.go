package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
)

// assign follows an assignment.
func (w *walker) assign(lhs, rhs []ast.Expr, tok token.Token, s *state) *state {
	shared := make([][]source, len(lhs))
	constant := ""
	var call *ast.CallExpr
	if len(rhs) == 1 {
		call = w.chain(rhs[0])
	}
	if call != nil {
		var of [][]source
		done := w.record(func() { of, s = w.wfe(call, s) })
		if s == nil {
			return nil
		}
		for _, x := range lhs {
			w.leftOf(call, x, done)
			if v, ok := w.object(ident(x)).(*types.Var); ok && w.helper(call) != nil && w.unsavable(v.Type()) != nil {
				w.unsaved[v] = true // the call is reported
			}
		}
		if ast.Unparen(rhs[0]) == call {
			copy(shared, of)
		}
		defer func() { w.next() }()
	} else {
		for i, x := range rhs {
			w.readValue(x, s)
			switch {
			case len(lhs) == len(rhs):
				shared[i] = w.sources(x)
			default:
				for j := range lhs {
					shared[j] = w.sources(x)
				}
			}
		}
		if v := w.Info.Types[rhs[0]].Value; v != nil && len(rhs) == 1 {
			constant = v.ExactString()
		}
	}
	statement := w.statement
	if call != nil {
		w.statement = rhs[0]
		defer func() { w.statement = statement }()
	}
	for _, x := range lhs {
		if tok != token.ASSIGN && tok != token.DEFINE {
			w.read(x, s)
		}
	}
	var old map[string]pair
	if slices.ContainsFunc(shared, func(of []source) bool { return len(of) > 0 }) {
		old = maps.Clone(s.pairs)
	}
	for i, x := range lhs {
		w.target(x, s, constant)
		w.puts(x, rhs[min(i, len(rhs)-1)])
		if v, ok := w.object(ident(x)).(*types.Var); ok && ident(x) != nil {
			if delete(w.from, v); call != nil && w.helper(call) != nil {
				w.from[v] = call
			}
		}
		if v, ok := w.Info.Defs[ident(x)].(*types.Var); ok && call != nil && ast.Unparen(rhs[0]) == call {
			if _, c, ok := readCall(w.Info, call); ok && len(c.args) > 0 && c.args[0].role == asStep && i == 0 {
				w.steps[v] = true
			}
		}
	}
	if old != nil && !permutes(lhs, rhs) {
		to := make([]place, len(lhs))
		for i, x := range lhs {
			if id := ident(x); (id == nil || id.Name != "_") && bears(w.typeOf(x)) {
				to[i], _ = w.place(x)
			}
		}
		s.shareAll(to, shared, old)
	}
	if call == nil && s != nil {
		w.shareWithin(lhs, rhs, s)
	}
	if call != nil {
		s.rest()
	}
	return s
}

// shareWithin notes which parts of new values may be the same memory.
func (w *walker) shareWithin(lhs, rhs []ast.Expr, s *state) {
	for i, x := range lhs {
		if len(lhs) != len(rhs) || ident(x) != nil && ident(x).Name == "_" {
			continue
		}
		for _, t := range w.twice(rhs[i]) {
			if p, ok := w.place(x); ok {
				s.pair(pair{a: p.with(t[0]...), b: p.with(t[1]...)})
			}
		}
	}
	call, ok := ast.Unparen(rhs[0]).(*ast.CallExpr)
	if !ok || len(rhs) == len(lhs) {
		return
	}
	if fn := w.called(call); fn == nil || fn.Pkg() != w.Pkg || w.decls[fn] == nil || !w.summary(fn).tangled {
		return
	}
	for i, x := range lhs {
		for _, y := range lhs[:i] {
			p, ok := w.place(x)
			q, ok2 := w.place(y)
			if ok && ok2 && bears(w.typeOf(x)) && bears(w.typeOf(y)) {
				s.pair(pair{a: p, b: q})
			}
		}
	}
}

// permutes reports whether an assignment puts elements into another order: x[i], x[j] = x[j], x[i].
func permutes(lhs, rhs []ast.Expr) bool {
	if len(lhs) < 2 || len(lhs) != len(rhs) {
		return false
	}
	var to, from []string
	for i, x := range lhs {
		if _, element := ast.Unparen(x).(*ast.IndexExpr); !element {
			return false
		}
		to, from = append(to, types.ExprString(x)), append(from, types.ExprString(rhs[i]))
	}
	slices.Sort(to)
	slices.Sort(from)
	return slices.Equal(to, from) && len(slices.Compact(to)) == len(lhs)
}

// leftOf reports what the left side of an assignment reads to find its place, when the call on the right writes it: Go
// leaves open which comes first.
func (w *walker) leftOf(call *ast.CallExpr, x ast.Expr, done *recorder) {
	ast.Inspect(x, func(n ast.Node) bool {
		inner, ok := n.(ast.Expr)
		if !ok || inner == x {
			return true
		}
		p, ok := w.place(inner)
		if !ok {
			return true
		}
		for _, a := range done.got {
			if _, part := a.place.below(p); a.writes && part {
				w.report(leftAndRight(w.span(inner), p, w.text(call.Fun), a.at))
				return false
			}
		}
		return true
	})
}

// target follows what an assignment or a declaration gives a value to.
func (w *walker) target(x ast.Expr, s *state, constant ...string) {
	if v, ok := w.Info.Defs[ident(x)].(*types.Var); ok {
		w.enter(v)
		s.declared(v)
		return
	}
	w.write(x, slices.Concat(constant, []string{""})[0], s)
}

// write follows an assignment to what an expression denotes.
func (w *walker) write(x ast.Expr, constant string, s *state) {
	if x == nil || s == nil {
		return
	}
	if id := ident(x); id != nil {
		if id.Name == "_" {
			return
		}
		if v, ok := w.object(id).(*types.Var); ok && w.data[v] != nil {
			w.report(dataReplaced(w.span(x), v.Name(), "it is given another value"))
			return
		}
	}
	p, ok := w.place(x)
	if !ok {
		w.read(x, s)
		return
	}
	w.indices(x, s)
	if len(p.path) == 0 && writable(w.Pkg, p.root.Type()) {
		s.given[p.root] = w.unit
	}
	w.change(x, p, constant, s)
}

// change notes that a place is given another value.
func (w *walker) change(x ast.Expr, p place, constant string, s *state) {
	w.use(x, p, s)
	others := w.others(p, s)
	if w.asked != nil && !w.asked[p.root] {
		w.report(notKept(w.span(x), p))
	} else if i := slices.IndexFunc(others, func(o place) bool { return w.asked != nil && !w.asked[o.root] }); i >= 0 {
		w.report(notKept(w.span(x), others[i]))
	}
	w.noteAll(access{place: p, at: w.span(x), writes: true, constant: constant}, s)
	for _, g := range w.guards {
		w.guarded(x, p, g)
		for _, o := range others {
			if len(o.path) > 0 && !slices.ContainsFunc(o.path, func(h hop) bool { return h.varies }) {
				w.guarded(x, o, g)
			}
		}
	}
	w.ofPackage(x, p, s)
	w.throughAlias(x, p, s)
	s.replaced(p)
	for _, p := range append([]place{p}, others...) {
		if at, ok := s.caught[p.root]; ok && w.inUndo == nil {
			w.report(undoSees(w.span(x), p.root.Name(), at))
		}
	}
}

// ofPackage reports a write to what a package variable shares: all workflows of the process would see it.
func (w *walker) ofPackage(x ast.Expr, p place, s *state) {
	for _, o := range through(p, s.pairs, true) {
		if _, known := w.assigned[o.root]; !known && packageLevel(o.root) {
			w.report(packageWritten(w.span(x), p, o))
			return
		}
	}
}

// others are the other names of a place that is a part of memory which has more than one, where anybody asks for them.
func (w *walker) others(p place, s *state) []place {
	if w.asked == nil && len(w.guards) == 0 && len(w.recorders) == 0 && len(s.caught) == 0 {
		return nil
	}
	return through(p, s.pairs, true)
}

// throughAlias looks for other names of an element that is written.
func (w *walker) throughAlias(x ast.Expr, p place, s *state) {
	if w.unsaved[p.root] {
		return // that says enough
	}
	for k, q := range s.pairs {
		if !q.broken {
			continue
		}
		for _, names := range [2][2]place{{q.a, q.b}, {q.b, q.a}} {
			rest, ok := names[0].below(p)
			if !ok || !q.same && !anyShared(rest) || q.within() && w.isData(q.a.root) { // data are taken apart
				continue
			}
			other := names[1].with(rest...)
			if w.isData(names[1].root) || s.undone[names[1].root] {
				w.report(aliased(w.span(x), p, names[1]))
			} else {
				s.written[k] = written{at: w.span(x), by: p, other: other, within: q.within()}
			}
		}
	}
}

func anyShared(path []hop) bool {
	for _, h := range path {
		if h.shared() {
			return true
		}
	}
	return false
}
