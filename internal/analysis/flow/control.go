package flow

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strconv"
	"strings"

	"github.com/wfegen/wfe/runtime/definition"
)

// ifElse compiles an if with calls in it.
func (b *block) ifElse(s *ast.IfStmt) {
	b.init(s.Init, b.calls(s.Body) || s.Else != nil && b.calls(s.Else))
	if !b.calls(s.Body) && (s.Else == nil || !b.calls(s.Else)) { // only the init statement has one
		plain := *s
		plain.Init = nil
		b.withoutInit(s, &plain)
		return
	}
	n := b.add(s, b.id(s, string(definition.If)), definition.Node{Kind: definition.If})
	cond := b.unit(n, "condition", frag{node: s.Cond, before: "return "})
	then := b.inner(n, definition.BlockThen)
	then.statements(s.Body.List, true)
	var otherwise *block
	if s.Else != nil {
		otherwise = b.inner(n, definition.BlockElse)
		otherwise.statements([]ast.Stmt{s.Else}, true)
	}
	b.entries = append(b.entries, func(w *writer) {
		w.text("%s.If(%s, ", w.builderName, w.segment(n))
		w.function(cond, "bool")
		w.text(", ")
		w.inBlock(then)
		w.text(")")
		if otherwise != nil {
			w.text(".\nElse(")
			w.inBlock(otherwise)
			w.text(")")
		}
		w.text("\n")
	})
}

// init compiles the init statement of an if or a switch. If that is a node too, a directive above names it, not the call.
func (b *block) init(s ast.Stmt, node bool) {
	if s == nil {
		return
	}
	b.unnamed = node
	b.statement(s, false)
	b.unnamed = false
}

// withoutInit copies an if or a switch without its init statement, which is compiled.
func (b *block) withoutInit(s, plain ast.Stmt) {
	b.plain(b.edge(), frag{node: plain, skip: s})
}

// segment is the last segment of a node's id as a literal.
func (w *writer) segment(n int) string {
	id := w.draft.Nodes[n].ID
	return strconv.Quote(id[strings.LastIndexByte(id, '/')+1:])
}

// id returns the segment of a node: what a directive above the statement says, else the default.
func (b *block) id(s ast.Node, otherwise string) string {
	if id, ok := b.host.ID(s); ok && !b.unnamed {
		return id
	}
	return otherwise
}

// decide compiles a switch with calls in it.
func (b *block) decide(s *ast.SwitchStmt) {
	b.init(s.Init, b.calls(s.Body))
	if !b.calls(s.Body) {
		plain := *s
		plain.Init = nil
		b.withoutInit(s, &plain)
		return
	}
	n := b.add(s, b.id(s, "switch"), definition.Node{Kind: definition.Decide})
	type branch struct {
		name string
		cond *unit
		body *block
	}
	var cases []branch
	var otherwise *ast.CaseClause
	for _, stmt := range s.Body.List {
		clause := stmt.(*ast.CaseClause)
		if clause.List == nil {
			otherwise = clause
			continue
		}
		cond := &unit{node: n, what: "condition"}
		for i, x := range clause.List {
			before := " || "
			if i == 0 {
				before = "return "
			}
			if s.Tag == nil {
				b.plain(cond, frag{node: x, before: before + "(", after: ")"})
				continue
			}
			b.plain(cond, frag{node: s.Tag, before: before + "(", after: ") == "})
			b.plain(cond, frag{node: x, before: "(", after: ")"})
		}
		cond.inline = true
		name := b.caseName(clause)
		body := b.inner(n, name)
		body.leave.brk = &exit{n, true}
		body.statements(clause.Body, true)
		cases = append(cases, branch{name, cond, body})
	}
	rest := b.inner(n, definition.BlockDefault)
	rest.leave.brk = &exit{n, true}
	if otherwise != nil {
		rest.statements(otherwise.Body, true)
	}
	b.entries = append(b.entries, func(w *writer) {
		w.text("%s.Decide(%s)", w.builderName, w.segment(n))
		for _, c := range cases {
			w.text(".\nWhen(%s, ", strconv.Quote(c.name))
			w.function(c.cond, "bool")
			w.text(", ")
			w.inBlock(c.body)
			w.text(")")
		}
		w.text(".\nDefault(")
		w.inBlock(rest)
		w.text(")\n")
	})
}

// caseName names a case: by its directive, or its first value, if that is a name or a constant.
func (b *block) caseName(clause *ast.CaseClause) string {
	if id, ok := b.host.ID(clause); ok {
		return id
	}
	x := ast.Unparen(clause.List[0])
	name := ""
	switch x := x.(type) {
	case *ast.Ident:
		name = definition.Kebab(x.Name)
	case *ast.SelectorExpr:
		name = definition.Kebab(x.Sel.Name)
	default:
		if v := b.host.Info.Types[x].Value; v != nil && v.Kind() == constant.String {
			name = constant.StringVal(v)
		} else if v != nil {
			name = v.ExactString()
		}
	}
	if name == "" || name == definition.BlockDefault || name == definition.BlockCompensate || definition.CheckSegment(name) != nil {
		b.report(caseUnnamed(b.span(clause.List[0])))
		b.ok = false
	}
	return name
}

// while compiles a for with calls in it, but for one over a range.
func (b *block) while(s *ast.ForStmt) {
	if s.Init != nil {
		b.copy(s.Init, false)
	}
	n := b.add(s, b.id(s, "for"), definition.Node{Kind: definition.While})
	always := frag{text: "return true"}
	if s.Cond != nil {
		always = frag{node: s.Cond, before: "return "}
	}
	cond := b.unit(n, "condition", always)
	body := b.loop(n, "")
	body.leave.brk, body.leave.cont = &exit{n, true}, &exit{n, false}
	body.statements(s.Body.List, true)
	var post *unit
	if s.Post != nil {
		post = b.unit(n, "post statement", frag{node: s.Post})
	}
	b.entries = append(b.entries, func(w *writer) {
		w.text("%s.While(%s, ", w.builderName, w.segment(n))
		w.function(cond, "bool")
		w.text(", ")
		w.inBlock(body)
		w.text(")\n")
		if post != nil {
			w.text("%s.Post(", w.builderName)
			w.function(post, "")
			w.text(")\n")
			w.storesCall(post)
		}
	})
}

// each compiles a for over a range with calls in it.
func (b *block) each(s *ast.RangeStmt) {
	typ := b.host.Info.TypeOf(s.X)
	if typ == nil {
		b.ok = false
		return
	}
	var elem types.Type
	items := frag{node: s.X, before: "return "}
	byIndex := false // the elements are numbers
	switch t := typ.Underlying().(type) {
	case *types.Slice:
		elem = t.Elem()
	case *types.Array:
		elem = t.Elem()
		items.before, items.after = "list := ", "\nreturn list[:]"
	case *types.Pointer:
		if a, ok := t.Elem().Underlying().(*types.Array); ok {
			elem, items.after = a.Elem(), "[:]"
		}
	case *types.Basic:
		if t.Info()&types.IsInteger != 0 {
			if elem = typ; t.Info()&types.IsUntyped != 0 {
				elem = types.Typ[types.Int]
			}
			byIndex = true
		}
	}
	if elem == nil {
		b.report(rangesOver(b.span(s.X), typ.String()))
		b.ok = false
		return
	}
	n := b.add(s, b.id(s, b.loopName(s.X)), definition.Node{Kind: definition.ForEach, Sequential: true})
	var list *unit
	if byIndex {
		list = b.unit(n, "collection", frag{node: s.X, typ: elem, upTo: true})
	} else {
		list = b.unit(n, "collection", items)
	}
	body := b.loop(n, definition.BlockBranch)
	body.leave.brk, body.leave.cont = &exit{n, true}, &exit{n, false}
	item, number := s.Value, s.Key
	if byIndex {
		item, number = s.Key, nil
	}
	element := body.element(item, s, "item")
	if id, ok := number.(*ast.Ident); number != nil && !(ok && id.Name == "_") {
		body.number = body.element(number, s, "i")
	}
	body.statements(s.Body.List, true)
	b.forEach(n, elem, list, body, element, nil, "Sequential")
}

// element makes the cell of what a loop hands to its body, for the variable that takes it. One that the body assigns to is
// a variable that begins with the value of the cell.
func (b *block) element(x ast.Expr, s *ast.RangeStmt, otherwise string) *cell {
	id, ok := x.(*ast.Ident)
	if x == nil || ok && id.Name == "_" {
		return &cell{name: "_"}
	}
	if s.Tok == token.ASSIGN {
		c := &cell{name: b.fresh(otherwise), used: true}
		b.plain(b.edge(), frag{node: x, after: " = *" + c.name, assigned: true})
		return c
	}
	return b.declared(id, s.Body)
}

// declared makes the cell of a variable that a loop declares.
func (b *block) declared(id *ast.Ident, body ast.Node) *cell {
	obj := b.host.Info.Defs[id]
	k := key{b.in, obj}
	if b.assigned(obj, body) {
		c := &cell{name: b.fresh(id.Name), used: true}
		v := b.declare(nil, k, b.frame)
		b.plain(b.edge(), frag{define: v, text: "*" + c.name})
		v.saved = true
		return c
	}
	c := &cell{name: id.Name}
	b.cells[k] = c
	return c
}

// assigned reports whether a variable is given another value, or its address taken.
func (c *compiler) assigned(obj types.Object, body ast.Node) bool {
	found := false
	is := func(x ast.Expr) bool {
		for {
			switch e := ast.Unparen(x).(type) {
			case *ast.SelectorExpr:
				x = e.X
				continue
			case *ast.IndexExpr:
				if _, array := c.host.Info.TypeOf(e.X).Underlying().(*types.Array); !array {
					return false
				}
				x = e.X
				continue
			case *ast.Ident:
				return c.host.Info.Uses[e] == obj
			}
			return false
		}
	}
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, x := range n.Lhs {
				found = found || is(x)
			}
		case *ast.IncDecStmt:
			found = found || is(n.X)
		case *ast.RangeStmt:
			found = found || n.Tok == token.ASSIGN && (n.Key != nil && is(n.Key) || n.Value != nil && is(n.Value))
		case *ast.UnaryExpr:
			found = found || n.Op == token.AND && is(n.X)
		case *ast.CallExpr: // of a method on a pointer
			if sel, ok := n.Fun.(*ast.SelectorExpr); ok {
				if s := c.host.Info.Selections[sel]; s != nil && s.Kind() == types.MethodVal {
					if _, ptr := s.Obj().(*types.Func).Signature().Recv().Type().(*types.Pointer); ptr {
						if _, already := c.host.Info.TypeOf(sel.X).Underlying().(*types.Pointer); !already {
							found = found || is(sel.X)
						}
					}
				}
			}
		}
		return !found
	})
	return found
}

// loopName is the id of a loop over a collection that has a name.
func (b *block) loopName(x ast.Expr) string {
	switch x := ast.Unparen(x).(type) {
	case *ast.Ident:
		return "for-" + definition.Kebab(x.Name)
	case *ast.SelectorExpr:
		return "for-" + definition.Kebab(x.Sel.Name)
	}
	return "for"
}

// forEach writes a loop over elements.
func (b *block) forEach(n int, elem types.Type, list *unit, body *block, item *cell, opts *options, more ...string) {
	b.codecs = append(b.codecs, b.host.TypeID(elem))
	b.entries = append(b.entries, func(w *writer) {
		w.wfe("EachOf")
		w.text("(%s, %s, func(", w.builderName, w.segment(n))
		w.state()
		w.text(") []")
		w.typ(elem)
		w.text(" {\n")
		w.body(list)
		w.text("}, ")
		w.codec(elem)
		w.text(", ")
		w.inBlock(body, func() {
			w.text("%s *", item.name)
			w.typ(elem)
		})
		for _, o := range more {
			w.text(", ")
			w.wfe(o)
			w.text("()")
		}
		w.options(opts)
		w.text(")\n")
		w.settings(opts)
	})
}

func oneLine(src []byte) string { return strings.Join(strings.Fields(string(src)), " ") }
