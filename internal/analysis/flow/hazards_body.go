package flow

import (
	"go/ast"
	"go/token"
	"go/types"
)

// bodyReader reads the body of a function that is to have no effects: what its parameters reach may be read, and not written.
type bodyReader struct {
	*places
	fn     *ast.FuncDecl
	out    *summary
	note   func(impurity)
	params map[*types.Var]bool
	holds  map[*types.Var][]source // what variables share with parameters

	literals map[*types.Var]*ast.FuncLit // what variables hold

	reached func(x ast.Expr, parts []place) // x, which is written, is a part of what parameters reach: where
}

func newBodyReader(h *hazards, fn *ast.FuncDecl, out *summary, note func(impurity)) *bodyReader {
	r := &bodyReader{places: &places{hazards: h}, fn: fn, out: out, note: note, params: map[*types.Var]bool{}, holds: map[*types.Var][]source{}, literals: map[*types.Var]*ast.FuncLit{}}
	r.reached = func(x ast.Expr, _ []place) { note(impurity{at: h.span(x), what: r.text(x), kind: parameter}) }
	lists := []*ast.FieldList{fn.Recv, fn.Type.Params}
	for _, l := range lists {
		if l == nil {
			continue
		}
		for _, f := range l.List {
			for _, name := range f.Names {
				if v, ok := h.Info.Defs[name].(*types.Var); ok {
					r.params[v] = true
				}
			}
		}
	}
	return r
}

func (r *bodyReader) read() {
	ast.Inspect(r.fn.Body, r.holders)
	ast.Inspect(r.fn.Body, r.holders) // what a loop hands back to its beginning
	ast.Inspect(r.fn.Body, r.visit)
	if r.fn.Type.Results != nil {
		for _, f := range r.fn.Type.Results.List {
			for i, name := range f.Names {
				if v, ok := r.Info.Defs[name].(*types.Var); ok {
					r.returned(i, r.holds[v])
				}
			}
		}
	}
}

// given reports whether what a variable reaches is not the function's own.
func (r *bodyReader) given(v *types.Var) bool { return r.params[v] || r.globals && packageLevel(v) }

// tangles reports whether parts of the function's results may be the same memory.
func (r *bodyReader) tangles() bool {
	if r.fn.Type.Results == nil {
		return false
	}
	named, bearing, nested := map[*types.Var]bool{}, 0, false
	for _, v := range r.namedResults(r.fn.Type) {
		named[v] = v != nil
	}
	for _, f := range r.fn.Type.Results.List {
		t := r.typeOf(f.Type)
		if bears(t) {
			bearing += max(1, len(f.Names))
		}
		nested = nested || len(alike(t)) > 0
	}
	if !nested && bearing < 2 {
		return false
	}
	m := r.moves()
	ast.Inspect(r.fn.Body, m.visit)
	return m.tangled(func(a move) bool { return a.returned || a.to.root != nil && named[a.to.root] }, func(*types.Var) bool { return false })
}

// origins are the places of parameters that a place lies in, or is shared with.
func (r *bodyReader) origins(p place) []source {
	if r.given(p.root) {
		return []source{{from: p}}
	}
	var out []source
	for _, s := range r.holds[p.root] {
		if rest, ok := after(s.sub, p.path); ok {
			o := source{from: s.from.with(rest...)}
			if len(rest) == 0 {
				o.fit = s.fit
			}
			out = append(out, o)
		}
	}
	return out
}

// fromParams writes sources as ones of parameters.
func (r *bodyReader) fromParams(sources []source) []source {
	var out []source
	for _, s := range sources {
		for _, o := range r.origins(s.from) {
			o.sub, o.same, o.fit = s.sub, o.same || s.same, s.fit.or(o.fit)
			out = append(out, o)
		}
	}
	return out
}

// holders notes which variables share memory with parameters.
func (r *bodyReader) holders(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.AssignStmt:
		for i, x := range n.Lhs {
			if lit, ok := ast.Unparen(n.Rhs[min(i, len(n.Rhs)-1)]).(*ast.FuncLit); ok && ident(x) != nil {
				if v, ok := r.object(ident(x)).(*types.Var); ok {
					r.literals[v] = lit
				}
			}
			if len(n.Lhs) == len(n.Rhs) {
				r.hold(x, r.sources(n.Rhs[i]))
			} else {
				r.hold(x, r.sources(n.Rhs[0]))
			}
		}
	case *ast.ValueSpec:
		for i, name := range n.Names {
			if i < len(n.Values) {
				r.hold(name, r.sources(n.Values[i]))
			}
		}
	case *ast.RangeStmt:
		for _, x := range []ast.Expr{n.Key, n.Value} {
			_, yields := r.typeOf(n.X).Underlying().(*types.Signature)
			if x != nil && (x == n.Value || yields) && bears(r.typeOf(x)) {
				r.hold(x, r.elementsOf(n.X))
			}
		}
	case *ast.CallExpr:
		r.parameters(n)
	case *ast.TypeSwitchStmt:
		r.switched(n)
	}
	return true
}

// parameters notes what the parameters of a function literal share with what it is called with, by a variable too.
func (r *bodyReader) parameters(call *ast.CallExpr) {
	lit, ok := ast.Unparen(call.Fun).(*ast.FuncLit)
	if v, isVar := r.Info.Uses[ident(call.Fun)].(*types.Var); isVar && !ok {
		lit = r.literals[v]
	}
	if lit == nil {
		return
	}
	for i, p := range parameters(lit.Type) {
		if i < len(call.Args) && p.Name != "_" {
			r.hold(p, r.sources(call.Args[i]))
		}
	}
}

// switched notes what the variables of a type switch share with its value.
func (r *bodyReader) switched(n *ast.TypeSwitchStmt) {
	a, ok := n.Assign.(*ast.AssignStmt)
	if !ok {
		return
	}
	x, ok := a.Rhs[0].(*ast.TypeAssertExpr)
	if !ok {
		return
	}
	for _, c := range n.Body.List {
		if v, ok := r.Info.Implicits[c].(*types.Var); ok {
			r.holdIn(place{root: v}, r.sources(x.X))
		}
	}
}

func (r *bodyReader) hold(x ast.Expr, sources []source) {
	p, ok := r.place(x)
	if !ok || r.given(p.root) && len(p.path) > 0 {
		return
	}
	r.holdIn(p, sources)
}

func (r *bodyReader) holdIn(p place, sources []source) {
	for _, s := range r.fromParams(sources) {
		if len(r.holds[p.root]) < 20 {
			s.sub = append(append([]hop{}, p.path...), s.sub...)
			r.holds[p.root] = append(r.holds[p.root], s)
		}
	}
}

func (r *bodyReader) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.AssignStmt:
		for _, x := range n.Lhs {
			r.write(x)
		}
	case *ast.IncDecStmt:
		r.write(n.X)
	case *ast.RangeStmt:
		if n.Tok == token.ASSIGN {
			r.write(n.Key)
			r.write(n.Value)
		}
	case *ast.CallExpr:
		for _, e := range r.effects(n) {
			r.effect(e)
		}
		r.inner(n)
	case *ast.ReturnStmt:
		for i, x := range n.Results {
			r.returned(i, r.fromParams(r.sources(x)))
		}
	case *ast.SelectorExpr, *ast.IndexExpr, *ast.StarExpr, *ast.Ident:
		if p, ok := r.place(n.(ast.Expr)); ok {
			if _, method := r.Info.Selections[selector(n)]; !method || r.Info.Selections[selector(n)].Kind() == types.FieldVal {
				r.reads(r.origins(p))
			}
			for x := n.(ast.Expr); x != nil; x = around(x) { // the indices on the way are read too
				if e, ok := ast.Unparen(x).(*ast.IndexExpr); ok {
					ast.Inspect(e.Index, r.visit)
				}
			}
			return false
		}
	}
	return true
}

func (r *bodyReader) reads(from []source) {
	for _, s := range from {
		r.out.reads = append(r.out.reads, s.from)
	}
}

// effect notes what a call changes of what parameters reach, and what it appends to.
func (r *bodyReader) effect(e effect) {
	if e.kind == itself {
		r.write(e.x)
		return
	}
	for _, t := range r.targets(e) {
		if e.kind == reached {
			r.change(e.x, t.place)
			continue
		}
		for _, o := range r.origins(t.place) {
			switch o.fit = o.fit.or(t.fit); {
			case t.clipped:
			case o.shorter:
				r.reached(e.x, []place{o.from.with(hop{kind: beyond})})
			case len(r.out.appends) < 20:
				r.out.appends = append(r.out.appends, o.from)
			}
		}
	}
}

func selector(n ast.Node) *ast.SelectorExpr {
	s, _ := n.(*ast.SelectorExpr)
	return s
}

// inner adds what a function that is called reads.
func (r *bodyReader) inner(call *ast.CallExpr) {
	fn := r.called(call)
	if fn == nil || fn.Pkg() != r.Pkg || r.decls[fn] == nil {
		return
	}
	for _, p := range r.summary(fn).reads {
		for _, s := range r.instead(call, source{from: p}) {
			r.reads(r.origins(s.from))
		}
	}
}

func (r *bodyReader) returned(i int, sources []source) {
	for len(r.out.returns) <= i {
		r.out.returns = append(r.out.returns, nil)
	}
	r.out.returns[i] = append(r.out.returns[i], sources...)
}

// write notes an assignment to what a parameter reaches.
func (r *bodyReader) write(x ast.Expr) {
	if x == nil {
		return
	}
	if p, ok := r.place(x); ok {
		r.change(x, p)
		return
	}
	base := x
	for around(base) != nil {
		base = around(base)
	}
	for _, s := range r.sources(base) { // of a call, say: first(o).N = 3
		r.change(x, s.from.with(hop{kind: beyond}))
	}
}

func (r *bodyReader) change(x ast.Expr, p place) {
	var reached []place
	if r.given(p.root) && (packageLevel(p.root) || anyShared(p.path)) {
		reached = append(reached, p)
	}
	for _, s := range r.holds[p.root] {
		if rest, ok := after(s.sub, p.path); ok {
			same := len(s.sub) > 0 && s.sub[len(s.sub)-1].kind == pointed
			if anyShared(rest) || same && anyShared(s.from.path) {
				reached = append(reached, s.from.with(rest...))
			}
		}
	}
	if len(reached) > 0 {
		r.reached(x, reached)
	}
}
