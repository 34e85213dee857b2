package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"github.com/wfegen/wfe/runtime/definition"
)

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
			elem, items.before, items.after = a.Elem(), "return (", ")[:]"
		}
	case *types.Basic:
		if t.Info()&types.IsInteger != 0 {
			if elem = typ; t.Info()&types.IsUntyped != 0 {
				elem = types.Typ[types.Int]
			}
			byIndex = true
		}
	}
	if countsArray(typ, s) {
		elem, byIndex = types.Typ[types.Int], true
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
	body.leave.brk, body.leave.cont = &exit{node: n, leave: true}, &exit{node: n}
	item, number := s.Value, s.Key
	if byIndex {
		item, number = s.Key, nil
	}
	var element *cell
	if s.Tok == token.ASSIGN {
		body.number, element = body.handedTo(number, item)
	} else {
		body.number, element = body.declared(number, s.Body), body.declared(item, s.Body)
	}
	body.statements(s.Body.List, true)
	b.forEach("Range", n, elem, list, body, element, nil)
}

// handedTo makes the cells of what a loop hands to variables around it: in one assignment, so that what they depend on is
// looked at before.
func (b *block) handedTo(number, item ast.Expr) (i, element *cell) {
	cells, vars, values := [2]*cell{{name: "_"}, {name: "_"}}, []ast.Expr{}, []string{}
	for n, x := range []ast.Expr{number, item} {
		if !blank(x) {
			cells[n] = &cell{name: b.fresh([]string{"i", "item"}[n]), used: true}
			vars, values = append(vars, x), append(values, "*"+cells[n].name)
		}
	}
	for n, x := range vars {
		after := ","
		if n == len(vars)-1 {
			after = " = " + strings.Join(values, ", ")
		}
		b.plain(b.edge(), frag{node: x, after: after, assigned: true})
	}
	return cells[0], cells[1]
}

// declared makes the cell of a variable that a loop declares. For one that the body assigns to that is where it begins.
func (b *block) declared(x ast.Expr, body ast.Node) *cell {
	if blank(x) {
		return &cell{name: "_"}
	}
	id := ident(x)
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
		case *ast.SliceExpr: // of an array, whose address it takes
			_, array := c.host.Info.TypeOf(n.X).Underlying().(*types.Array)
			found = found || array && is(n.X)
		case *ast.SelectorExpr: // a method on a pointer, which takes the address too
			s := c.host.Info.Selections[n]
			found = found || s != nil && s.Kind() == types.MethodVal && hasPointerReceiver(s.Obj()) && !isPointer(c.host.Info.TypeOf(n.X)) && is(n.X)
		}
		return !found
	})
	return found
}
