package flow

import (
	"go/ast"
	"go/token"
	"go/types"
)

// source says that the part sub of a value shares memory with a place.
type source struct {
	sub  []hop
	from place
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
	if packageLevel(s.from.root) {
		return []source{s}
	}
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
