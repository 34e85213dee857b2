package flow

import (
	"go/ast"
	"go/token"
	"go/types"
)

// A variable is saved when a unit reads what another one has given it. One that each unit gives a value to, before it reads it, is
// a variable of each of them: err, most of all, of the second n, err := f() of a function.

// reading follows the code of a unit, to see whether it reads a variable, and whether it does so before it has given it a value.
type reading struct {
	*compiler
	key   key
	frag  frag
	any   bool
	first bool // before it is given a value
}

// read reports how a unit reads a variable that another one declares, and whether it has given it a value at its end.
func (c *compiler) read(u *unit, k key) (r reading, given bool) {
	r = reading{compiler: c, key: k}
	var outer []bool // around the conditions that are open
	before := false  // the assignment that several fragments make
	for _, f := range u.frags {
		r.frag = f
		if f.another {
			given = outer[len(outer)-1]
		}
		if !f.assigned {
			before = given
		}
		switch {
		case f.opens:
			if f.in == k.in {
				given = r.node(f.node, given)
			}
			outer = append(outer, given)
		case f.closes:
			given, outer = outer[len(outer)-1], outer[:len(outer)-1]
		case f.in != k.in:
		case f.exit != nil:
			given = true
		case f.assigned:
			given = r.target(f.node.(ast.Expr), before) || given
		default:
			given = r.node(f.node, given)
		}
	}
	return r, given
}

// lives reports whether a variable of another unit is one of this unit too, which reads nothing of what that has given it.
func (c *compiler) lives(u *unit, v *variable) bool {
	if v.begins || !writable(c.host.Pkg, v.typ) {
		return false
	}
	r, _ := c.read(u, v.key)
	return !r.first
}

// gives reports whether a unit has given a variable of another one a value so far.
func (c *compiler) gives(u *unit, v *variable) bool {
	_, given := c.read(u, v.key)
	return given && c.lives(u, v)
}

// node follows a piece of code. It reports whether the variable has a value of this unit behind it, as is so where nothing
// comes behind it.
func (r *reading) node(n ast.Node, given bool) bool {
	switch n := n.(type) {
	case nil:
		return given
	case ast.Expr:
		return r.expr(n, given)
	case ast.Stmt:
		return r.stmt(n, given)
	default:
		return r.all(n, given)
	}
}

func (r *reading) stmt(s ast.Stmt, given bool) bool {
	switch s := s.(type) {
	case nil:
		return given
	case *ast.BlockStmt:
		return r.list(s.List, given)
	case *ast.AssignStmt:
		return r.assign(s, given)
	case *ast.ExprStmt:
		return r.expr(s.X, given) || failOf(r.host.Info, s) != nil || isPanic(r.host.Info, s.X)
	case *ast.ReturnStmt:
		r.all(s, given)
		return true
	case *ast.BranchStmt:
		if s.Tok == token.GOTO {
			r.first = true // the order of the source is not that of the code
		}
		return true
	case *ast.IfStmt:
		given = r.expr(s.Cond, r.stmt(s.Init, given))
		then := r.stmt(s.Body, given)
		return r.stmt(s.Else, given) && then
	case *ast.ForStmt:
		given = r.expr(s.Cond, r.stmt(s.Init, given))
		r.stmt(s.Body, given)
		r.stmt(s.Post, given)
		return given
	case *ast.RangeStmt:
		given = r.expr(s.X, given)
		inside := given
		if s.Tok == token.ASSIGN {
			inside = r.target(s.Value, r.target(s.Key, given))
		}
		r.stmt(s.Body, inside)
		return given
	case *ast.SwitchStmt:
		return r.cases(s.Body, r.expr(s.Tag, r.stmt(s.Init, given)))
	case *ast.TypeSwitchStmt:
		return r.cases(s.Body, r.stmt(s.Assign, r.stmt(s.Init, given)))
	case *ast.LabeledStmt:
		r.stmt(s.Stmt, given)
		return given
	default:
		return r.all(s, given)
	}
}

func (r *reading) list(list []ast.Stmt, given bool) bool {
	for _, s := range list {
		given = r.stmt(s, given)
	}
	return given
}

// cases follows the cases of a switch. Behind it a variable has a value when each of them has given it one.
func (r *reading) cases(body *ast.BlockStmt, given bool) bool {
	every, complete := true, false
	for _, s := range body.List {
		c := s.(*ast.CaseClause)
		for _, x := range c.List {
			r.expr(x, given)
		}
		complete = complete || c.List == nil
		every = r.list(c.Body, given) && every
	}
	return given || every && complete && !breaks(body)
}

// breaks reports whether there is a break in a piece of code, of whatever it leaves.
func breaks(n ast.Node) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		b, ok := n.(*ast.BranchStmt)
		found = found || ok && b.Tok == token.BREAK
		return !found
	})
	return found
}

func (r *reading) assign(s *ast.AssignStmt, given bool) bool {
	for _, x := range s.Rhs {
		r.expr(x, given)
	}
	for _, x := range s.Lhs {
		if s.Tok != token.ASSIGN && s.Tok != token.DEFINE {
			r.expr(x, given)
		}
	}
	out := given
	for _, x := range s.Lhs {
		out = r.target(x, given) || out
	}
	return out
}

// target follows what is given a value.
func (r *reading) target(x ast.Expr, given bool) bool {
	if id := ident(x); id != nil {
		return given || r.is(id)
	}
	return r.expr(x, given)
}

func (r *reading) is(id *ast.Ident) bool {
	obj := r.host.Info.Defs[id]
	if obj == nil {
		obj = r.host.Info.Uses[id]
	}
	return obj != nil && obj == r.key.obj
}

func (r *reading) expr(x ast.Expr, given bool) bool {
	if x == nil {
		return given
	}
	return r.all(x, given)
}

// all takes each use of the variable in a piece of code for one that reads it.
func (r *reading) all(n ast.Node, given bool) bool {
	inspectWithout(n, r.frag.instead, func(n ast.Node) {
		if id, ok := n.(*ast.Ident); ok && r.is(id) && r.host.Info.Uses[id] != nil {
			r.any = true
			r.first = r.first || !given
		}
	})
	return given
}

// isPanic reports whether an expression is a call of panic.
func isPanic(info *types.Info, x ast.Expr) bool {
	call, ok := ast.Unparen(x).(*ast.CallExpr)
	if !ok {
		return false
	}
	id := callee(call.Fun)
	return id != nil && id.Name == "panic" && info.Types[call.Fun].IsBuiltin()
}

// writable reports whether generated code of a package can write a type, to declare a variable of it.
func writable(pkg *types.Package, t types.Type) bool {
	ok := true
	var look func(types.Type)
	tuple := func(t *types.Tuple) {
		for v := range t.Variables() {
			look(v.Type())
		}
	}
	look = func(t types.Type) {
		switch t := types.Unalias(t).(type) {
		case *types.Named:
			obj := t.Obj()
			if obj.Pkg() != nil && (obj.Parent() != obj.Pkg().Scope() || obj.Pkg() != pkg && !obj.Exported()) {
				ok = false
			}
			for arg := range t.TypeArgs().Types() {
				look(arg)
			}
		case *types.Pointer:
			look(t.Elem())
		case *types.Slice:
			look(t.Elem())
		case *types.Array:
			look(t.Elem())
		case *types.Chan:
			look(t.Elem())
		case *types.Map:
			look(t.Key())
			look(t.Elem())
		case *types.Signature:
			tuple(t.Params())
			tuple(t.Results())
		case *types.Struct:
			for f := range t.Fields() {
				look(f.Type())
			}
		case *types.Basic:
			ok = ok && t.Info()&types.IsUntyped == 0
		case *types.Interface:
			for m := range t.Methods() {
				look(m.Type())
			}
		default:
			ok = false
		}
	}
	look(t)
	return ok
}
