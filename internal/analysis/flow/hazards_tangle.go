package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// Two parts of one value can be the same memory: rows[i] = row in a loop, m["b"] = m["a"]. When the value has been saved they
// are two. That is so for what is put together of memory which has a place already, and which is put to more than one.

// move is memory of a place that is put to another one, too.
type move struct {
	to       place // no root: nobody knows where
	returned bool
	from     place
	at       token.Pos
}

// moves collects what a piece of code puts where.
type moves struct {
	*places
	list   []move
	within bool                // a value is put somewhere that shares memory in itself
	params map[*types.Var]bool // of function literals, which may be called with anything
	loops  []ast.Node          // and function literals
}

func (l *places) moves() *moves { return &moves{places: l, params: map[*types.Var]bool{}} }

func (m *moves) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.AssignStmt:
		if permutes(n.Lhs, n.Rhs) {
			return true
		}
		for i, x := range n.Lhs {
			m.assigned(x, n.Rhs[min(i, len(n.Rhs)-1)])
		}
	case *ast.ValueSpec:
		for i, name := range n.Names {
			if len(n.Values) > 0 {
				m.assigned(name, n.Values[min(i, len(n.Values)-1)])
			}
		}
	case *ast.ReturnStmt:
		for _, x := range n.Results {
			m.put(move{returned: true, at: x.Pos()}, x)
		}
	case *ast.RangeStmt:
		m.loops = append(m.loops, n)
		m.element(n)
	case *ast.ForStmt:
		m.loops = append(m.loops, n)
	case *ast.FuncLit:
		m.loops = append(m.loops, n)
		for _, p := range parameters(n.Type) {
			if v, ok := m.Info.Defs[p].(*types.Var); ok {
				m.params[v] = true
			}
		}
	case *ast.CallExpr:
		m.written(n)
	}
	return true
}

// assigned notes an assignment.
func (m *moves) assigned(to, value ast.Expr) {
	if id := ident(to); id != nil && id.Name == "_" {
		return
	}
	p, _ := m.place(to)
	m.put(move{to: p, at: value.Pos()}, value)
}

func (m *moves) put(to move, value ast.Expr) {
	if call := m.chain(value); call != nil {
		if m.helper(call) != nil && bears(m.typeOf(value)) { // it may return anything
			to.from = place{root: types.NewVar(call.Pos(), nil, "", nil)}
			m.list = append(m.list, to)
		}
		return
	}
	m.within = m.within || len(m.twice(value)) > 0
	for _, s := range m.sources(value) {
		if own := to.to.with(s.sub...); to.to.root == s.from.root && own.key() == s.from.key() && own.is(s.from) {
			continue // x = append(x, y) and x = x[1:] leave it where it is
		}
		to.from = s.from
		m.list = append(m.list, to)
	}
}

// element notes what the variable of a loop has in each round.
func (m *moves) element(n *ast.RangeStmt) {
	if blank(n.Value) || !bears(m.typeOf(n.Value)) {
		return
	}
	p, _ := m.place(n.Value)
	for _, s := range m.sources(n.X) {
		if len(s.sub) == 0 {
			m.list = append(m.list, move{to: p, from: s.from.with(hop{kind: beyond, varies: true}), at: n.Pos()})
		}
	}
}

// written notes what a function of Go's library puts where it writes: copy, maps.Copy, heap.Push.
func (m *moves) written(call *ast.CallExpr) {
	for _, e := range m.effects(call) {
		if e.kind != reached {
			continue
		}
		for _, t := range m.targets(e) {
			for _, x := range call.Args {
				if x == e.x || !bears(m.typeOf(x)) || !bears(elem(m.typeOf(x))) {
					continue
				}
				for _, s := range m.sources(x) {
					m.list = append(m.list, move{to: t.place, from: s.from, at: call.Pos()})
				}
			}
		}
	}
}

// tangled reports whether parts of what ends in a sink may be the same memory as another part, or as something that was there
// before.
func (m *moves) tangled(sink func(move) bool, before func(*types.Var) bool) bool {
	kept := m.kept(sink)
	for i, a := range kept {
		if before(a.from.root) || m.params[a.from.root] || m.again(a) {
			return true
		}
		for _, b := range kept[:i] {
			if a.from.overlaps(b.from) {
				return true
			}
		}
	}
	return len(kept) > 0 && m.within
}

// kept are the moves of what ends in a sink, by whatever variables.
func (m *moves) kept(sink func(move) bool) []move {
	in := make([]bool, len(m.list))
	live := map[*types.Var]bool{}   // variables whose memory ends there
	inside := map[*types.Var]bool{} // variables that reach into one
	for more := true; more; {
		more = false
		for i, a := range m.list {
			ends := sink(a) || live[a.to.root] || a.to.root != nil && inside[a.to.root] && anyShared(a.to.path)
			if !in[i] && ends {
				in[i], live[a.from.root], more = true, true, true
			}
			if a.to.root != nil && !inside[a.to.root] && (inside[a.from.root] || sink(move{to: a.from})) {
				inside[a.to.root], more = true, true
			}
		}
	}
	var out []move
	for i, a := range m.list {
		if in[i] {
			out = append(out, a)
		}
	}
	return out
}

// again reports whether a move is one of the same memory in each round of a loop.
func (m *moves) again(a move) bool {
	for _, loop := range m.loops {
		in := func(p token.Pos) bool { return loop.Pos() <= p && p < loop.End() }
		if !in(a.at) || in(a.from.root.Pos()) {
			continue
		}
		another := func(h hop) bool {
			return h.varies || slices.ContainsFunc(h.by, func(v *types.Var) bool { return in(v.Pos()) })
		}
		if !slices.ContainsFunc(a.from.path, another) {
			return true
		}
	}
	return false
}

// twice returns the parts of the value of an expression that may be the same memory, though they have no other place.
func (l *places) twice(x ast.Expr) [][2][]hop {
	parts := alike(l.typeOf(x))
	if len(parts) == 0 {
		return nil
	}
	var out [][2][]hop
	add := func(before []hop, x ast.Expr) {
		for _, t := range l.twice(x) {
			out = append(out, [2][]hop{slices.Concat(before, t[0]), slices.Concat(before, t[1])})
		}
	}
	switch e := ast.Unparen(x).(type) {
	case *ast.CompositeLit:
		for _, x := range e.Elts {
			if kv, ok := x.(*ast.KeyValueExpr); ok {
				x = kv.Value
			}
			if len(l.twice(x)) > 0 {
				return parts
			}
		}
	case *ast.SliceExpr:
		add(nil, e.X)
	case *ast.UnaryExpr:
		if e.Op == token.AND && len(l.twice(e.X)) > 0 {
			return parts
		}
	case *ast.CallExpr:
		fn := l.called(e)
		switch {
		case l.isWait(e):
		case fn != nil && fn.Pkg() == l.Pkg:
			if l.decls[fn] != nil && l.summary(fn).tangled {
				return parts
			}
		case fn != nil && qualified(fn) == "slices.Repeat":
			return parts
		default:
			for i, x := range e.Args {
				if i > 0 && !e.Ellipsis.IsValid() && types.Identical(l.typeOf(x), elem(l.typeOf(e))) {
					add([]hop{{kind: beyond}}, x)
				} else {
					add(nil, x)
				}
			}
		}
	}
	return out
}

// alike returns the parts of a value of a type that may be the same memory.
func alike(t types.Type) [][2][]hop {
	if !bears(t) {
		return nil
	}
	parts := slices.DeleteFunc(partsOf(t, nil, 0), func(p part) bool { _, ok := p.typ.Underlying().(*types.Interface); return ok })
	var out [][2][]hop
	for i, a := range parts {
		for _, b := range parts[:i+1] {
			if types.Identical(a.typ, b.typ) && (len(a.path) > 0 && ofMany(a.path) || len(a.path) > 0 && i > 0 && !slices.EqualFunc(a.path, b.path, hop.equal)) {
				out = append(out, [2][]hop{a.path, b.path})
			}
		}
	}
	return out
}

type part struct {
	path []hop
	typ  types.Type
}

// partsOf are the slices, maps and pointers in a value of a type, as deep as code goes.
func partsOf(t types.Type, path []hop, depth int) []part {
	if depth > 4 || !bears(t) {
		return nil
	}
	var out []part
	in := func(h hop, t types.Type) {
		out = append(out, partsOf(t, append(slices.Clip(path), h), depth+1)...)
	}
	switch u := t.Underlying().(type) {
	case *types.Slice:
		out = append(out, part{path, t})
		in(hop{kind: beyond}, u.Elem())
	case *types.Map:
		out = append(out, part{path, t})
		in(hop{kind: beyond}, u.Elem())
	case *types.Pointer:
		out = append(out, part{path, t})
		in(hop{kind: pointed}, u.Elem())
	case *types.Array:
		in(hop{kind: inside}, u.Elem())
	case *types.Interface:
		out = append(out, part{path, t})
	case *types.Signature:
		out = append(out, part{path, t})
		for _, t := range yields(u) {
			in(hop{kind: beyond}, t)
		}
	case *types.Struct:
		for f := range u.Fields() {
			in(hop{kind: field, name: f.Name()}, f.Type())
		}
	}
	return out
}
