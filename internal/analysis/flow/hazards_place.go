package flow

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"
	"strings"
)

// place is a part of what a variable reaches: o.Items[i].Qty is the variable o and the way .Items{}.Qty.
type place struct {
	root *types.Var
	path []hop
}

// hop is one part of a way: a field, an element, or what a pointer points to.
type hop struct {
	kind hopKind
	name string       // of a field; of an element, its index where that is a constant
	by   []*types.Var // variables in the index of an element
	just bool         // the index is the variable, and no more

	at     ast.Expr // its index; nil for one that is not known
	varies bool     // the index has got another value since
}

type hopKind byte

const (
	field   hopKind = '.' // of a struct
	inside  hopKind = '[' // an element of an array, which is a part of the value
	beyond  hopKind = '{' // an element of a slice or a map, which copies of the value share
	pointed hopKind = '*' // what a pointer points to, which copies of the value share
)

// shared reports whether copies of the value have what the hop leads to in common.
func (h hop) shared() bool { return h.kind == beyond || h.kind == pointed }

// equal reports whether two hops are of one kind and name.
func (h hop) equal(g hop) bool { return h.kind == g.kind && h.name == g.name }

// longest is the longest way that is looked at: p = p.Next would make longer ones without end.
const longest = 12

func (p place) with(hops ...hop) place {
	if len(p.path)+len(hops) > longest {
		hops = hops[:max(0, longest-len(p.path))]
	}
	return place{p.root, append(slices.Clip(p.path), hops...)}
}

// key names a place, whatever the indices in it are.
func (p place) key() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d", p.root.Pos())
	for _, h := range p.path {
		b.WriteByte(byte(h.kind))
		if h.kind == field {
			b.WriteString(h.name)
		}
	}
	return b.String()
}

// String is a place as code would write it, or nearly so.
func (p place) String() string {
	s := p.root.Name()
	for _, h := range p.path {
		switch h.kind {
		case field:
			s += "." + h.name
		case inside, beyond:
			s += "[" + h.index() + "]"
		}
	}
	return s
}

func (h hop) index() string {
	if h.name != "" {
		return h.name
	}
	if len(h.by) == 1 && h.just {
		return h.by[0].Name()
	}
	return "..."
}

// below returns the way from p to q when q is p or a part of it.
func (p place) below(q place) (rest []hop, ok bool) {
	if p.root != q.root || len(q.path) < len(p.path) {
		return nil, false
	}
	for i, h := range p.path {
		if h.kind != q.path[i].kind || h.kind == field && h.name != q.path[i].name {
			return nil, false
		}
	}
	return q.path[len(p.path):], true
}

// overlaps reports whether one of two places is the other one or a part of it; elements with different constants as their
// index are not.
func (p place) overlaps(q place) bool {
	for i := range min(len(p.path), len(q.path)) {
		a, b := p.path[i], q.path[i]
		if a.kind != b.kind || a.name != b.name && (a.kind == field || a.name != "" && b.name != "") {
			return false
		}
	}
	return p.root == q.root
}

// ofMany reports whether a way leads to an element.
func ofMany(path []hop) bool {
	return slices.ContainsFunc(path, func(h hop) bool { return h.kind == beyond || h.kind == inside })
}

// one says of two elements whether they are the same: certainly, and maybe.
func one(a, b hop) (certain, maybe bool) {
	switch {
	case a.kind != beyond && a.kind != inside:
		return true, true
	case a.name != "" && b.name != "":
		return a.name == b.name, a.name == b.name
	case a.varies || b.varies:
		return false, false
	case a.at == nil || b.at == nil:
		return false, true
	}
	return types.ExprString(a.at) == types.ExprString(b.at), true
}

// is reports whether two places of one key are the same.
func (p place) is(q place) bool {
	for i := range min(len(p.path), len(q.path)) {
		if same, _ := one(p.path[i], q.path[i]); !same {
			return false
		}
	}
	return true
}

// meet reports whether one of two places may be a part of the other as their indices are now.
func meet(p, q place) bool {
	for i := range min(len(p.path), len(q.path)) {
		if _, maybe := one(p.path[i], q.path[i]); !maybe {
			return false
		}
	}
	return true
}

// foundBy reports whether an index on the way to a place is computed from a variable.
func (p place) foundBy(v *types.Var) bool {
	return slices.ContainsFunc(p.path, func(h hop) bool { return !h.varies && slices.Contains(h.by, v) })
}

// varying is the place when the variable has got another value, and its index has not.
func (p place) varying(v *types.Var) place {
	p.path = slices.Clone(p.path)
	for i, h := range p.path {
		p.path[i].varies = h.varies || slices.Contains(h.by, v)
	}
	return p
}

// places finds the places of expressions.
type places struct {
	*hazards
	data map[*types.Var]*types.Var // parameters that point to the data, and the one that stands for all of them
	in   []*ast.FuncLit            // that are looked at because they may be called
}

// place returns what an expression denotes; ok is false for what no variable holds.
func (l *places) place(x ast.Expr) (place, bool) {
	switch e := ast.Unparen(x).(type) {
	case *ast.Ident:
		v, ok := l.object(e).(*types.Var)
		if !ok || v.IsField() {
			return place{}, false
		}
		if d := l.data[v]; d != nil {
			v = d
		}
		return place{root: v}, true
	case *ast.SelectorExpr:
		return l.selected(e)
	case *ast.IndexExpr:
		p, ok := l.place(e.X)
		if !ok {
			return place{}, false
		}
		return p.with(l.element(e)...), true
	case *ast.SliceExpr:
		return l.place(e.X)
	case *ast.TypeAssertExpr:
		return l.place(e.X)
	case *ast.StarExpr:
		p, ok := l.place(e.X)
		return l.deref(p), ok
	}
	return place{}, false
}

// deref is what the pointer in a place points to. The parameter for the data stands for the data itself.
func (l *places) deref(p place) place {
	if p.root != nil && len(p.path) == 0 && l.data[p.root] == p.root {
		return p
	}
	return p.with(hop{kind: pointed})
}

func (l *places) selected(e *ast.SelectorExpr) (place, bool) {
	s := l.Info.Selections[e]
	if s == nil {
		v, ok := l.Info.Uses[e.Sel].(*types.Var)
		return place{root: v}, ok
	}
	p, ok := l.place(e.X)
	if !ok || s.Kind() != types.FieldVal {
		return place{}, false
	}
	t := l.typeOf(e.X)
	for _, i := range s.Index() {
		if ptr, ok := t.Underlying().(*types.Pointer); ok {
			p, t = l.deref(p), ptr.Elem()
		}
		st, ok := t.Underlying().(*types.Struct)
		if !ok {
			return place{}, false
		}
		p, t = p.with(hop{kind: field, name: st.Field(i).Name()}), st.Field(i).Type()
	}
	return p, true
}

// element is the way to an element by its index.
func (l *places) element(e *ast.IndexExpr) []hop {
	h := hop{kind: beyond}
	var before []hop
	switch t := l.typeOf(e.X).Underlying().(type) {
	case *types.Array:
		h.kind = inside
	case *types.Pointer: // to an array
		before, h.kind = []hop{{kind: pointed}}, inside
		_ = t
	}
	if v := l.Info.Types[e.Index].Value; v != nil {
		h.name = v.ExactString()
	}
	h.just, h.at = ident(e.Index) != nil, e.Index
	ast.Inspect(e.Index, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			if v, ok := l.Info.Uses[id].(*types.Var); ok && !v.IsField() {
				h.by = append(h.by, v)
			}
		}
		return true
	})
	return append(before, h)
}
