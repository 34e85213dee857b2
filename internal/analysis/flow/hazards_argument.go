package flow

import (
	"go/ast"
	"go/types"
)

// argumentFor returns what a call hands to a parameter, or to the receiver, of the function that it calls.
func argumentFor(h *hazards, call *ast.CallExpr, param *types.Var) ast.Expr {
	fn := h.called(call)
	if fn == nil {
		return nil
	}
	sig := fn.Signature()
	if sig.Recv() == param {
		if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok {
			return sel.X
		}
		return nil
	}
	for i := range sig.Params().Len() {
		if sig.Params().At(i) == param && i < len(call.Args) {
			return call.Args[i]
		}
	}
	return nil
}

// receiverAndArgs are what a call hands to the function.
func receiverAndArgs(h *hazards, call *ast.CallExpr) []ast.Expr {
	out := call.Args
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok && h.Info.Selections[sel] != nil {
		out = append([]ast.Expr{sel.X}, out...)
	}
	return out
}
