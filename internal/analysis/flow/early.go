package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// Where an if with calls in it asks for what cannot be saved, for an error most of all, its condition belongs to the code before
// it, and so does what its branches begin with, up to their first call. Only the answer is saved. It has to be that code which
// declares the variable.

// asksEarly reports whether a condition uses a variable that declared says was declared in the code before it, and that cannot
// be saved.
func (h *hazards) asksEarly(cond ast.Expr, declared func(*types.Var) bool) bool {
	found := false
	ast.Inspect(cond, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && !found {
			v, ok := h.Info.Uses[id].(*types.Var)
			found = ok && !v.IsField() && declared(v) && h.unsavable(v.Type()) != nil
		}
		return !found
	})
	return found
}

// plainStart is how many statements a list begins with that have no call, as waits says.
func plainStart(list []ast.Stmt, waits func(ast.Node) bool) int {
	for i, s := range list {
		if _, label := s.(*ast.LabeledStmt); label || waits(s) {
			return i
		}
	}
	return len(list)
}

// keepsUnsaved reports whether the init statement of an if declares what cannot be saved, without a call.
func (b *block) keepsUnsaved(init ast.Stmt) bool {
	s, ok := init.(*ast.AssignStmt)
	return ok && s.Tok == token.DEFINE && !b.calls(s) && slices.ContainsFunc(s.Lhs, func(x ast.Expr) bool {
		v, ok := b.host.Info.Defs[ident(x)].(*types.Var)
		return ok && b.hazards().unsavable(v.Type()) != nil
	})
}

func (c *compiler) hazards() *hazards {
	return &hazards{Input: Input{Info: c.host.Info, Pkg: c.host.Pkg}}
}

// asksEarly reports whether the condition of an if is a part of the pending code.
func (b *block) asksEarly(s *ast.IfStmt) bool {
	return b.pending != nil && b.hazards().asksEarly(s.Cond, func(v *types.Var) bool {
		known := b.vars[key{b.in, v}]
		return known != nil && (known.unit == b.pending || b.gives(b.pending, known))
	})
}

// early compiles the condition of an if, and what its branches begin with, as a part of the pending code. It returns the
// variable with the answer, and what is left of the branches.
func (b *block) early(s *ast.IfStmt) (answer *variable, then, otherwise []ast.Stmt) {
	answer = b.hidden(b.in, "if", types.Typ[types.Bool], s.Pos(), b.frame)
	asks := b.truth(s.Cond)
	asks.define, asks.before = answer, strings.TrimPrefix(asks.before, "return ")
	b.plain(b.edge(), asks)
	then = b.earlyBranch(frag{text: "if ", use: answer, after: " {", opens: true}, s.Body.List)
	return answer, then, b.earlyBranch(frag{text: "if !", use: answer, after: " {", opens: true}, elseOf(s))
}

// earlyBranch compiles what a branch begins with, and returns the rest.
func (b *block) earlyBranch(begin frag, list []ast.Stmt) []ast.Stmt {
	n := plainStart(list, b.calls)
	if n == 0 {
		return list
	}
	b.plain(b.edge(), begin)
	rest := list[n:]
	for _, s := range list[:n] {
		b.plain(b.edge(), frag{node: s})
		if failOf(b.host.Info, s) != nil {
			rest = nil
			break
		}
	}
	b.plain(b.edge(), frag{text: "}", closes: true})
	return rest
}

// elseOf is what an if does otherwise.
func elseOf(s *ast.IfStmt) []ast.Stmt {
	switch other := s.Else.(type) {
	case nil:
		return nil
	case *ast.BlockStmt:
		return other.List
	default:
		return []ast.Stmt{other}
	}
}
