package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// declares reports whether a statement gives what it computes to variables that it declares.
func declares(s ast.Stmt) bool {
	a, ok := s.(*ast.AssignStmt)
	return !ok || a.Tok == token.DEFINE
}

// absorbs reports whether a statement that follows a call may run with the unit that stores its result: it cannot fail, and
// leads nowhere.
func (b *block) absorbs(s ast.Stmt) bool {
	a, ok := s.(*ast.AssignStmt)
	if !ok {
		return false
	}
	switch a.Tok {
	case token.DEFINE: // its variables would be saved as soon as what follows uses them
		return false
	case token.QUO_ASSIGN, token.REM_ASSIGN, token.SHL_ASSIGN, token.SHR_ASSIGN:
		return false
	}
	for _, x := range slices.Concat(a.Lhs, a.Rhs) {
		if !b.simple(x) {
			return false
		}
	}
	return true
}

// blank reports whether all that is assigned to is blank.
func (c *compiler) blank(s *ast.AssignStmt) bool {
	for _, x := range s.Lhs {
		if id, ok := x.(*ast.Ident); !ok || id.Name != "_" {
			return false
		}
	}
	return true
}

// selectorsOf returns call.Field, if that is how the statement uses the call.
func selectorsOf(s ast.Stmt, call *ast.CallExpr) (out []*ast.SelectorExpr) {
	ast.Inspect(s, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok && ast.Unparen(sel.X) == ast.Expr(call) {
			out = append(out, sel)
		}
		return true
	})
	return out
}

// direct reports whether a statement hands the result of the call on to variables and fields, and cannot fail.
func (b *block) direct(s ast.Stmt, call *ast.CallExpr) bool {
	switch s := s.(type) {
	case *ast.AssignStmt:
		for _, x := range s.Lhs {
			if !b.simple(x) {
				return false
			}
		}
		return (s.Tok == token.ASSIGN || s.Tok == token.DEFINE) && len(s.Rhs) == 1 && isResult(s.Rhs[0], call)
	case *ast.DeclStmt:
		spec, ok := s.Decl.(*ast.GenDecl).Specs[0].(*ast.ValueSpec)
		return ok && len(spec.Values) == 1 && isResult(spec.Values[0], call)
	}
	return false
}

func isResult(x ast.Expr, call *ast.CallExpr) bool {
	x = ast.Unparen(x)
	if sel, ok := x.(*ast.SelectorExpr); ok {
		x = ast.Unparen(sel.X)
	}
	return x == ast.Expr(call)
}

// simple reports whether an expression is a variable or a field of one that is reached without a pointer, but for that to
// the data: reading and writing it cannot fail.
func (b *block) simple(x ast.Expr) bool {
	switch x := ast.Unparen(x).(type) {
	case *ast.Ident:
		return true
	case *ast.BasicLit:
		return true
	case *ast.CallExpr:
		id, ok := ast.Unparen(x.Fun).(*ast.Ident)
		if !ok || b.host.Info.Uses[id] != types.Universe.Lookup("append") && b.host.Info.Uses[id] != types.Universe.Lookup("len") {
			return false
		}
		return !slices.ContainsFunc(x.Args, func(x ast.Expr) bool { return !b.simple(x) })
	case *ast.BinaryExpr: // but what can fail
		return x.Op != token.QUO && x.Op != token.REM && x.Op != token.SHL && x.Op != token.SHR && b.simple(x.X) && b.simple(x.Y)
	case *ast.UnaryExpr:
		return x.Op != token.AND && x.Op != token.ARROW && b.simple(x.X)
	case *ast.SelectorExpr:
		if s := b.host.Info.Selections[x]; s != nil && (s.Kind() != types.FieldVal || s.Indirect() && len(s.Index()) > 1) {
			return false
		}
		if id, ok := ast.Unparen(x.X).(*ast.Ident); ok {
			if _, pkg := b.host.Info.Uses[id].(*types.PkgName); pkg || b.isData(b.in, b.host.Info.Uses[id]) {
				return true
			}
		}
		if _, pointer := b.host.Info.TypeOf(x.X).Underlying().(*types.Pointer); pointer {
			return false
		}
		return b.simple(x.X)
	}
	return false
}
