package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// statement goes through the body of a loop over a map. inner are the statements between the loop and this one which break and
// continue may mean; list is what stands in front of it in its block; function says that it is in a function literal.
func (u *unordered) statement(s ast.Node, inner []ast.Stmt, list []ast.Stmt, function bool) {
	switch s := s.(type) {
	case *ast.BlockStmt:
		u.list(s.List, inner, function)
	case *ast.CaseClause:
		for _, x := range s.List {
			u.read(x, function)
		}
		u.list(s.Body, inner, function)
	case *ast.LabeledStmt:
		u.statement(s.Stmt, inner, list, function)
	case *ast.IfStmt:
		if u.extreme(s) {
			return
		}
		u.optional(s.Init, inner, function)
		u.read(s.Cond, function)
		u.statement(s.Body, inner, nil, function)
		u.optional(s.Else, inner, function)
	case *ast.ForStmt:
		u.optional(s.Init, inner, function)
		u.read(s.Cond, function)
		u.optional(s.Post, inner, function)
		u.statement(s.Body, append(slices.Clip(inner), s), nil, function)
	case *ast.RangeStmt:
		u.read(s.X, function)
		if s.Tok == token.ASSIGN {
			u.write(s, s.Key, anyOrder, nil)
			u.write(s, s.Value, anyOrder, nil)
		}
		u.statement(s.Body, append(slices.Clip(inner), s), nil, function)
	case *ast.SwitchStmt:
		u.optional(s.Init, inner, function)
		u.read(s.Tag, function)
		u.statement(s.Body, append(slices.Clip(inner), s), nil, function)
	case *ast.TypeSwitchStmt:
		u.optional(s.Init, inner, function)
		u.statement(s.Assign, inner, nil, function)
		u.statement(s.Body, append(slices.Clip(inner), s), nil, function)
	case *ast.AssignStmt:
		u.assign(s, function)
	case *ast.IncDecStmt:
		u.indices(s.X, function)
		u.write(s, s.X, u.adds(s.X, "+"), nil)
	case *ast.DeclStmt:
		for _, spec := range s.Decl.(*ast.GenDecl).Specs {
			if v, ok := spec.(*ast.ValueSpec); ok {
				for _, x := range v.Values {
					u.read(x, function)
				}
			}
		}
	case *ast.ExprStmt:
		u.expression(s, list, function)
	case *ast.ReturnStmt:
		for _, x := range s.Results {
			u.read(x, function)
		}
		if !function {
			u.exits = append(u.exits, roundExit{s, list, s.Results})
		}
	case *ast.BranchStmt:
		if !function && u.leaves(s, inner) {
			u.exits = append(u.exits, roundExit{s, list, nil})
		}
	case *ast.DeferStmt:
		u.report(s, "calls are put off in another order")
	}
}

func (u *unordered) list(list []ast.Stmt, inner []ast.Stmt, function bool) {
	for i, s := range list {
		u.statement(s, inner, list[:i], function)
	}
}

func (u *unordered) optional(s ast.Stmt, inner []ast.Stmt, function bool) {
	if s != nil {
		u.statement(s, inner, nil, function)
	}
}

// leaves reports whether a break, continue or goto leaves the loop.
func (u *unordered) leaves(s *ast.BranchStmt, inner []ast.Stmt) bool {
	switch {
	case s.Tok == token.FALLTHROUGH:
		return false
	case s.Label != nil:
		label, ok := u.Info.Uses[s.Label].(*types.Label)
		if !ok {
			return true
		}
		at := label.Pos()
		return at < u.loop.Pos() && !(s.Tok == token.CONTINUE && u.labels(at)) || s.Tok == token.GOTO
	case s.Tok == token.CONTINUE:
		return false
	}
	return len(inner) == 0
}

// labels reports whether a label is that of the loop.
func (u *unordered) labels(at token.Pos) bool {
	found := false
	for _, f := range u.Files {
		if at < f.Pos() || at >= f.End() {
			continue
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if l, ok := n.(*ast.LabeledStmt); ok && l.Label.Pos() == at {
				found = l.Stmt == u.loop
			}
			return !found
		})
	}
	return found
}

// expression goes through a call that is a statement.
func (u *unordered) expression(s *ast.ExprStmt, list []ast.Stmt, function bool) {
	call, ok := ast.Unparen(s.X).(*ast.CallExpr)
	if !ok {
		u.read(s.X, function)
		return
	}
	id := callee(call.Fun)
	switch {
	case isFail(u.Info, call), id != nil && id.Name == "panic" && u.Info.Types[call.Fun].IsBuiltin():
		values := call.Args[len(call.Args)-1:]
		u.read(values[0], function)
		u.exits = append(u.exits, roundExit{s, list, values})
	case id != nil && id.Name == "delete" && u.Info.Types[call.Fun].IsBuiltin():
		u.read(call.Args[1], function)
		u.deletes(s, call)
	default:
		u.read(s.X, function)
	}
}

// deletes notes that an element goes away.
func (u *unordered) deletes(s ast.Stmt, call *ast.CallExpr) {
	id := ident(call.Args[1])
	own := id != nil && u.key != nil && u.Info.Uses[id] == u.key
	for _, p := range u.targets(call.Args[0]) {
		u.writes = append(u.writes, roundWrite{place: p.with(hop{kind: beyond}), at: s, kind: "delete", own: own})
	}
}

// assign notes what an assignment writes, and whether rounds may do so in any order.
func (u *unordered) assign(s *ast.AssignStmt, function bool) {
	if s.Tok != token.ASSIGN && s.Tok != token.DEFINE {
		u.read(s.Rhs[0], function)
		u.indices(s.Lhs[0], function)
		u.write(s, s.Lhs[0], u.adds(s.Lhs[0], s.Tok.String()[:len(s.Tok.String())-1]), nil)
		return
	}
	for i, x := range s.Lhs {
		u.indices(x, function)
		if s.Tok == token.DEFINE {
			continue
		}
		if len(s.Lhs) != len(s.Rhs) {
			u.write(s, x, anyOrder, nil)
			continue
		}
		kind, set := u.combines(x, s.Rhs[i])
		u.write(s, x, kind, set)
	}
	for _, x := range s.Rhs {
		u.read(x, function)
	}
}

// adds is the kind of x += ..: those of integers come out the same in any order.
func (u *unordered) adds(x ast.Expr, op string) string {
	b, ok := u.typeOf(x).Underlying().(*types.Basic)
	if !ok || b.Info()&types.IsInteger == 0 {
		return anyOrder
	}
	switch op {
	case "+", "-":
		return "+"
	case "*", "|", "&", "^", "&^":
		return op
	}
	return anyOrder
}

// combines says what x = value does: x = x + n, x = x && b, x = max(x, n), x = append(x, ...), or another value.
func (u *unordered) combines(x, value ast.Expr) (kind string, set ast.Expr) {
	same := func(y ast.Expr) bool { return types.ExprString(ast.Unparen(y)) == types.ExprString(ast.Unparen(x)) }
	switch e := ast.Unparen(value).(type) {
	case *ast.BinaryExpr:
		if same(e.X) {
			kind = u.adds(x, e.Op.String())
			if e.Op == token.LAND || e.Op == token.LOR {
				kind = e.Op.String()
			}
			if kind != anyOrder {
				u.excused[e.X] = true
				return kind, nil
			}
		}
	case *ast.CallExpr:
		id := callee(e.Fun)
		if id == nil || !u.Info.Types[e.Fun].IsBuiltin() {
			if fn := u.called(e); fn != nil && qualified(fn) == "slices.AppendSeq" && same(e.Args[0]) {
				u.excused[e.Args[0]] = true
				return appends, nil
			}
			break
		}
		i := slices.IndexFunc(e.Args, same)
		if i < 0 || id.Name == "append" && i > 0 {
			break
		}
		switch id.Name {
		case "max", "min":
			u.excused[e.Args[i]] = true
			return id.Name, nil
		case "append":
			u.excused[e.Args[0]] = true
			return appends, nil
		}
	}
	return sets + types.ExprString(value), value
}

// extreme notes the search for the least or greatest: if n > most { most = n }.
func (u *unordered) extreme(s *ast.IfStmt) bool {
	cond, ok := ast.Unparen(s.Cond).(*ast.BinaryExpr)
	if !ok || s.Init != nil || s.Else != nil || len(s.Body.List) != 1 {
		return false
	}
	a, ok := s.Body.List[0].(*ast.AssignStmt)
	if !ok || a.Tok != token.ASSIGN || len(a.Lhs) != 1 || len(a.Rhs) != 1 {
		return false
	}
	to, value := types.ExprString(a.Lhs[0]), types.ExprString(a.Rhs[0])
	x, y := types.ExprString(cond.X), types.ExprString(cond.Y)
	kind := map[token.Token]string{token.GTR: "max", token.GEQ: "max", token.LSS: "min", token.LEQ: "min"}[cond.Op]
	switch {
	case kind == "":
		return false
	case x == value && y == to:
	case x == to && y == value:
		kind = map[string]string{"max": "min", "min": "max"}[kind]
	default:
		return false
	}
	u.indices(a.Lhs[0], false)
	u.read(a.Rhs[0], false)
	u.write(a, a.Lhs[0], kind, nil)
	return true
}

// write notes a write to what is around the loop.
func (u *unordered) write(s ast.Stmt, x ast.Expr, kind string, set ast.Expr) {
	if id := ident(x); x == nil || id != nil && id.Name == "_" {
		return
	}
	for _, p := range u.targets(x) {
		u.writes = append(u.writes, roundWrite{place: p, at: s, kind: kind, own: u.own(p), set: set})
		if u.own(p) {
			u.writes[len(u.writes)-1].set = nil
		}
	}
}

// own reports whether a place is an element by the loop's key, which no other round has.
func (u *unordered) own(p place) bool {
	return u.key != nil && slices.ContainsFunc(p.path, func(h hop) bool { return h.just && len(h.by) == 1 && h.by[0] == u.key })
}

// targets are the places around the loop that a write to x changes.
func (u *unordered) targets(x ast.Expr) []place {
	if p, ok := u.place(x); ok {
		return u.reach(p, 0)
	}
	base := x
	for around(base) != nil {
		base = around(base)
	}
	return u.outer(u.sources(base), nil, 0)
}

// reach are the places around the loop that a place is, or shares memory with.
func (u *unordered) reach(p place, deep int) []place {
	if !u.inside(p.root) {
		return []place{p}
	}
	if !anyShared(p.path) || deep > 3 {
		return nil
	}
	var out []place
	holds := func(x, value ast.Expr, more ...hop) {
		if id := ident(x); id == nil || value == nil || u.object(id) != p.root {
			return
		}
		list := u.sources(value)
		for i := range list {
			list[i].from = list[i].from.with(more...)
		}
		out = append(out, u.outer(list, p.path, deep+1)...)
	}
	ast.Inspect(u.loop, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for i, x := range n.Lhs {
				holds(x, n.Rhs[min(i, len(n.Rhs)-1)])
			}
		case *ast.ValueSpec:
			for i, id := range n.Names {
				if i < len(n.Values) {
					holds(id, n.Values[i])
				}
			}
		case *ast.RangeStmt:
			if n != u.loop { // what the loop itself gives is the round's
				holds(n.Value, n.X, hop{kind: beyond})
			}
		}
		return true
	})
	return out
}

// outer are those places of sources that are around the loop.
func (u *unordered) outer(list []source, path []hop, deep int) []place {
	var out []place
	for _, s := range list {
		if rest, ok := after(s.sub, path); ok {
			out = append(out, u.reach(s.from.with(rest...), deep)...)
		}
	}
	return out
}

// read notes what an expression reads, and what the calls in it change.
func (u *unordered) read(x ast.Node, function bool) {
	if e, ok := x.(ast.Expr); !ok || e == nil {
		return
	}
	ast.Inspect(x, func(n ast.Node) bool {
		if u.excused[n] {
			return false
		}
		switch n := n.(type) {
		case *ast.FuncLit:
			u.statement(n.Body, nil, nil, true)
			return false
		case *ast.KeyValueExpr:
			if v, ok := u.Info.Uses[ident(n.Key)].(*types.Var); !ok || !v.IsField() {
				u.read(n.Key, function)
			}
			u.read(n.Value, function)
			return false
		case *ast.CallExpr:
			u.call(n)
		case *ast.Ident, *ast.SelectorExpr, *ast.IndexExpr, *ast.StarExpr, *ast.SliceExpr:
			e := n.(ast.Expr)
			p, ok := u.place(e)
			if !ok {
				return true
			}
			for _, p := range append(u.reach(p, 0), p) {
				u.reads = append(u.reads, roundRead{place: p, at: e, own: u.own(p)})
			}
			u.indices(e, function)
			return false
		}
		return true
	})
}

// indices reads what stands in the brackets of an expression.
func (u *unordered) indices(x ast.Expr, function bool) {
	for ; x != nil; x = around(x) {
		switch e := ast.Unparen(x).(type) {
		case *ast.IndexExpr:
			u.read(e.Index, function)
		case *ast.SliceExpr:
			for _, i := range []ast.Expr{e.Low, e.High, e.Max} {
				if i != nil {
					u.read(i, function)
				}
			}
		}
	}
}

// call notes what a call changes that it is given, and a call of a function of which that is not known.
func (u *unordered) call(call *ast.CallExpr) {
	for _, e := range u.effects(call) {
		if e.kind == spare {
			continue // of an append, which is looked at where its result goes
		}
		list := u.outer(u.sources(e.x), nil, 0)
		if p, ok := u.place(e.x); ok {
			list = append(list, u.reach(p, 0)...)
		}
		for _, p := range list {
			u.writes = append(u.writes, roundWrite{place: p, at: call, kind: anyOrder, own: u.own(p)})
		}
	}
	if v, ok := u.object(ident(call.Fun)).(*types.Var); ok && !packageLevel(v) && !u.inside(v) && !u.leavesAll(v) {
		u.report(call.Fun, u.text(call.Fun)+" is called in another order")
	}
}

// leavesAll reports whether a variable holds nothing but function literals that change nothing around them.
func (u *unordered) leavesAll(v *types.Var) bool {
	leaves, found := true, false
	value := func(x, value ast.Expr) {
		if id := ident(x); id == nil || u.object(id) != v {
			return
		}
		lit, ok := ast.Unparen(value).(*ast.FuncLit)
		if !ok {
			leaves = false
			return
		}
		found = true
		in := &unordered{places: u.places, loop: lit, over: u.over, from: u.from, excused: map[ast.Node]bool{}, yield: func(impurity) { leaves = false }}
		in.statement(lit.Body, nil, nil, true)
		leaves = leaves && len(in.writes) == 0
	}
	if decl := u.around(u.loop); decl != nil {
		ast.Inspect(decl.Body, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				for i, x := range n.Lhs {
					value(x, n.Rhs[min(i, len(n.Rhs)-1)])
				}
			case *ast.ValueSpec:
				for i, x := range n.Values {
					value(n.Names[i], x)
				}
			}
			return true
		})
	}
	return found && leaves
}

// around returns the function of the package in which a node stands.
func (h *hazards) around(n ast.Node) *ast.FuncDecl {
	for _, decl := range h.decls {
		if decl.Pos() <= n.Pos() && n.End() <= decl.End() {
			return decl
		}
	}
	return nil
}
