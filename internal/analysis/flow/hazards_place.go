package flow

import (
	"fmt"
	"go/ast"
	"go/token"
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

// source says that the part sub of a value shares memory with a place.
type source struct {
	sub  []hop
	from place
}

// places finds the places of expressions.
type places struct {
	*hazards
	data map[*types.Var]*types.Var // parameters that point to the data, and the one that stands for all of them
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
	h.just = ident(e.Index) != nil
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

// sources returns the places with which the value of an expression shares memory.
func (l *places) sources(x ast.Expr) []source {
	if x == nil || !bears(l.typeOf(x)) {
		return nil
	}
	switch e := ast.Unparen(x).(type) {
	case *ast.UnaryExpr:
		if e.Op != token.AND {
			return nil
		}
		if p, ok := l.place(e.X); ok {
			return []source{{[]hop{{kind: pointed}}, p}}
		}
		return under(hop{kind: pointed}, l.sources(e.X))
	case *ast.CompositeLit:
		return l.literal(e)
	case *ast.CallExpr:
		return l.result(e)
	case *ast.FuncLit:
		return nil
	}
	if p, ok := l.place(x); ok {
		return []source{{nil, p}}
	}
	return nil
}

func under(h hop, sources []source) []source {
	var out []source
	for _, s := range sources {
		out = append(out, source{append([]hop{h}, s.sub...), s.from})
	}
	return out
}

func (l *places) literal(e *ast.CompositeLit) []source {
	var out []source
	t := l.typeOf(e).Underlying()
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem().Underlying()
	}
	for i, x := range e.Elts {
		h := hop{kind: beyond}
		kv, keyed := x.(*ast.KeyValueExpr)
		if keyed {
			x = kv.Value
		}
		switch t := t.(type) {
		case *types.Struct:
			h.kind = field
			if id, ok := keyOf(kv); ok {
				h.name = id.Name
			} else if i < t.NumFields() {
				h.name = t.Field(i).Name()
			}
		case *types.Array:
			h.kind = inside
		}
		out = append(out, under(h, l.sources(x))...)
	}
	return out
}

func keyOf(kv *ast.KeyValueExpr) (*ast.Ident, bool) {
	if kv == nil {
		return nil, false
	}
	id, ok := kv.Key.(*ast.Ident)
	return id, ok
}

// result is what the value of a call shares memory with.
func (l *places) result(call *ast.CallExpr) []source {
	tv := l.Info.Types[call.Fun]
	switch {
	case tv.IsType():
		if len(call.Args) == 1 && bears(l.typeOf(call.Args[0])) {
			return l.sources(call.Args[0])
		}
		return nil
	case tv.IsBuiltin():
		if id := callee(call.Fun); id != nil && id.Name == "append" && len(call.Args) > 0 {
			return l.appended(call)
		}
		return nil
	case l.isWait(call):
		return nil
	}
	fn := l.called(call)
	if fn == nil {
		return nil
	}
	if fn.Pkg() == l.Pkg && l.decls[fn] != nil {
		var out []source
		for _, r := range l.summary(fn).returns {
			for _, s := range r {
				out = append(out, l.instead(call, s)...)
			}
		}
		return out
	}
	if copies()[qualified(fn)] {
		var out []source
		for _, x := range call.Args {
			out = append(out, l.elements(x)...)
		}
		return out
	}
	var out []source
	for _, x := range receiverAndArgs(l.hazards, call) {
		out = append(out, l.sources(x)...)
	}
	return out
}

// copies are functions of Go's library that return a new slice or map.
func copies() map[string]bool {
	return set("slices.Clone", "slices.Concat", "slices.Collect", "slices.Sorted", "slices.SortedFunc", "slices.SortedStableFunc", "slices.Repeat",
		"maps.Clone", "maps.Collect", "bytes.Clone")
}

// elements are what the elements of a copy of a slice or map share.
func (l *places) elements(x ast.Expr) []source {
	var out []source
	for _, s := range l.sources(x) {
		if len(s.sub) == 0 && bears(elem(l.typeOf(x))) {
			out = append(out, source{[]hop{{kind: beyond}}, s.from.with(hop{kind: beyond})})
		}
	}
	return out
}

func elem(t types.Type) types.Type {
	switch t := t.Underlying().(type) {
	case *types.Slice:
		return t.Elem()
	case *types.Map:
		return t.Elem()
	}
	return t
}

func (l *places) appended(call *ast.CallExpr) []source {
	out := l.sources(call.Args[0])
	for _, x := range call.Args[1:] {
		if call.Ellipsis.IsValid() {
			out = append(out, l.elements(x)...)
		} else {
			out = append(out, under(hop{kind: beyond}, l.sources(x))...)
		}
	}
	return out
}

// instead writes a source that is said of a function's parameters as one of a call's arguments.
func (l *places) instead(call *ast.CallExpr, s source) []source {
	x := argumentFor(l.hazards, call, s.from.root)
	if x == nil {
		return nil
	}
	path := s.from.path
	if p, ok := l.place(x); ok {
		_, pointer := l.typeOf(x).Underlying().(*types.Pointer)
		if len(path) > 0 && path[0].kind == pointed && (!pointer || l.data[p.root] == p.root && len(p.path) == 0) {
			path = path[1:]
		}
		return []source{{s.sub, p.with(path...)}}
	}
	var out []source
	for _, inner := range l.sources(x) {
		if rest, ok := after(inner.sub, path); ok {
			out = append(out, source{s.sub, inner.from.with(rest...)})
		}
	}
	return out
}

// after takes a way from the beginning of another one.
func after(sub, path []hop) ([]hop, bool) {
	if len(path) < len(sub) {
		return nil, true
	}
	for i, h := range sub {
		if h.kind != path[i].kind || h.name != path[i].name {
			return nil, false
		}
	}
	return path[len(sub):], true
}

// argumentFor returns what a call hands to a parameter, or to the receiver, of the function that it calls.
func argumentFor(h *hazards, call *ast.CallExpr, param *types.Var) ast.Expr {
	fn := h.called(call)
	if fn == nil {
		return nil
	}
	sig := fn.Signature()
	if sig.Recv() == param {
		if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok {
			return sel.X
		}
		return nil
	}
	for i := range sig.Params().Len() {
		if sig.Params().At(i) == param && i < len(call.Args) {
			return call.Args[i]
		}
	}
	return nil
}

// receiverAndArgs are what a call hands to the function.
func receiverAndArgs(h *hazards, call *ast.CallExpr) []ast.Expr {
	out := call.Args
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok && h.Info.Selections[sel] != nil {
		out = append([]ast.Expr{sel.X}, out...)
	}
	return out
}

// mutated returns what a call of a builtin or of Go's library writes to; through says that it is what the value reaches,
// not the value itself.
func (h *hazards) mutated(call *ast.CallExpr) []ast.Expr {
	name := ""
	if h.Info.Types[call.Fun].IsBuiltin() {
		if id := callee(call.Fun); id != nil {
			name = id.Name
		}
	} else if fn := h.called(call); fn != nil && fn.Pkg() != nil && fn.Signature().Recv() == nil {
		name = qualified(fn)
	}
	i, ok := changes()[name]
	if !ok || i >= len(call.Args) {
		return nil
	}
	if strings.HasPrefix(name, "fmt.Sscan") {
		return call.Args[i:]
	}
	return call.Args[i : i+1]
}

// changedReceiver returns the variable of which a call changes the value by a method with a pointer receiver, nil if it
// changes none: b in b.WriteString("x").
func (h *hazards) changedReceiver(call *ast.CallExpr) ast.Expr {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	fn := h.called(call)
	if !ok || fn == nil || fn.Signature().Recv() == nil || fn.Pkg() == h.Pkg {
		return nil
	}
	if _, ptr := fn.Signature().Recv().Type().(*types.Pointer); !ptr {
		return nil
	}
	if _, already := h.typeOf(sel.X).Underlying().(*types.Pointer); already {
		return nil
	}
	return sel.X
}

// bears reports whether copies of a value of a type can have memory in common.
func bears(t types.Type) bool { return bearing(t, map[types.Type]bool{}) }

func bearing(t types.Type, seen map[types.Type]bool) bool {
	if t == nil || seen[t] || isError(t) {
		return false
	}
	seen[t] = true
	if n, ok := types.Unalias(t).(*types.Named); ok && n.Obj().Pkg() != nil {
		switch n.Obj().Pkg().Path() + "." + n.Obj().Name() {
		case "time.Time", "net/netip.Addr", "time.Location":
			return false
		}
	}
	switch t := t.Underlying().(type) {
	case *types.Slice, *types.Map, *types.Pointer, *types.Interface:
		return true
	case *types.Array:
		return bearing(t.Elem(), seen)
	case *types.Struct:
		for f := range t.Fields() {
			if bearing(f.Type(), seen) {
				return true
			}
		}
	}
	return false
}
