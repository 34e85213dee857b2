package flow

import (
	"go/ast"
	"go/token"
	"go/types"
)

// comparesTimes yields a comparison of times by ==. That asks too where their zones lie in memory, which is another place once they
// were read again.
func (h *hazards) comparesTimes(e *ast.BinaryExpr, yield func(impurity)) {
	if e.Op != token.EQL && e.Op != token.NEQ || !holdsTime(h.typeOf(e.X)) || h.zeroTime(e.X) || h.zeroTime(e.Y) {
		return
	}
	yield(impurity{at: h.span(e), what: h.text(e), kind: times})
}

// zeroTime reports whether an expression is the zero value, which has no zone.
func (h *hazards) zeroTime(x ast.Expr) bool {
	lit, ok := ast.Unparen(x).(*ast.CompositeLit)
	return ok && len(lit.Elts) == 0
}

// holdsTime reports whether values of a type are compared by a time in them.
func holdsTime(t types.Type) bool {
	if n, ok := types.Unalias(t).(*types.Named); ok && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == "time" && n.Obj().Name() == "Time" {
		return true
	}
	switch t := t.Underlying().(type) {
	case *types.Array:
		return holdsTime(t.Elem())
	case *types.Struct:
		for f := range t.Fields() {
			if holdsTime(f.Type()) {
				return true
			}
		}
	}
	return false
}

const equalTimes = "write t.Equal(u), which asks for the moment alone, or t.IsZero()"
