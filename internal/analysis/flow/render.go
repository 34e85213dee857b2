package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"

	"github.com/wfegen/wfe/internal/analysis/model"
	"github.com/wfegen/wfe/runtime/definition"
)

// edit replaces a piece of the source.
type edit struct {
	pos, end token.Pos
	code     func(w *writer)
}

// body writes the statements of a unit.
func (w *writer) body(u *unit) {
	in := &writer{compiler: w.compiler}
	in.statements(u)
	for _, a := range w.aliases(u) {
		w.text("%s := &%s.Data\n", a, w.dataName)
	}
	if in.needsVars {
		w.text("%s := %s.Vars.(*", w.varsName, w.dataName)
		w.typ(w.top.named)
		w.text(")\n")
	}
	w.add(in.out)
}

// statements writes those of a unit, without what they need before them.
func (w *writer) statements(u *unit) {
	lines := false
	for _, f := range u.frags {
		if f.node != nil && !u.inline {
			p := w.host.Fset.PositionFor(f.node.Pos(), false)
			w.line(model.Piece{Line: p.Line, File: filepath.Base(p.Filename)})
			lines = true
		}
		w.frag(u, f)
		if !u.inline {
			w.text("\n")
		}
	}
	if lines {
		w.line(model.Piece{Line: 1})
	}
	if u.leads && !w.terminates(u) {
		w.text("return 0\n")
	}
}

// aliases are the names under which the fragments of a unit know the data.
func (w *writer) aliases(u *unit) []string {
	var out []string
	for _, f := range u.frags {
		if f.node == nil {
			continue
		}
		inspectWithout(f.node, f.instead, func(n ast.Node) {
			if id, ok := n.(*ast.Ident); ok && w.isData(f.in, w.host.Info.Uses[id]) && !slices.Contains(out, id.Name) {
				out = append(out, id.Name)
			}
		})
	}
	return out
}

// inspectWithout visits a node without those that something else is written for.
func inspectWithout(n ast.Node, without map[ast.Node]other, visit func(ast.Node)) {
	ast.Inspect(n, func(n ast.Node) bool {
		if _, ok := without[n]; ok || n == nil {
			return false
		}
		visit(n)
		return true
	})
}

func (w *writer) frag(u *unit, f frag) {
	value := func() {
		switch {
		case f.upTo:
			w.upTo(u, f)
		case f.node != nil && f.define != nil:
			w.text("%s", f.before)
			w.node(u, f, f.node)
			w.text("%s", f.after)
		case f.node != nil:
			w.node(u, f, f.node)
		case f.typ != nil:
			w.text("%s", f.before)
			w.typ(f.typ)
			w.text("%s", f.after)
		default:
			w.text("%s", f.text)
		}
	}
	switch v := f.define; {
	case f.exit != nil:
		w.text("return %d", u.exit(*f.exit))
	case f.use != nil:
		w.text("%s", f.text)
		w.variable(f.use)
		w.text("%s", f.after)
	case f.results != nil:
		w.results(u, f, f.node.(*ast.ReturnStmt), f.results)
	case v != nil && v.saved:
		w.variable(v)
		w.text(" = ")
		value()
	case v != nil && !w.used(v):
		w.text("_ = ")
		value()
	case v != nil:
		w.text("%s := ", v.name)
		value()
		w.parts(v)
	case f.node == nil:
		value()
	default:
		if stmt, ok := f.node.(ast.Stmt); ok && f.before == "" {
			w.statement(u, f, stmt)
			return
		}
		if f.upTo {
			value()
			return
		}
		w.text("%s", f.before)
		value()
		w.text("%s", f.after)
	}
}

func (c *compiler) used(v *variable) bool {
	return slices.ContainsFunc(c.uses, func(u use) bool { return u.key == v.key })
}

// statement writes a statement of the outermost level of a unit, which may declare variables that are saved.
func (w *writer) statement(u *unit, f frag, stmt ast.Stmt) {
	var names []*ast.Ident
	switch s := stmt.(type) {
	case *ast.AssignStmt:
		if s.Tok != token.DEFINE {
			break
		}
		direct := true
		for _, x := range s.Lhs {
			id := x.(*ast.Ident)
			v := w.lookup(f.in, id)
			direct = direct && (id.Name == "_" || v != nil && v.saved)
			names = append(names, id)
		}
		if direct {
			w.assign(u, f, s)
			return
		}
	case *ast.DeclStmt:
		gen := s.Decl.(*ast.GenDecl)
		for _, spec := range gen.Specs {
			if v, ok := spec.(*ast.ValueSpec); ok && gen.Tok == token.VAR {
				names = append(names, v.Names...)
			}
		}
	}
	w.kept = names
	w.node(u, f, stmt)
	w.kept = nil
	for _, id := range names {
		v := w.lookup(f.in, id)
		if v == nil {
			continue
		}
		if v.saved {
			w.text("\n")
			w.variable(v)
			w.text(" = %s", id.Name)
		}
		w.parts(v)
	}
}

// assign writes a := whose variables are all saved.
func (w *writer) assign(u *unit, f frag, s *ast.AssignStmt) {
	for i, x := range s.Lhs {
		if i > 0 {
			w.text(", ")
		}
		if id := x.(*ast.Ident); id.Name == "_" {
			w.text("_")
		} else {
			w.variable(w.lookup(f.in, id))
		}
	}
	w.text(" = ")
	for i, x := range s.Rhs {
		if i > 0 {
			w.text(", ")
		}
		w.node(u, f, x)
	}
}

// parts saves the fields of a step that are used elsewhere.
func (w *writer) parts(v *variable) {
	for _, p := range w.compiler.parts[v.key] {
		w.text("\n")
		w.variable(p)
		w.text(" = %s.%s", v.name, p.field)
	}
}

// lookup returns the variable that an identifier declares or means, nil for none of the function.
func (c *compiler) lookup(in *instance, id *ast.Ident) *variable {
	obj := c.host.Info.Defs[id]
	if obj == nil {
		obj = c.host.Info.Uses[id]
	}
	return c.vars[key{in, obj}]
}

// variable writes how a saved variable is reached.
func (w *writer) variable(v *variable) {
	if v.frame.cell == "" {
		w.text("%s.%s", w.varsName, v.as)
		w.needsVars = true
		return
	}
	w.text("%s.%s", v.frame.cell, v.as)
}

// node writes a node of the source, with what is written otherwise in it.
func (w *writer) node(u *unit, f frag, n ast.Node) {
	if o, ok := f.instead[n]; ok {
		o.write(w)
		return
	}
	if f.skip != nil && n == f.node {
		w.withoutInit(u, f)
		return
	}
	r := &renderer{writer: w, unit: u, frag: f}
	if f.skip != nil {
		r.stack = []ast.Node{f.node}
	}
	r.walk(n)
	slices.SortStableFunc(r.edits, func(a, b edit) int { return int(a.pos - b.pos) })
	at := n.Pos()
	for _, e := range r.edits {
		if e.pos < at { // inside of one that was made
			continue
		}
		w.text("%s", w.host.Text(at, e.pos))
		e.code(w)
		at = e.end
	}
	w.text("%s", w.host.Text(at, n.End()))
}

// withoutInit writes an if or a switch, of which the init statement stands elsewhere.
func (w *writer) withoutInit(u *unit, f frag) {
	switch s := f.node.(type) {
	case *ast.IfStmt:
		w.text("if ")
		w.node(u, f, s.Cond)
		w.text(" ")
		w.node(u, f, s.Body)
		if s.Else != nil {
			w.text(" else ")
			w.node(u, f, s.Else)
		}
	case *ast.SwitchStmt:
		w.text("switch ")
		if s.Tag != nil {
			w.node(u, f, s.Tag)
		}
		w.text(" ")
		w.node(u, f, s.Body)
	}
}

// upTo writes the numbers from 0 to what the fragment says.
func (w *writer) upTo(u *unit, f frag) {
	list, i := w.fresh("list"), w.fresh("i")
	w.text("var %s []", list)
	w.typ(f.typ)
	w.text("\nfor %s := range ", i)
	w.node(u, f, f.node)
	w.text(" {\n%s = append(%s, %s)\n}\nreturn %s", list, list, i, list)
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
	if c := r.cells[k]; c != nil && r.vars[k] == nil {
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

// leaves writes a statement that leaves the unit; it reports whether there is something to look into.
func (r *renderer) leaves(n ast.Stmt, word string) bool {
	l := r.frag.leave
	for _, around := range r.stack {
		switch around.(type) {
		case *ast.FuncLit:
			return true
		case *ast.ForStmt, *ast.RangeStmt:
			if word != "return" {
				return true
			}
		case *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt:
			if word == "break" {
				return true
			}
		}
	}
	if l == nil || r.frag.returns && word == "return" {
		return true
	}
	to := &l.ret
	switch word {
	case "break":
		to = l.brk
	case "continue":
		to = l.cont
	}
	if to == nil || word == "goto" || word == "fallthrough" {
		return true
	}
	number := r.unit.exit(*to)
	if ret, ok := n.(*ast.ReturnStmt); ok && len(ret.Results) > 0 {
		sub := r.frag
		r.edit(n, func(w *writer) {
			w.results(r.unit, sub, ret, l.results)
			w.text("\nreturn %d", number)
		})
		return false
	}
	r.edit(n, func(w *writer) { w.text("return %d", number) })
	return false
}

// fails writes a wfe.Fail, which leaves the unit.
func (r *renderer) fails(n ast.Stmt, call *ast.CallExpr) {
	id := "fail"
	if given, ok := r.host.ID(n); ok {
		id = given
	}
	if !r.host.Segment(n, id) {
		r.ok = false
	}
	number := r.unit.exit(exit{node: definition.None, fail: id})
	sub := r.frag
	r.edit(n, func(w *writer) {
		w.text("return %s.Fail(%d, ", w.dataName, number)
		w.node(r.unit, sub, call.Args[1])
		w.text(")")
	})
}

// reached leaves out what stands behind a wfe.Fail for Go alone, which does not know that it does not return.
func (r *renderer) reached(list []ast.Stmt) {
	i := slices.IndexFunc(list, func(s ast.Stmt) bool { return failOf(r.host.Info, s) != nil })
	if i < 0 {
		return
	}
	for _, s := range list[i+1:] {
		r.edit(s, func(*writer) {})
	}
}

// results writes the assignment of what a helper returns, but for a named result that is returned as itself.
func (w *writer) results(u *unit, f frag, ret *ast.ReturnStmt, to []*variable) {
	values := ret.Results
	if len(values) == len(to) {
		var changed []*variable
		values = nil
		for i, x := range ret.Results {
			if id, ok := ast.Unparen(x).(*ast.Ident); ok && w.lookup(f.in, id) == to[i] {
				continue
			}
			changed, values = append(changed, to[i]), append(values, x)
		}
		to = changed
	}
	if len(to) == 0 {
		return
	}
	for i, v := range to {
		if i > 0 {
			w.text(", ")
		}
		w.variable(v)
	}
	w.text(" = ")
	for i, x := range values {
		if i > 0 {
			w.text(", ")
		}
		w.node(u, f, x)
	}
}

// exit returns the number of an exit of the unit.
func (u *unit) exit(e exit) int {
	for i, other := range u.exits {
		if other == e {
			return i + 1
		}
	}
	u.exits = append(u.exits, e)
	return len(u.exits)
}

// terminates reports whether nothing runs behind the last fragment.
func (w *writer) terminates(u *unit) bool {
	if len(u.frags) == 0 {
		return false
	}
	f := u.frags[len(u.frags)-1]
	for i := len(u.frags) - 1; f.brace && i > 0; {
		i--
		f = u.frags[i]
	}
	if f.exit != nil {
		return true
	}
	s, ok := f.node.(ast.Stmt)
	return ok && f.define == nil && f.results == nil && f.leave != nil && w.terminating(s)
}

// terminating reports whether no statement runs behind s.
func (w *writer) terminating(s ast.Stmt) bool {
	switch s := s.(type) {
	case *ast.ReturnStmt:
		return true
	case *ast.BranchStmt:
		return s.Tok == token.BREAK || s.Tok == token.CONTINUE
	case *ast.BlockStmt:
		return len(s.List) > 0 && w.terminating(s.List[len(s.List)-1]) || slices.ContainsFunc(s.List, func(s ast.Stmt) bool { return failOf(w.host.Info, s) != nil })
	case *ast.IfStmt:
		return s.Else != nil && w.terminating(s.Body) && w.terminating(s.Else)
	case *ast.ExprStmt:
		if failOf(w.host.Info, s) != nil {
			return true
		}
		call, ok := s.X.(*ast.CallExpr)
		if !ok {
			return false
		}
		id, ok := call.Fun.(*ast.Ident)
		return ok && id.Name == "panic"
	}
	return false
}
