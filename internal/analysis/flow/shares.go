package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// Data and variables that have memory in common have it no more when they were saved. So that this is so without a crash too, the
// runtime is told of units that may leave something so, and takes apart at the next call what they left.

// shares reports whether a unit may leave data or variables with memory in common. It is generous: only what is surely new is not.
func (c *compiler) shares(u *unit) bool {
	s := &stores{compiler: c}
	for _, f := range u.frags {
		s.frag = f
		if f.node == nil {
			continue
		}
		if x, ok := f.node.(ast.Expr); ok && f.define != nil && f.define.lasts() && !s.fresh(x, nil) {
			return true
		}
		found := false
		ast.Inspect(f.node, func(n ast.Node) bool {
			if _, ok := f.instead[n]; ok {
				return false
			}
			found = found || s.sharing(n)
			return !found
		})
		if found {
			return true
		}
	}
	return false
}

// lasts reports whether a variable stays in memory from one call to another one. Those of a round are read anew for each unit.
func (v *variable) lasts() bool { return v.saved && v.frame.cell == "" }

// sharing reports whether a statement, or a call, may hand memory on to what is kept.
func (s *stores) sharing(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.AssignStmt:
		for i, x := range n.Lhs {
			from := n.Rhs[min(i, len(n.Rhs)-1)]
			if s.keeps(x) && bears(s.host.Info.TypeOf(x)) && !s.fresh(from, x) {
				return true
			}
		}
	case *ast.ValueSpec:
		for i, x := range n.Names {
			if len(n.Values) > 0 && s.keeps(x) && bears(s.host.Info.TypeOf(x)) && !s.fresh(n.Values[min(i, len(n.Values)-1)], x) {
				return true
			}
		}
	case *ast.RangeStmt:
		return n.Value != nil && s.keeps(n.Value) && bears(s.host.Info.TypeOf(n.Value))
	case *ast.ReturnStmt:
		for i, x := range n.Results {
			if i < len(s.frag.results) && s.frag.results[i].lasts() && !s.fresh(x, nil) {
				return true
			}
		}
	case *ast.CallExpr:
		return s.hands(n)
	}
	return false
}

// keeps reports whether what is assigned may be kept: data, a saved variable, or what anything leads to.
func (s *stores) keeps(x ast.Expr) bool {
	for {
		switch e := ast.Unparen(x).(type) {
		case *ast.Ident:
			obj := s.host.Info.Defs[e]
			if obj == nil {
				obj = s.host.Info.Uses[e]
			}
			v := s.vars[key{s.frag.in, obj}]
			return e.Name != "_" && (v == nil || v.lasts())
		case *ast.SelectorExpr:
			if bears(s.host.Info.TypeOf(e.X)) && isPointer(s.host.Info.TypeOf(e.X)) {
				return true
			}
			x = e.X
		case *ast.IndexExpr:
			if _, array := s.host.Info.TypeOf(e.X).Underlying().(*types.Array); !array {
				return true
			}
			x = e.X
		default:
			return true
		}
	}
}

// hands reports whether a call may hand memory from one argument to another one.
func (s *stores) hands(call *ast.CallExpr) bool {
	return len(call.Args) > 1 && slices.ContainsFunc(s.memory().effects(call), func(e effect) bool {
		return e.kind == reached && bears(elem(s.host.Info.TypeOf(e.x)))
	})
}

// fresh reports whether the memory of a value is surely of its own. What is appended to at its own place is.
func (s *stores) fresh(x, to ast.Expr) bool {
	if _, result := s.frag.instead[x]; result {
		return true
	}
	t := s.host.Info.TypeOf(x)
	if _, tuple := t.(*types.Tuple); !tuple && !bears(t) {
		return true
	}
	switch e := ast.Unparen(x).(type) {
	case *ast.Ident:
		return e.Name == "nil"
	case *ast.CompositeLit:
		for _, x := range e.Elts {
			if kv, ok := x.(*ast.KeyValueExpr); ok {
				x = kv.Value
			}
			if !s.fresh(x, nil) {
				return false
			}
		}
		return true
	case *ast.UnaryExpr:
		lit, ok := ast.Unparen(e.X).(*ast.CompositeLit)
		return ok && e.Op == token.AND && s.fresh(lit, nil)
	case *ast.CallExpr:
		return s.freshCall(e, to)
	}
	return false
}

func (s *stores) freshCall(call *ast.CallExpr, to ast.Expr) bool {
	args := call.Args
	id := callee(call.Fun)
	tv := s.host.Info.Types[call.Fun]
	switch {
	case tv.IsType():
		return s.fresh(args[0], nil)
	case tv.IsBuiltin() && (id == nil || id.Name != "append"):
		return true
	case tv.IsBuiltin():
		if !(to != nil && types.ExprString(to) == types.ExprString(args[0])) && !s.fresh(args[0], nil) {
			return false
		}
		args = args[1:]
		if call.Ellipsis.IsValid() {
			return !bears(elem(s.host.Info.TypeOf(args[0]))) || s.fresh(args[0], nil)
		}
	case id == nil:
		return false
	default:
		fn, ok := s.host.Info.Uses[id].(*types.Func)
		if !ok {
			return false // what a function in a variable returns
		}
		if copies()[qualified(fn)] {
			return (qualified(fn) != "slices.Repeat" || parts(s.host.Info.TypeOf(call)) < 2) && !slices.ContainsFunc(args, func(x ast.Expr) bool { return bears(elem(s.host.Info.TypeOf(x))) && !s.fresh(x, nil) })
		}
		if parts(s.host.Info.TypeOf(call)) > 1 {
			return false // two parts of it may be one
		}
		if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok && s.host.Info.Selections[sel] != nil && bears(s.host.Info.TypeOf(sel.X)) {
			return false
		}
	}
	for _, x := range args {
		if !s.fresh(x, nil) {
			return false
		}
	}
	return true
}

// parts is how many pieces of memory a value of a type refers to: 2 for any more.
func parts(t types.Type) (n int) {
	switch u := t.Underlying().(type) {
	case *types.Tuple:
		for v := range u.Variables() {
			n += parts(v.Type())
		}
		return min(n, 2)
	case *types.Struct:
		if !bears(t) {
			return 0
		}
		for f := range u.Fields() {
			n += parts(f.Type())
		}
		return min(n, 2)
	}
	if !bears(t) {
		return 0
	}
	switch u := t.Underlying().(type) {
	case *types.Slice, *types.Map:
		if !bears(elem(t)) {
			return 1
		}
	case *types.Pointer:
		if !bears(u.Elem()) {
			return 1
		}
	}
	return 2
}
