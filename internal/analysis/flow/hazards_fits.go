package flow

import (
	"go/ast"
	"go/types"
	"slices"
)

// Of many an expression nobody knows with what it shares memory: what a function of Go's library returns, what an iterator
// hands out, what a function in a variable does. It may be everything of a fitting type that the expression mentions.

// fits is what a value of a type may share when it is made of what an expression is, or of what a function literal has caught.
func (l *places) fits(x ast.Expr, t types.Type) []source {
	if tuple, ok := t.(*types.Tuple); ok {
		var out []source
		for v := range tuple.Variables() {
			out = append(out, l.fits(x, v.Type())...)
		}
		return out
	}
	var out []source
	var found [][]hop
	for _, p := range partsOf(t, nil, 0) {
		if slices.ContainsFunc(found, func(f []hop) bool { return len(f) <= len(p.path) && slices.EqualFunc(f, p.path[:len(f)], hop.equal) }) {
			continue // it is a part of what fits
		}
		for _, s := range l.fitting(x, p.typ) {
			s.sub = slices.Concat(p.path, s.sub)
			out, found = append(out, s), append(found, p.path)
		}
	}
	return out
}

// fitting are the parts of an expression, or of what a function literal has caught, that are of a type.
func (l *places) fitting(x ast.Expr, t types.Type) []source {
	var out []source
	if lit, ok := ast.Unparen(x).(*ast.FuncLit); ok {
		for _, id := range l.catches(lit) {
			out = append(out, l.fitting(id, t)...)
		}
		return out
	}
	of := l.sources(x)
	if len(of) == 0 {
		return nil
	}
	for _, p := range partsOf(l.typeOf(x), nil, 0) {
		if !alikeTypes(p.typ, t) {
			continue
		}
		for _, s := range of {
			if s, ok := l.along(s, p.path); ok {
				out = append(out, s)
			}
		}
	}
	return out
}

// instantiated is what a source of a result of a function with type parameters says in a call: no more than what fits the
// types that they stand for.
func (l *places) instantiated(t types.Type, s source) []source {
	if _, tuple := t.(*types.Tuple); tuple {
		return []source{s}
	}
	to, from := typeAlong(t, s.sub), typeAlong(s.from.root.Type(), s.from.path)
	if to == nil || from == nil || alikeTypes(to, from) {
		return []source{s}
	}
	var out []source
	for _, a := range partsOf(to, nil, 0) {
		for _, b := range partsOf(from, nil, 0) {
			if alikeTypes(a.typ, b.typ) {
				out = append(out, source{sub: slices.Concat(s.sub, a.path), from: s.from.with(b.path...), fit: s.fit})
			}
		}
	}
	return out
}

// typeAlong is the type of a part of a value, nil where that is not known.
func typeAlong(t types.Type, path []hop) types.Type {
	for _, h := range path {
		switch u := t.Underlying().(type) {
		case *types.Slice:
			t = u.Elem()
		case *types.Map:
			t = u.Elem()
		case *types.Array:
			t = u.Elem()
		case *types.Pointer:
			t = u.Elem()
			if h.kind == field { // the data, which stand for what the pointer to them points to
				t = fieldOf(t, h.name)
			}
		case *types.Struct:
			t = fieldOf(t, h.name)
		default:
			return nil
		}
		if t == nil {
			return nil
		}
	}
	return t
}

// alikeTypes reports whether a value of one type may be one of the other, by a conversion or in an interface.
func alikeTypes(a, b types.Type) bool {
	return types.Identical(a.Underlying(), b.Underlying()) || types.IsInterface(a) || types.IsInterface(b)
}

// catches are the variables of a function literal that it does not declare, each once.
func (l *places) catches(lit *ast.FuncLit) []ast.Expr {
	var out []ast.Expr
	seen := map[types.Object]bool{}
	ast.Inspect(lit.Body, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		v, ok := l.Info.Uses[id].(*types.Var)
		if ok && !v.IsField() && !seen[v] && (v.Pos() < lit.Pos() || lit.End() <= v.Pos()) {
			seen[v] = true
			out = append(out, id)
		}
		return true
	})
	return out
}

// yields are the types of what an iterator hands out, none for another function.
func yields(sig *types.Signature) []types.Type {
	if sig.Params().Len() != 1 || sig.Results().Len() != 0 {
		return nil
	}
	yield, ok := sig.Params().At(0).Type().Underlying().(*types.Signature)
	if !ok || yield.Results().Len() != 1 {
		return nil
	}
	var out []types.Type
	for v := range yield.Params().Variables() {
		out = append(out, v.Type())
	}
	return out
}

// elementsOf is what each element of a value shares.
func (l *places) elementsOf(x ast.Expr) []source {
	h := hop{kind: beyond, varies: true}
	if _, array := l.typeOf(x).Underlying().(*types.Array); array {
		h.kind = inside
	}
	var out []source
	for _, s := range l.sources(x) {
		if len(s.sub) == 0 {
			out = append(out, source{from: s.from.with(h)})
		} else if s.sub[0].kind == beyond || s.sub[0].kind == inside {
			s.sub = s.sub[1:]
			out = append(out, s)
		}
	}
	return out
}

// held are the function literals that a package's variables may hold, in a field or an element too.
type held struct {
	literals map[*types.Var][]*ast.FuncLit
	others   map[*types.Var][]*types.Var // variables that they may have them from
}

// functionsIn notes which variables a statement gives functions to.
func (h *hazards) functionsIn(n ast.Node) {
	switch n := n.(type) {
	case *ast.AssignStmt:
		for i, x := range n.Lhs {
			h.hold(x, n.Rhs[min(i, len(n.Rhs)-1)])
		}
	case *ast.ValueSpec:
		for i, name := range n.Names {
			if len(n.Values) > 0 {
				h.hold(name, n.Values[min(i, len(n.Values)-1)])
			}
		}
	case *ast.RangeStmt:
		if n.Value != nil {
			h.hold(n.Value, n.X)
		}
	}
}

// hold notes what a variable is given.
func (h *hazards) hold(to, value ast.Expr) {
	v := h.root(to)
	if v == nil || packageLevel(v) {
		return
	}
	literals, others := h.functions(value)
	if len(literals) > 0 {
		h.held.literals[v] = append(h.held.literals[v], literals...)
	}
	if len(others) > 0 {
		h.held.others[v] = append(h.held.others[v], others...)
	}
}

// gets notes the functions that a parameter of a helper is given.
func (h *hazards) gets(v *types.Var, arg ast.Expr) {
	if _, ok := v.Type().Underlying().(*types.Signature); !ok {
		return
	}
	for _, lit := range h.mayBe(arg) {
		if !slices.Contains(h.held.literals[v], lit) {
			h.held.literals[v] = append(h.held.literals[v], lit)
		}
	}
}

// functions are the function literals in an expression, and the variables that may hold some.
func (h *hazards) functions(x ast.Expr) (literals []*ast.FuncLit, others []*types.Var) {
	ast.Inspect(x, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			literals = append(literals, n)
			return false
		case *ast.Ident:
			if v, ok := h.Info.Uses[n].(*types.Var); ok && !v.IsField() && !packageLevel(v) && h.held.holds(v) {
				others = append(others, v)
			}
		}
		return true
	})
	return literals, others
}

func (f held) holds(v *types.Var) bool { return len(f.literals[v]) > 0 || len(f.others[v]) > 0 }

// mayBe are the function literals that an expression may be.
func (h *hazards) mayBe(x ast.Expr) []*ast.FuncLit {
	out, left := h.functions(x)
	seen := map[*types.Var]bool{}
	for len(left) > 0 {
		v := left[0]
		left = left[1:]
		if seen[v] {
			continue
		}
		seen[v] = true
		out, left = append(out, h.held.literals[v]...), append(left, h.held.others[v]...)
	}
	slices.SortFunc(out, func(a, b *ast.FuncLit) int { return int(a.Pos() - b.Pos()) })
	return slices.Compact(out)
}

// returned is what the result of a call of a function value shares memory with.
func (l *places) returned(call *ast.CallExpr) []source {
	literals := l.mayBe(call.Fun)
	var out []source
	if len(literals) == 0 { // a parameter, say
		for _, x := range append([]ast.Expr{call.Fun}, call.Args...) {
			out = append(out, l.fits(x, l.typeOf(call))...)
		}
		return out
	}
	for _, lit := range literals {
		if slices.Contains(l.in, lit) {
			continue
		}
		l.in = append(l.in, lit)
		for _, x := range results(lit) {
			for _, s := range l.sources(x) {
				out = append(out, l.outside(lit, call, s)...)
			}
		}
		l.in = l.in[:len(l.in)-1]
	}
	return out
}

// handed is what the result of a call may share with what the function literals return that it is given.
func (l *places) handed(call *ast.CallExpr) []source {
	var out []source
	for _, arg := range call.Args {
		if _, ok := l.typeOf(arg).Underlying().(*types.Signature); !ok {
			continue
		}
		for _, lit := range l.mayBe(arg) {
			if slices.Contains(l.in, lit) {
				continue
			}
			for _, x := range results(lit) {
				out = append(out, l.fits(x, l.typeOf(call))...)
			}
		}
	}
	return out
}

// outside writes a source of a result of a function literal as one of a call's arguments, where it is one of parameters.
func (l *places) outside(lit *ast.FuncLit, call *ast.CallExpr, s source) []source {
	for i, p := range parameters(lit.Type) {
		if l.Info.Defs[p] == s.from.root && i < len(call.Args) {
			return l.insteadOf(call.Args[i], s)
		}
	}
	return []source{s}
}

// results are the expressions that a function literal returns, with the names of its results.
func results(lit *ast.FuncLit) []ast.Expr {
	var out []ast.Expr
	if lit.Type.Results != nil {
		for _, f := range lit.Type.Results.List {
			for _, name := range f.Names {
				out = append(out, name)
			}
		}
	}
	ast.Inspect(lit.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			out = append(out, n.Results...)
		}
		return true
	})
	return out
}
