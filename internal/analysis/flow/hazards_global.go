package flow

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/wfegen/wfe/internal/analysis/load"
)

// variables notes what package variables begin with.
func (h *hazards) variables(v *ast.ValueSpec) {
	for i, name := range v.Names {
		obj := h.Info.Defs[name]
		switch {
		case len(v.Values) == len(v.Names):
			h.begins[obj] = v.Values[i]
		case len(v.Values) == 1:
			h.begins[obj] = v.Values[0]
		}
	}
}

// assignments notes a statement that changes a package variable, all of it or in part, or that lets others do so.
func (h *hazards) assignments(n ast.Node) {
	note := func(x ast.Expr) {
		if v := h.root(x); v != nil && packageLevel(v) {
			h.assigned[v] = x.Pos()
		}
	}
	switch n := n.(type) {
	case *ast.AssignStmt:
		for _, x := range n.Lhs {
			note(x)
		}
	case *ast.IncDecStmt:
		note(n.X)
	case *ast.RangeStmt:
		if n.Tok == token.ASSIGN {
			note(n.Key)
			note(n.Value)
		}
	case *ast.UnaryExpr:
		if n.Op == token.AND {
			note(n.X)
		}
	case *ast.CallExpr:
		if fn := h.called(n); fn != nil && fn.Pkg() == h.Pkg {
			return // see throughOthers
		}
		for _, e := range h.effects(n) {
			if e.kind != spare || shortened(e.x) {
				note(e.x)
			}
		}
	}
}

// throughOthers notes the package variables that are changed by another name: by a method, through a parameter, a pointer or
// a map that a variable holds as well.
func (h *hazards) throughOthers() {
	h.globals = true
	w := &writers{hazards: h, params: map[*types.Func]map[*types.Var]depth{}}
	for w.more = true; w.more; {
		w.more = false
		for fn, decl := range h.decls {
			w.read(fn, decl)
		}
		for _, x := range h.begins { // the functions in it
			w.read(nil, &ast.FuncDecl{Type: &ast.FuncType{}, Body: &ast.BlockStmt{List: []ast.Stmt{&ast.ExprStmt{X: x}}}})
		}
	}
	h.globals = false
	clear(h.purity) // without package variables
}

// writers finds what functions write to.
type writers struct {
	*hazards
	params map[*types.Func]map[*types.Var]depth // through which functions write to what is not theirs
	more   bool                                 // something new was found
}

// depth says how far from a parameter a function writes: to what it refers to, or also to what that refers to.
type depth uint8

const (
	near depth = iota + 1
	far
)

// read looks at the body of a function; fn is nil for code that is no function's.
func (w *writers) read(fn *types.Func, decl *ast.FuncDecl) {
	r := newBodyReader(w.hazards, decl, &summary{}, func(impurity) {})
	r.reached = func(x ast.Expr, parts []place) {
		for _, p := range parts {
			w.changed(fn, x, p)
		}
	}
	r.read()
	ast.Inspect(decl.Body, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			for x, depth := range w.written(call) {
				w.through(r, call, x, depth)
			}
		}
		return true
	})
}

// through notes what x reaches as changed. A receiver of which a call takes the address is near itself.
func (w *writers) through(r *bodyReader, call *ast.CallExpr, x ast.Expr, d depth) {
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok && sel.X == x {
		_, pointer := r.typeOf(x).Underlying().(*types.Pointer)
		if p, ok := r.place(x); ok && !pointer && w.addresses(call) {
			r.change(x, p)
			if d == near {
				return
			}
		}
	}
	for _, s := range r.sources(x) {
		r.change(x, s.from.with(hop{kind: beyond}))
	}
}

// addresses reports whether a call is one of a method with a pointer receiver.
func (w *writers) addresses(call *ast.CallExpr) bool {
	fn := w.called(call)
	if fn == nil || fn.Signature().Recv() == nil {
		return false
	}
	_, pointer := fn.Signature().Recv().Type().(*types.Pointer)
	return pointer
}

func (w *writers) changed(fn *types.Func, x ast.Expr, p place) {
	if packageLevel(p.root) {
		if _, known := w.assigned[p.root]; !known {
			w.assigned[p.root], w.more = x.Pos(), true
		}
		return
	}
	d := near
	if len(p.path) > 0 && anyShared(p.path[1:]) {
		d = far
	}
	if fn != nil && w.params[fn][p.root] < d {
		if w.params[fn] == nil {
			w.params[fn] = map[*types.Var]depth{}
		}
		w.params[fn][p.root], w.more = d, true
	}
}

// written returns what a call of a function of the package writes to, and what one of another package may write to: the
// variable whose method it is, and what pointers point to.
func (w *writers) written(call *ast.CallExpr) map[ast.Expr]depth {
	fn := w.called(call)
	if fn == nil || fn.Pkg() == nil {
		return nil
	}
	out := map[ast.Expr]depth{}
	if fn.Pkg() == w.Pkg {
		for v, d := range w.params[fn] {
			if x := argumentFor(w.hazards, call, v); x != nil {
				out[x] = d
			}
		}
		return out
	}
	for _, e := range w.effects(call) {
		if e.kind == itself {
			return map[ast.Expr]depth{e.x: near}
		}
	}
	if w.leavesArguments(fn) {
		return nil
	}
	for _, x := range call.Args {
		if _, pointer := w.typeOf(x).Underlying().(*types.Pointer); pointer {
			out[x] = far
		}
	}
	return out
}

// leavesArguments reports whether a function of another package is known not to write to what it is given; [hazards.effects]
// knows the others of Go's library.
func (w *writers) leavesArguments(fn *types.Func) bool {
	path := fn.Pkg().Path()
	if kind, known := impurePackages()[path]; known && kind == printing {
		return true
	}
	return path == load.RuntimePath || pureStd()[path] != nil || w.Pure != nil && w.Pure(fn)
}
