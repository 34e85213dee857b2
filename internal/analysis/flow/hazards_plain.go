package flow

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// plain checks code that is copied as it stands: no call of wfe is in it, and what it does is up to the workflow alone.
// where says for a call what is wrong with its place.
func (f *forms) plain(n ast.Node, where string) {
	if n == nil {
		return
	}
	v := &plainVisitor{forms: f, where: where}
	ast.Inspect(n, v.visit)
	f.pureCode(n, f.impure)
}

type plainVisitor struct {
	*forms
	where string
	stack []ast.Node
}

func (v *plainVisitor) visit(n ast.Node) bool {
	if n == nil {
		v.stack = v.stack[:len(v.stack)-1]
		return true
	}
	switch n := n.(type) {
	case *ast.ExprStmt:
		if call := failOf(v.Info, n); call != nil && v.leavable() {
			v.flow(call, 0, "wfe.Fail")
			v.plain(call.Args[1], "in an argument")
			return false
		}
	case *ast.CallExpr:
		if isNow(v.Info, n) {
			v.flow(n, 0, "wfe.Now")
			return false
		}
		if v.isWait(n) || isFail(v.Info, n) {
			v.misplaced(n)
			return false
		}
	case *ast.Ident:
		v.ident(n)
	default:
		v.refused(n)
	}
	v.stack = append(v.stack, n)
	return true
}

// leavable reports whether a statement stands where the code around it can be left by it.
func (v *plainVisitor) leavable() bool {
	for _, n := range v.stack {
		if _, ok := n.(*ast.FuncLit); ok {
			return false
		}
	}
	if v.where != "" {
		return false
	}
	if len(v.stack) == 0 {
		return true
	}
	switch v.stack[len(v.stack)-1].(type) {
	case *ast.BlockStmt, *ast.CaseClause, *ast.LabeledStmt:
		return true
	}
	return false
}

// misplaced reports a call of wfe in code that is copied.
func (v *plainVisitor) misplaced(call *ast.CallExpr) {
	for _, n := range slices.Backward(v.stack) {
		switch n.(type) {
		case *ast.FuncLit:
			v.report(flowElsewhere(v.span(call.Fun), v.text(call.Fun)+" stands in a function literal that is no block of wfe, so it would become no node",
				"declare a function of the package that takes the *wfe.Flow, and call that"))
			return
		case *ast.CallExpr:
			v.report(callInside(v.span(call.Fun), v.text(call.Fun), "in an argument"))
			return
		}
	}
	v.report(callInside(v.span(call.Fun), v.text(call.Fun), cmp.Or(v.where, "in the header of a statement")))
}

// ident reports a use of the Flow, or of a function that takes it, other than in a call.
func (v *plainVisitor) ident(id *ast.Ident) {
	switch obj := v.Info.Uses[id].(type) {
	case *types.Var:
		if isFlow(obj.Type()) {
			why := "the Flow is kept or handed on"
			for _, n := range v.stack {
				if _, ok := n.(*ast.FuncLit); ok {
					why = "the Flow is used in a function literal that is no block of wfe"
				}
			}
			v.report(flowElsewhere(v.span(id), why, "give it only to functions of wfe and to functions of this package"))
		}
	case *types.Func:
		if sig, ok := obj.Type().(*types.Signature); ok && flowParam(sig) >= 0 {
			v.report(flowElsewhere(v.span(id), id.Name+" is used as a value, and wfegen cannot see where it is called", "call it here"))
		}
	}
}

// refused reports statements that no saved state can stand for.
func (f *forms) refused(n ast.Node) {
	switch n := n.(type) {
	case *ast.GoStmt:
		f.report(notCompiled(f.keyword(n.Go, "go"), "go", "run branches beside each other by wfe.Parallel or wfe.ForEach"))
	case *ast.DeferStmt:
		f.report(notCompiled(f.keyword(n.Defer, "defer"), "defer", "write what is to be done at the end at the end; what is to be done when a saga fails belongs into wfe.Undo"))
	case *ast.SelectStmt:
		f.report(notCompiled(f.keyword(n.Select, "select"), "select", "wait for an event by wfe.WaitFor or wfe.WaitForWithin"))
	case *ast.SendStmt:
		f.report(notCompiled(f.span(n), "a channel", "keep the value in a variable, or publish an event in a step"))
	case *ast.UnaryExpr:
		if n.Op == token.ARROW {
			f.report(notCompiled(f.span(n), "a channel", "wait for an event by wfe.WaitFor"))
		}
	case *ast.ChanType:
		f.report(notCompiled(f.span(n), "a channel", "keep values in variables, and wait for events by wfe.WaitFor"))
	case *ast.BranchStmt:
		if n.Tok == token.GOTO {
			f.report(notCompiled(f.span(n), "goto", "write a loop"))
		}
	case *ast.RangeStmt:
		if _, ok := f.typeOf(n.X).Underlying().(*types.Chan); ok {
			f.report(notCompiled(f.span(n.X), "a channel", "wait for events by wfe.WaitFor"))
		}
	}
}

// impure reports code that a workflow may not contain.
func (f *forms) impure(found impurity) { f.report(impure(f.hazards, found)) }
