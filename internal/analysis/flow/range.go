package flow

import (
	"go/ast"
	"go/token"
	"go/types"

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
	b.early(s)
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
	element := body.element(item, s, "item")
	if id, ok := number.(*ast.Ident); number != nil && !(ok && id.Name == "_") {
		body.number = body.element(number, s, "i")
	}
	body.statements(s.Body.List, true)
	b.forEach("Range", n, elem, list, body, element, nil)
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
