package flow

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// unordered yields what comes out otherwise if a map is gone through in another order. Rounds may add to what is around them,
// set elements by the map's key, collect what is sorted behind the loop, and leave the loop if each way out is the same.
type unordered struct {
	*places
	loop    ast.Node
	over    string   // the map, as it is shown
	from    ast.Expr // the map
	key     *types.Var
	writes  []roundWrite
	reads   []roundRead
	exits   []roundExit
	excused map[ast.Node]bool // expressions that are read as a part of a write: x of x = x + 1
	yield   func(impurity)
}

// roundWrite is a write to what is around the loop.
type roundWrite struct {
	place
	at   ast.Node
	kind string   // writes of one kind to one place may come in any order
	own  bool     // it is an element by the loop's key
	set  ast.Expr // a value
}

// roundRead is a read of what may be around the loop.
type roundRead struct {
	place
	at  ast.Node
	own bool
}

// roundExit is a way out of the loop.
type roundExit struct {
	at     ast.Stmt
	before []ast.Stmt // in front of it in its block
	values []ast.Expr
}

const (
	anyOrder = ""       // writes that may not come in any order
	appends  = "append" // what is sorted behind the loop
	sets     = "set "   // to a value that all rounds share
)

// mapRange checks a loop over a map, or over an iterator of one.
func (h *hazards) mapRange(s *ast.RangeStmt, yield func(impurity)) {
	x, name := s.X, ""
	if call, ok := ast.Unparen(s.X).(*ast.CallExpr); ok {
		if name = h.mapIterator(call); name != "" {
			x = call.Args[0]
		}
	}
	if name == "" && !isMap(h.typeOf(x)) {
		return
	}
	u := &unordered{places: &places{hazards: h}, loop: s, over: h.text(x), from: x, excused: map[ast.Node]bool{}, yield: yield}
	if id := ident(s.Key); id != nil && name != "maps.Values" && s.Tok == token.DEFINE {
		u.key, _ = h.Info.Defs[id].(*types.Var)
	}
	if s.Tok == token.ASSIGN {
		for _, x := range []ast.Expr{s.Key, s.Value} {
			if id := ident(x); x != nil && (id == nil || id.Name != "_") {
				u.report(x, h.text(x)+" is what the last round leaves in it")
				return
			}
		}
	}
	u.check(s.Body)
}

// mapCalls checks a function that a function of Go's library calls for each element of a map.
func (h *hazards) mapCalls(call *ast.CallExpr, yield func(impurity)) {
	fn := h.called(call)
	if fn == nil || fn.Pkg() == nil || fn.Pkg().Path() != "maps" || fn.Name() != "DeleteFunc" && fn.Name() != "EqualFunc" {
		return
	}
	if lit, ok := ast.Unparen(call.Args[len(call.Args)-1]).(*ast.FuncLit); ok {
		u := &unordered{places: &places{hazards: h}, loop: lit, over: h.text(call.Args[0]), from: call.Args[0], excused: map[ast.Node]bool{}, yield: yield}
		u.statement(lit.Body, nil, nil, true)
		u.judge()
	}
}

// mapIterator returns which function of package maps a call is that goes through a map, none if it is no such call.
func (h *hazards) mapIterator(call *ast.CallExpr) string {
	fn := h.called(call)
	if fn == nil || fn.Pkg() == nil || fn.Pkg().Path() != "maps" || len(call.Args) != 1 {
		return ""
	}
	switch name := qualified(fn); name {
	case "maps.Keys", "maps.Values", "maps.All":
		return name
	}
	return ""
}

func isMap(t types.Type) bool {
	if p, ok := types.Unalias(t).(*types.TypeParam); ok {
		for e := range p.Underlying().(*types.Interface).EmbeddedTypes() {
			if union, ok := e.(*types.Union); ok && union.Len() > 0 && isMap(union.Term(0).Type()) || !ok && isMap(e) {
				return true
			}
		}
		return false
	}
	_, ok := t.Underlying().(*types.Map)
	return ok
}

func (u *unordered) report(at ast.Node, why string) {
	u.yield(impurity{at: u.span(at), what: why, kind: order, hint: "range over its sorted keys: " + u.sortedKeys()})
}

// sortedKeys is how the map is gone through in an order.
func (u *unordered) sortedKeys() string {
	if m, ok := u.typeOf(u.from).Underlying().(*types.Map); ok && !isOrdered(m.Key()) {
		return "for _, k := range slices.SortedFunc(maps.Keys(" + u.over + "), ...), which compares all of two keys"
	}
	return "for _, k := range slices.Sorted(maps.Keys(" + u.over + "))"
}

// sorting is how a list is sorted.
func (u *unordered) sorting(w roundWrite) string {
	if a, ok := w.at.(*ast.AssignStmt); ok && !isOrdered(elem(u.typeOf(a.Lhs[0]))) {
		return "slices.SortFunc(" + w.String() + ", ...)"
	}
	return "slices.Sort(" + w.String() + ")"
}

func isOrdered(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsOrdered != 0
}

func (u *unordered) check(body *ast.BlockStmt) {
	ast.Inspect(body, func(n ast.Node) bool { // a key that is assigned is none
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, x := range n.Lhs {
				if id := ident(x); id != nil && u.Info.Uses[id] == u.key {
					u.key = nil
				}
			}
		case *ast.IncDecStmt:
			if id := ident(n.X); id != nil && u.Info.Uses[id] == u.key {
				u.key = nil
			}
		case *ast.UnaryExpr:
			if id := ident(n.X); id != nil && n.Op == token.AND && u.Info.Uses[id] == u.key {
				u.key = nil
			}
		}
		return true
	})
	u.statement(body, nil, nil, false)
	u.judge()
}

// inside reports whether a variable is one of a round.
func (u *unordered) inside(v *types.Var) bool {
	return v.Pos() >= u.loop.Pos() && v.Pos() < u.loop.End()
}

// judge compares what the rounds do.
func (u *unordered) judge() {
	from, ok := u.place(u.from)
	for i, a := range u.writes {
		if ok && !a.own && from.overlaps(a.place) && len(a.path) > len(from.path) {
			u.report(a.at, "a round may come or not for what is changed here, "+a.String())
			return
		}
		if a.kind == anyOrder && !a.own {
			u.report(a.at, a.String()+" is changed here")
			return
		}
		if a.set != nil && !u.invariant(a.set) {
			u.report(a.at, a.String()+" is what the last round leaves in it")
			return
		}
		for _, b := range u.writes[:i] {
			if a.overlaps(b.place) && !(a.own && b.own) && (a.own != b.own || a.kind != b.kind) {
				u.report(a.at, a.String()+" is changed here, and otherwise elsewhere in the loop")
				return
			}
		}
	}
	for _, r := range u.reads {
		for _, w := range u.writes {
			if w.overlaps(r.place) && !(w.own && r.own) {
				u.report(r.at, r.String()+" is read here, and another round has changed it, or not yet")
				return
			}
		}
	}
	u.judgeExits()
	for _, w := range u.writes {
		if w.kind == appends && !w.own && !u.sortedBehind(w) {
			u.yield(impurity{
				at: u.span(w.at), what: w.String() + " is collected here, and not sorted right behind the loop", kind: order,
				hint: "sort it before it is used, whole or by what no two elements share: " + u.sorting(w) + "; or range over sorted keys: " + u.sortedKeys(),
			})
			return
		}
	}
}

// judgeExits compares the ways out of the loop: it may be left early if all rounds that leave it do the same, and others nothing.
func (u *unordered) judgeExits() {
	if len(u.exits) == 0 {
		return
	}
	first, done := "", map[ast.Node]bool{}
	for i, e := range u.exits {
		text := u.exitText(e)
		for _, x := range e.values {
			if !u.invariant(x) {
				u.report(e.at, "which round leaves the loop here, with "+u.text(x)+", is by chance")
				return
			}
		}
		if i > 0 && text != first {
			u.report(e.at, "which round leaves the loop, here or elsewhere in it, is by chance")
			return
		}
		first = text
		for _, s := range e.before {
			done[s] = true
		}
	}
	for _, w := range u.writes {
		if !done[w.at] || w.set == nil {
			u.report(u.exits[0].at, "which rounds have changed "+w.String()+" before the loop is left here is by chance")
			return
		}
	}
}

func (u *unordered) exitText(e roundExit) string {
	var b strings.Builder
	for _, s := range e.before {
		if a, ok := s.(*ast.AssignStmt); ok {
			for i, x := range slices.Concat(a.Lhs, a.Rhs) {
				fmt.Fprint(&b, i, types.ExprString(x), ";")
			}
		} else {
			fmt.Fprint(&b, s.Pos(), ";")
		}
	}
	fmt.Fprintf(&b, "%T", e.at)
	if s, ok := e.at.(*ast.BranchStmt); ok && s.Label != nil {
		b.WriteString(s.Tok.String() + s.Label.Name)
	}
	for _, x := range e.values {
		b.WriteString(types.ExprString(x) + ";")
	}
	return b.String()
}

// invariant reports whether an expression has the same value in all rounds.
func (u *unordered) invariant(x ast.Expr) bool {
	same := true
	ast.Inspect(x, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			same = false
		case *ast.Ident:
			v, ok := u.Info.Uses[n].(*types.Var)
			if !ok || v.IsField() {
				break
			}
			same = same && !u.inside(v)
		case ast.Expr:
			if p, ok := u.place(n); ok {
				for _, w := range u.writes {
					same = same && !w.overlaps(p)
				}
			}
		}
		return same
	})
	if p, ok := u.place(x); ok && same {
		return !slices.ContainsFunc(u.writes, func(w roundWrite) bool { return w.overlaps(p) })
	}
	return same
}

// settleOrder notes the iterators of maps in a node of which the order makes no difference: those that are ranged over, which is
// looked at by itself, are sorted, or become a map.
func (h *hazards) settleOrder(n ast.Node, settled map[*ast.Ident]bool) {
	settle := func(x ast.Expr, fine func(call *ast.CallExpr) bool) {
		if call, ok := ast.Unparen(x).(*ast.CallExpr); ok && h.mapIterator(call) != "" && fine(call) {
			settled[callee(call.Fun)] = true
		}
	}
	always := func(*ast.CallExpr) bool { return true }
	switch n := n.(type) {
	case *ast.RangeStmt:
		settle(n.X, always)
	case *ast.AssignStmt:
		if len(n.Lhs) != 1 || len(n.Rhs) != 1 {
			return
		}
		call, ok := ast.Unparen(n.Rhs[0]).(*ast.CallExpr)
		if !ok || h.called(call) == nil {
			return
		}
		if name := qualified(h.called(call)); name == "slices.Collect" || name == "slices.AppendSeq" && types.ExprString(call.Args[0]) == types.ExprString(n.Lhs[0]) {
			settle(call.Args[len(call.Args)-1], func(*ast.CallExpr) bool {
				u := &unordered{places: &places{hazards: h}, loop: n}
				p, ok := u.place(n.Lhs[0])
				return ok && u.sortedBehind(roundWrite{place: p, at: n})
			})
		}
	case *ast.CallExpr:
		fn := h.called(n)
		if fn == nil || fn.Pkg() == nil || len(n.Args) == 0 {
			return
		}
		switch qualified(fn) {
		case "slices.Sorted":
			settle(n.Args[0], always)
		case "slices.SortedFunc", "slices.SortedStableFunc":
			settle(n.Args[0], func(call *ast.CallExpr) bool {
				seq, ok := types.Unalias(h.typeOf(call)).(*types.Named)
				return ok && seq.TypeArgs().Len() == 1 && h.total(n.Args[1], seq.TypeArgs().At(0), "")
			})
		case "maps.Collect", "maps.Insert":
			settle(n.Args[len(n.Args)-1], always)
		}
	}
}
