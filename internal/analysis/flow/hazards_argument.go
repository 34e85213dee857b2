package flow

import (
	"go/ast"
	"go/types"
	"strings"
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

// mutated returns what a call of a builtin or of Go's library writes to; through says that it is what the value reaches,
// not the value itself.
func (h *hazards) mutated(call *ast.CallExpr) []ast.Expr {
	name := ""
	if h.Info.Types[call.Fun].IsBuiltin() {
		if id := callee(call.Fun); id != nil {
			name = id.Name
		}
	} else if fn := h.called(call); fn != nil && fn.Pkg() != nil && fn.Signature().Recv() == nil {
		name = qualified(fn)
	}
	i, ok := changes()[name]
	if !ok || i >= len(call.Args) {
		return nil
	}
	if strings.HasPrefix(name, "fmt.Sscan") {
		return call.Args[i:]
	}
	return call.Args[i : i+1]
}

// changedReceiver returns the variable of which a call changes the value by a method with a pointer receiver, nil if it
// changes none: b in b.WriteString("x").
func (h *hazards) changedReceiver(call *ast.CallExpr) ast.Expr {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	fn := h.called(call)
	if !ok || fn == nil || fn.Signature().Recv() == nil || fn.Pkg() == h.Pkg {
		return nil
	}
	if _, ptr := fn.Signature().Recv().Type().(*types.Pointer); !ptr {
		return nil
	}
	if _, already := h.typeOf(sel.X).Underlying().(*types.Pointer); already {
		return nil
	}
	return sel.X
}
