package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// edit replaces a piece of the source.
type edit struct {
	pos, end token.Pos
	code     func(w *writer)
}

// renderer collects what is written otherwise than in the source.
type renderer struct {
	*writer
	unit  *unit
	frag  frag
	edits []edit
	stack []ast.Node
}

func (r *renderer) edit(n ast.Node, code func(w *writer)) {
	r.edits = append(r.edits, edit{n.Pos(), n.End(), code})
}

func (r *renderer) walk(n ast.Node) {
	ast.Inspect(n, func(n ast.Node) bool {
		if n == nil {
			r.stack = r.stack[:len(r.stack)-1]
			return true
		}
		if !r.visit(n) {
			return false
		}
		r.stack = append(r.stack, n)
		return true
	})
}

// visit reports whether to look into n.
func (r *renderer) visit(n ast.Node) bool {
	if o, ok := r.frag.instead[n]; ok {
		r.edit(n, o.write)
		return false
	}
	switch n := n.(type) {
	case *ast.SelectorExpr:
		return r.selector(n)
	case *ast.KeyValueExpr:
		if id, ok := n.Key.(*ast.Ident); ok && r.fieldKey(id) {
			r.stack = append(r.stack, n)
			r.walk(n.Value)
			r.stack = r.stack[:len(r.stack)-1]
			return false
		}
	case *ast.Ident:
		r.ident(n)
	case *ast.BlockStmt:
		r.reached(n.List)
	case *ast.CaseClause:
		r.reached(n.Body)
	case *ast.CallExpr:
		if isNow(r.host.Info, n) {
			r.edit(n, func(w *writer) { w.text("%s.Now()", w.dataName) })
			return false
		}
	case *ast.ExprStmt:
		if call := failOf(r.host.Info, n); call != nil {
			r.fails(n, call)
			return false
		}
	case *ast.ReturnStmt:
		return r.leaves(n, "return")
	case *ast.BranchStmt:
		return r.leaves(n, n.Tok.String())
	}
	return true
}

// fieldKey reports whether an identifier names a field in a composite literal.
func (r *renderer) fieldKey(id *ast.Ident) bool {
	v, ok := r.host.Info.Uses[id].(*types.Var)
	return ok && v.IsField()
}

func (r *renderer) selector(n *ast.SelectorExpr) bool {
	id, ok := ast.Unparen(n.X).(*ast.Ident)
	if !ok {
		r.stack = append(r.stack, n)
		r.walk(n.X)
		r.stack = r.stack[:len(r.stack)-1]
		return false
	}
	if pkg, ok := r.host.Info.Uses[id].(*types.PkgName); ok {
		r.edit(n, func(w *writer) { w.name(pkg.Imported().Path(), pkg.Imported().Name(), n.Sel.Name) })
		return false
	}
	k := key{r.frag.in, r.host.Info.Uses[id]}
	for _, p := range r.compiler.parts[k] {
		if p.field == n.Sel.Name {
			r.edit(n, func(w *writer) { w.variable(p) })
			return false
		}
	}
	if c := r.cells[k]; c != nil && r.vars[k] == nil && !isPointer(k.obj.Type()) { // Go follows one pointer by itself
		c.used = true
		r.edit(id, func(w *writer) { w.text("%s", c.name) })
		return false
	}
	r.ident(id)
	return false
}

func (r *renderer) ident(id *ast.Ident) {
	obj := r.host.Info.Uses[id]
	if obj == nil || slices.Contains(r.kept, id) {
		return
	}
	k := key{r.frag.in, obj}
	switch o := obj.(type) {
	case *types.Var:
		if v := r.vars[k]; v != nil && v.saved {
			r.edit(id, func(w *writer) { w.variable(v) })
			return
		}
		if c := r.cells[k]; c != nil && r.vars[k] == nil {
			c.used = true
			r.edit(id, func(w *writer) { w.text("(*%s)", c.name) })
			return
		}
	case *types.Const:
		if o.Parent() != nil && o.Parent() != o.Pkg().Scope() && o.Pkg() == r.host.Pkg && r.constUnit[k] != r.unit {
			r.edit(id, func(w *writer) { w.constant(o) })
			return
		}
	}
	if pkg := obj.Pkg(); pkg != nil && pkg != r.host.Pkg && obj.Parent() == pkg.Scope() { // of a dot import
		r.edit(id, func(w *writer) { w.name(pkg.Path(), pkg.Name(), obj.Name()) })
	}
}
