package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"github.com/wfegen/wfe/internal/analysis/model"
)

// result is what a call gives, as the generated function that stores it knows that.
type result struct {
	values string // what is written in place of the call
	named  string // of a single struct: the parameter that is a pointer to it
}

// store makes the unit that takes the result of a call: the statement with the result in place of the call, and the simple
// assignments that follow. It is nil where the result is dropped. A statement that is more than that gets the result from a
// variable, on the edge behind the node.
func (b *block) store(n int, s ast.Stmt, call *ast.CallExpr, r result, last bool) *unit {
	switch s := s.(type) {
	case *ast.ExprStmt:
		if ast.Unparen(s.X) == ast.Expr(call) {
			return nil
		}
	case *ast.AssignStmt:
		if b.blank(s) {
			return nil
		}
	}
	u := &unit{node: n, what: "outputs"}
	instead := map[ast.Node]other{call: {text: r.values}}
	if r.named != "" {
		for _, sel := range selectorsOf(s, call) {
			instead[sel] = other{text: r.named + "." + sel.Sel.Name}
		}
	}
	if ret, ok := s.(*ast.ReturnStmt); ok {
		b.returned(u, ret, instead, last)
		return u
	}
	name, _ := b.callee(call)
	if b.direct(s, call) && (name != "Branch" && name != "Try" || declares(s)) { // these return when their body has ended, which may read what they are assigned to
		b.whole(s, call)
		b.plain(u, frag{node: s, instead: instead})
		b.shown(n, "outputs", s)
		if name != "Try" && name != "WaitForWithin" && name != "Branch" {
			b.absorb = u
		}
		return u
	}
	x := ast.Expr(call)
	if sels := selectorsOf(s, call); len(sels) > 0 {
		x = sels[0]
	}
	var results []*variable
	keep := func(typ types.Type, value string) {
		v := b.hidden(b.in, "result", typ, call.Pos(), b.frame)
		b.plain(u, frag{define: v, text: value})
		results = append(results, v)
	}
	if t, several := b.host.Info.TypeOf(x).(*types.Tuple); several {
		for i, value := range strings.Split(r.values, ", ") {
			keep(t.At(i).Type(), value)
		}
	} else {
		keep(b.host.Info.TypeOf(x), instead[x].text)
	}
	b.later = append(b.later, func() {
		b.plain(b.edge(), frag{node: s, instead: map[ast.Node]other{x: {vars: results}}})
	})
	return u
}

// shown notes code of a node for people.
func (b *block) shown(n int, what string, x ast.Node) {
	b.nodes[n].Code = append(b.nodes[n].Code, model.Code{
		Pos: b.host.Fset.PositionFor(x.Pos(), false), What: what, Text: oneLine(b.host.Text(x.Pos(), x.End())),
	})
}

// returned stores what a helper returns straight from a call.
func (b *block) returned(u *unit, ret *ast.ReturnStmt, instead map[ast.Node]other, last bool) {
	b.plain(u, frag{node: ret, instead: instead, results: b.leave.results})
	if !last || !b.tail {
		to := b.leave.ret
		b.later = append(b.later, func() { b.plain(b.edge(), frag{exit: &to}) })
	}
}

// whole notes that a statement gives a step, or an event, to a variable, of which fields may be saved one by one.
func (b *block) whole(s ast.Stmt, call *ast.CallExpr) {
	a, ok := s.(*ast.AssignStmt)
	if !ok || a.Tok != token.DEFINE || ast.Unparen(a.Rhs[0]) != ast.Expr(call) {
		return
	}
	if obj := b.host.Info.Defs[a.Lhs[0].(*ast.Ident)]; obj != nil {
		if _, ok := obj.Type().Underlying().(*types.Struct); ok {
			b.results[key{b.in, obj}] = true
		}
	}
}

// unanswered sets what takes the result of a call to zero, where that may be cancelled and the flow goes on: then there is
// no result.
func (b *block) unanswered(s ast.Stmt, call *ast.CallExpr, o *options, typ types.Type) {
	if _, dropped := s.(*ast.ExprStmt); dropped || !o.proceed {
		return
	}
	if _, returns := s.(*ast.ReturnStmt); returns || !declares(s) {
		b.report(mayHaveNone(b.span(s)))
		b.ok = false
		return
	}
	none := b.param("none")
	u := b.edge()
	b.plain(u, frag{typ: typ, before: "var " + none + " "})
	b.plain(u, frag{node: s, instead: map[ast.Node]other{call: {text: none}}})
}

// answered keeps what follows a call out of the unit that stores its result, where there may be none.
func (b *block) answered(o *options) {
	if o.proceed {
		b.absorb = nil
	}
}
