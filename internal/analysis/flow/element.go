package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// What a loop hands to its body is a cell, which is read anew for each piece of code. An element that the body changes is a
// variable of the round, which begins with the value of the cell.

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
	if b.assigned(obj, body) || reaches(obj.Type()) && !b.onlyRead(obj, body) {
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

// onlyRead reports whether nothing writes what a variable refers to, such as the array of a slice: neither the code around it
// nor anything that it is handed to.
func (c *compiler) onlyRead(obj types.Object, body ast.Node) bool {
	only := true
	var stack []ast.Node
	ast.Inspect(body, func(n ast.Node) bool {
		if n == nil {
			stack = stack[:len(stack)-1]
			return true
		}
		stack = append(stack, n)
		if id, ok := n.(*ast.Ident); ok && c.host.Info.Uses[id] == obj {
			only = only && c.readsAt(stack)
		}
		return true
	})
	return only
}

// readsAt reports whether an identifier, on top of the nodes around it, is only read: a part of its value that refers to
// nothing is taken, or it is handed to what looks at it.
func (c *compiler) readsAt(stack []ast.Node) bool {
	at := len(stack) - 1
	for ; at > 0; at-- { // the whole of x.Field[i]
		_, paren := stack[at-1].(*ast.ParenExpr)
		if x, ok := stack[at-1].(ast.Expr); !paren && (!ok || around(x) != stack[at]) {
			break
		}
	}
	if at == 0 {
		return false
	}
	x := stack[at].(ast.Expr)
	if c.inputOf(stack[:at]) {
		return true
	}
	switch outer := stack[at-1].(type) {
	case *ast.AssignStmt:
		return slices.Contains(outer.Rhs, x) && !reaches(c.host.Info.TypeOf(x))
	case *ast.IncDecStmt:
		return false
	case *ast.UnaryExpr:
		return outer.Op != token.AND
	case *ast.BinaryExpr:
		return true
	case *ast.RangeStmt:
		return outer.X == x && (blank(outer.Value) || c.readsElements(outer))
	case *ast.CallExpr:
		return c.looksAt(outer, x)
	default:
		return !reaches(c.host.Info.TypeOf(x))
	}
}

// readsElements reports whether a loop over something only reads its elements.
func (c *compiler) readsElements(s *ast.RangeStmt) bool {
	obj := c.host.Info.Defs[ident(s.Value)]
	return obj != nil && (!reaches(obj.Type()) || c.onlyRead(obj, s.Body))
}

// looksAt reports whether a call only looks at what it is given, and returns nothing that refers to it. Of functions of this
// package Hazards knows that they do not write to it.
func (c *compiler) looksAt(call *ast.CallExpr, x ast.Expr) bool {
	if !reaches(c.host.Info.TypeOf(x)) {
		return true
	}
	if id := callee(call.Fun); c.host.Info.Types[call.Fun].IsBuiltin() {
		return id != nil && (id.Name == "len" || id.Name == "cap")
	}
	fn := c.hazards().called(call)
	return fn != nil && fn.Pkg() == c.host.Pkg && !reaches(c.host.Info.TypeOf(call))
}

// inputOf reports whether the innermost of nodes is a part of what a call of the runtime is given, but for the body of a
// function literal.
func (c *compiler) inputOf(stack []ast.Node) bool {
	for i := len(stack) - 1; i >= 0; i-- {
		switch n := stack[i].(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			if c.isCall(n) {
				return true
			}
		}
	}
	return false
}
