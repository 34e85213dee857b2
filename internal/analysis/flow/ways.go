package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// ways knows where statements lead.
type ways struct {
	info  *types.Info
	waits func(ast.Node) bool // reports whether there is a call in a piece of code at which a workflow can rest
}

// through reports whether what follows a statement can be reached from a call in it.
func (w ways) through(s ast.Stmt) bool {
	switch s := s.(type) {
	case *ast.BlockStmt:
		return w.listThrough(s.List)
	case *ast.IfStmt:
		return w.calls(s.Init) || w.listThrough(s.Body.List) || w.listThrough(elseOf(s))
	case *ast.SwitchStmt:
		return w.calls(s.Init) || slices.ContainsFunc(s.Body.List, w.caseThrough)
	case *ast.TypeSwitchStmt:
		return w.calls(s.Init) || slices.ContainsFunc(s.Body.List, w.caseThrough)
	}
	return !w.ends(s)
}

func (w ways) calls(s ast.Stmt) bool { return s != nil && w.waits(s) }

// listThrough reports whether the end of a list can be reached from a call in it.
func (w ways) listThrough(list []ast.Stmt) bool {
	through := func(s ast.Stmt) bool { return w.waits(s) && w.through(s) }
	return !slices.ContainsFunc(list, w.ends) && slices.ContainsFunc(list, through)
}

func (w ways) caseThrough(s ast.Stmt) bool {
	body := s.(*ast.CaseClause).Body
	return w.listThrough(body) || w.breaks(body, false)
}

// breaks reports whether a break, which leaves the switch around a list, can be reached from a call in that. waited says that
// there was one before.
func (w ways) breaks(list []ast.Stmt, waited bool) bool {
	for _, s := range list {
		inner := [][]ast.Stmt{}
		switch s := s.(type) {
		case *ast.BlockStmt:
			inner = append(inner, s.List)
		case *ast.IfStmt:
			waited = waited || w.calls(s.Init)
			inner = append(inner, s.Body.List, elseOf(s))
		default:
			if waited && leavesSwitch(s) {
				return true
			}
		}
		if slices.ContainsFunc(inner, func(list []ast.Stmt) bool { return w.breaks(list, waited) }) {
			return true
		}
		waited = waited || w.waits(s) && w.through(s)
		if w.ends(s) {
			return false
		}
	}
	return false
}

// ends reports whether what follows a statement is never reached from it.
func (w ways) ends(s ast.Stmt) bool {
	switch s := s.(type) {
	case *ast.ReturnStmt:
		return true
	case *ast.BranchStmt:
		return s.Tok != token.FALLTHROUGH
	case *ast.ExprStmt:
		call, ok := ast.Unparen(s.X).(*ast.CallExpr)
		if !ok {
			return false
		}
		_, c, _ := readCall(w.info, call)
		return c.ends || isPanic(w.info, call)
	case *ast.BlockStmt:
		return slices.ContainsFunc(s.List, w.ends)
	case *ast.IfStmt:
		return s.Else != nil && w.ends(s.Body) && w.ends(s.Else)
	case *ast.SwitchStmt:
		return w.allEnd(s.Body)
	case *ast.TypeSwitchStmt:
		return w.allEnd(s.Body)
	}
	return false
}

// allEnd reports whether each case of a switch ends, and one of them runs.
func (w ways) allEnd(body *ast.BlockStmt) bool {
	complete := false
	for _, s := range body.List {
		clause := s.(*ast.CaseClause)
		complete = complete || clause.List == nil
		if leavesSwitch(clause) || !slices.ContainsFunc(clause.Body, w.ends) {
			return false
		}
	}
	return complete
}

// leavesSwitch reports whether a break in a case leaves the switch.
func leavesSwitch(clause ast.Stmt) bool {
	found := false
	ast.Inspect(clause, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BranchStmt:
			found = found || n.Tok == token.BREAK && n.Label == nil
		case *ast.ForStmt, *ast.RangeStmt, *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt, *ast.FuncLit:
			return false
		}
		return true
	})
	return found
}
