package flow

import (
	"go/ast"
	"go/token"
	"path/filepath"
	"slices"

	"github.com/wfegen/wfe/internal/analysis/model"
)

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
	lines, open, most := false, 0, 0
	w.declare(u, 0)
	hidden := w.hides(u)
	if hidden {
		w.text("{\n")
	}
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
		switch {
		case f.brace && f.text == "{":
			if open++; open > most {
				most = open
				w.declare(u, open)
			}
		case f.brace:
			open--
		}
	}
	if lines {
		w.line(model.Piece{Line: 1})
	}
	if u.leads && !w.terminates(u) {
		w.text("return 0\n")
	}
	if hidden {
		w.text("}\n")
	}
}

// declare writes the variables of other units that are variables of this one too, as they are declared where so many blocks of
// the source are open.
func (w *writer) declare(u *unit, open int) {
	for _, v := range u.locals {
		if v.depth(u) != open {
			continue
		}
		w.text("var %s ", v.name)
		w.typ(v.typ)
		w.unread(u, v)
		w.text("\n")
	}
}

// unread uses a variable that a unit gives a value to and does not read: other units do.
func (w *writer) unread(u *unit, v *variable) {
	if r, _ := w.read(u, v.key); !r.any {
		w.text("\n_ = %s", v.name)
	}
}

// depth is how many blocks of the source are open in a unit where a variable of another one is declared.
func (v *variable) depth(u *unit) int {
	if u.leads && v.seq == u.seq {
		return v.open
	}
	return 0
}

// hides reports whether a unit declares a variable by the name of one that is declared around its block.
func (w *writer) hides(u *unit) bool {
	if len(u.locals) == 0 {
		return false
	}
	for _, own := range w.vars {
		if own.unit != u || own.open > 0 {
			continue
		}
		if slices.ContainsFunc(u.locals, func(v *variable) bool { return v.name == own.name && v.seq != u.seq }) {
			return true
		}
	}
	return false
}

// aliases are the names under which the fragments of a unit know the data.
func (w *writer) aliases(u *unit) []string {
	var out []string
	for _, f := range u.frags {
		if f.node == nil || slices.Contains(u.within, f.in) {
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
		case f.use != nil:
			w.text("%s", f.text)
			w.variable(f.use)
			w.text("%s", f.after)
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
	case f.results != nil:
		w.results(u, f, f.node.(*ast.ReturnStmt), f.results)
	case v != nil && v.saved:
		w.variable(v)
		w.text(" = ")
		value()
	case v != nil && f.typed:
		name := v.name
		if !w.used(v) {
			name = "_"
		}
		w.text("var %s ", name)
		w.typ(v.typ)
		w.text(" = ")
		value()
	case v != nil && (f.there || !w.used(v)):
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
		if gen := s.Decl.(*ast.GenDecl); gen.Tok == token.VAR {
			for i, spec := range gen.Specs { // one may begin with another one of the group
				if i > 0 {
					w.text("\n")
				}
				w.text("var ")
				w.declaring(u, f, spec, spec.(*ast.ValueSpec).Names)
			}
			return
		}
	}
	w.declaring(u, f, stmt, names)
}

// declaring writes what declares variables, and saves those that are.
func (w *writer) declaring(u *unit, f frag, n ast.Node, names []*ast.Ident) {
	w.kept = names
	w.node(u, f, n)
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
		if v.again && w.host.Info.Defs[id] != nil { // also where a wait that has timed out declares it
			w.unread(u, v)
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
	case *ast.TypeSwitchStmt:
		w.text("switch ")
		w.node(u, f, s.Assign)
		w.text(" ")
		w.node(u, f, s.Body)
	}
}
