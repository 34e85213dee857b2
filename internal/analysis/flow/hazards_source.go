package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"
)

// source says that the part sub of a value shares memory with a place.
type source struct {
	sub  []hop
	from place
	same bool // not what both point to, but the part itself: an element of a slice is one of the array
	fit
}

// fit says what is known of the ends of a slice that shares memory with another one, and with that of what append writes.
type fit struct {
	longer  bool // it may reach beyond the end of the other one
	shorter bool // the other one may reach beyond its end
	clipped bool // it has no room behind its end: append copies it
}

func (f fit) or(g fit) fit { return fit{f.longer || g.longer, f.shorter || g.shorter, false} }

// shortened reports whether an expression is a slice of the beginning of something, with what comes behind in its room.
func shortened(x ast.Expr) bool {
	e, ok := ast.Unparen(x).(*ast.SliceExpr)
	return ok && (e.High != nil && !clips(e) || shortened(e.X))
}

// clips reports whether a slice has no room: x[:n:n].
func clips(e *ast.SliceExpr) bool {
	return e.Max != nil && types.ExprString(e.Max) == types.ExprString(e.High)
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
			return []source{{sub: []hop{{kind: pointed}}, from: p}}
		}
		return under(hop{kind: pointed}, l.sources(e.X))
	case *ast.CompositeLit:
		return l.literal(e)
	case *ast.CallExpr:
		return l.result(e)
	case *ast.FuncLit:
		return l.fits(e, l.typeOf(e))
	case *ast.SliceExpr:
		return l.sliced(e)
	case *ast.TypeAssertExpr:
		return l.sources(e.X)
	}
	if p, ok := l.place(x); ok {
		if len(p.path) == 0 && l.data[p.root] == p.root && p.root != nil && isPointer(l.typeOf(x)) {
			return []source{{sub: []hop{{kind: pointed}}, from: p}}
		}
		return []source{{from: p}}
	}
	return l.partOf(x)
}

// partOf is what a part of a value without a place shares memory with: h{o.Nums}.s, [][]int{o.Nums}[0].
func (l *places) partOf(x ast.Expr) []source {
	var of ast.Expr
	var way []hop
	switch e := ast.Unparen(x).(type) {
	case *ast.SelectorExpr:
		if s := l.Info.Selections[e]; s != nil && s.Kind() == types.FieldVal && len(s.Index()) == 1 {
			of, way = e.X, []hop{{kind: field, name: e.Sel.Name}}
		}
	case *ast.IndexExpr:
		if !l.Info.Types[e.Index].IsType() {
			of, way = e.X, l.element(e)
		}
	case *ast.StarExpr:
		of, way = e.X, []hop{{kind: pointed}}
	}
	if of == nil || l.chain(x) != nil {
		return nil
	}
	if isPointer(l.typeOf(of)) && way[0].kind != pointed {
		way = append([]hop{{kind: pointed}}, way...)
	}
	var out []source
	for _, s := range l.sources(of) {
		if s, ok := l.along(s, way); ok {
			out = append(out, s)
		}
	}
	return out
}

// along is what a source of a value says of a part of it.
func (l *places) along(s source, way []hop) (source, bool) {
	n := min(len(s.sub), len(way))
	if !slices.EqualFunc(s.sub[:n], way[:n], func(a, b hop) bool { return a.kind == b.kind && (a.kind != field || a.name == b.name) }) {
		return source{}, false
	}
	rest := way[n:]
	if len(rest) > 0 && rest[0].kind == pointed {
		s.from, rest = l.deref(s.from), rest[1:]
	}
	s.from, s.sub = s.from.with(rest...), s.sub[n:]
	return s, true
}

// sliced is what a part of a slice, or of an array, shares memory with.
func (l *places) sliced(e *ast.SliceExpr) []source {
	end := fit{shorter: e.High != nil, clipped: e.High != nil && clips(e)}
	if l.slicesArray(e) {
		p, ok := l.place(e.X)
		if !ok {
			return nil
		}
		if isPointer(l.typeOf(e.X)) {
			p = l.deref(p)
		}
		return []source{{sub: []hop{{kind: beyond}}, from: p.with(hop{kind: inside}), same: true, fit: end}}
	}
	var out []source
	for _, s := range l.sources(e.X) {
		if len(s.sub) == 0 || s.same {
			s.fit = fit{s.longer, s.shorter || end.shorter, end.clipped}
		}
		out = append(out, s)
	}
	return out
}

func under(h hop, sources []source) []source {
	var out []source
	for _, s := range sources {
		s.sub = append([]hop{h}, s.sub...)
		out = append(out, s)
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
		return l.returned(call)
	}
	out := l.handed(call)
	if fn.Pkg() == l.Pkg && l.decls[fn] != nil {
		for _, r := range l.summary(fn).returns {
			for _, s := range r {
				for _, s := range l.instead(call, s) {
					if fn.Signature().TypeParams() != nil {
						out = append(out, l.instantiated(l.typeOf(call), s)...)
					} else {
						out = append(out, s)
					}
				}
			}
		}
		return out
	}
	if copies()[qualified(fn)] {
		for _, x := range call.Args {
			out = append(out, l.elements(x)...)
		}
		return out
	}
	for _, x := range receiverAndArgs(l.hazards, call) {
		for _, s := range l.fits(x, l.typeOf(call)) {
			s.fit = fit{longer: true, shorter: true}
			if qualified(fn) == "slices.Clip" {
				s.fit = fit{shorter: true, clipped: true}
			}
			out = append(out, s)
		}
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
		switch {
		case len(s.sub) == 0 && bears(elem(l.typeOf(x))):
			out = append(out, source{sub: []hop{{kind: beyond}}, from: s.from.with(hop{kind: beyond})})
		case len(s.sub) > 0 && s.sub[0].kind == beyond && !s.same:
			out = append(out, s)
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
	var out []source
	for _, s := range l.sources(call.Args[0]) {
		if s.clipped && len(call.Args) > 1 && !call.Ellipsis.IsValid() { // then it is copied
			if bears(elem(l.typeOf(call.Args[0]))) {
				out = append(out, source{sub: append(s.sub, hop{kind: beyond}), from: s.from.with(hop{kind: beyond})})
			}
			continue
		}
		s.fit = fit{longer: s.longer || len(call.Args) > 1, shorter: s.shorter}
		out = append(out, s)
	}
	for _, x := range call.Args[1:] {
		switch {
		case call.Ellipsis.IsValid() && leavesOut(call.Args[0], x):
		case call.Ellipsis.IsValid():
			out = append(out, l.elements(x)...)
		default:
			out = append(out, under(hop{kind: beyond}, l.sources(x))...)
		}
	}
	return out
}

// leavesOut reports whether a slice is put together of the beginning and the end of one, and no element is there twice:
// x[:i] and x[i+1:].
func leavesOut(begin, end ast.Expr) bool {
	a, ok := ast.Unparen(begin).(*ast.SliceExpr)
	b, ok2 := ast.Unparen(end).(*ast.SliceExpr)
	if !ok || !ok2 || a.High == nil || b.Low == nil || types.ExprString(a.X) != types.ExprString(b.X) {
		return false
	}
	high, low := types.ExprString(a.High), types.ExprString(b.Low)
	if rest, ok := strings.CutPrefix(low, high); ok && (rest == "" || strings.HasPrefix(rest, " + ")) {
		return true
	}
	i, err := strconv.Atoi(high)
	j, err2 := strconv.Atoi(low)
	return err == nil && err2 == nil && i <= j
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
	return l.insteadOf(x, s)
}

// insteadOf writes a source that is said of a parameter as one of the argument.
func (l *places) insteadOf(x ast.Expr, s source) []source {
	path := s.from.path
	if p, ok := l.place(x); ok && !l.slicesArray(x) {
		_, pointer := l.typeOf(x).Underlying().(*types.Pointer)
		if len(path) > 0 && path[0].kind == pointed && (!pointer || l.data[p.root] == p.root && len(p.path) == 0) {
			path = path[1:]
		}
		s.from = p.with(path...)
		if len(path) == 0 && shortened(x) {
			s.fit.shorter = true
		}
		return []source{s}
	}
	var out []source
	for _, inner := range l.sources(x) {
		if rest, ok := after(inner.sub, path); ok {
			out = append(out, source{sub: s.sub, from: inner.from.with(rest...), fit: s.fit.or(inner.fit)})
		}
	}
	return out
}

// slicesArray reports whether an expression is a slice of an array.
func (l *places) slicesArray(x ast.Expr) bool {
	e, ok := ast.Unparen(x).(*ast.SliceExpr)
	if !ok {
		return false
	}
	t := l.typeOf(e.X).Underlying()
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem().Underlying()
	}
	_, array := t.(*types.Array)
	return array
}

// after takes a way from the beginning of another one.
func after(sub, path []hop) ([]hop, bool) {
	if len(path) < len(sub) {
		return nil, true
	}
	for i, h := range sub {
		name := path[i].name
		if h.kind != path[i].kind || h.name != name && (h.kind == field || h.name != "" && name != "") {
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
	case *types.Signature:
		return slices.ContainsFunc(yields(t), func(t types.Type) bool { return bearing(t, seen) })
	case *types.Tuple: // of a call, or with the ok of m[k] and x.(T)
		for v := range t.Variables() {
			if bearing(v.Type(), seen) {
				return true
			}
		}
	case *types.Struct:
		for f := range t.Fields() {
			if bearing(f.Type(), seen) {
				return true
			}
		}
	}
	return false
}
