package flow

import (
	"go/ast"
	"go/types"
	"slices"
	"strconv"
	"strings"
)

// What cannot be saved, an error most of all, lives in one piece of plain code. It reaches further than that: up to the first
// call on each way out of it. An if or a switch that uses such a variable of the code before it is decided there, and so is
// what its branches begin with, and what their first calls are given. Only the answers are saved.

// place of a node in a function, as that is compiled once.
type at struct {
	in   *instance
	node ast.Node
}

// decided is a switch that the code before it decides.
type decided struct {
	choice *variable // the number of the case, from 1; 0 for none and for the default
	left   *variable // that a break has left it; nil where there is none
}

// usesUnsaved reports whether code uses a variable that cannot be saved, and of which isNew says that the code before has given
// it its value.
func (h *hazards) usesUnsaved(isNew func(*types.Var) bool, code ...ast.Node) bool {
	found := false
	for _, n := range code {
		ast.Inspect(n, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && !found {
				v, ok := h.Info.Uses[id].(*types.Var)
				found = ok && !v.IsField() && h.unsavable(v.Type()) != nil && isNew(v)
			}
			return !found
		})
	}
	return found
}

// computed are the expressions that a call computes when the workflow gets there: arguments, and of a step that is written
// as a literal its fields.
func computed(info *types.Info, call *ast.CallExpr) []ast.Expr {
	_, c, ok := readCall(info, call)
	if !ok {
		return call.Args // of a helper
	}
	var out []ast.Expr
	for i, x := range call.Args[min(1, len(call.Args)):] {
		switch a, _ := c.arg(i); a.role {
		case asValue:
			out = append(out, x)
		case asStep:
			out = append(out, elements(x)...)
		case asOption:
			out = append(out, optionValues(info, x)...)
		}
	}
	return out
}

// elements are the values in a composite literal; of another expression, that itself.
func elements(x ast.Expr) (out []ast.Expr) {
	lit, ok := ast.Unparen(x).(*ast.CompositeLit)
	if !ok {
		return []ast.Expr{x}
	}
	for _, e := range lit.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			e = kv.Value
		}
		out = append(out, e)
	}
	return out
}

func optionValues(info *types.Info, x ast.Expr) (out []ast.Expr) {
	call, ok := ast.Unparen(x).(*ast.CallExpr)
	if !ok {
		return nil
	}
	for i, a := range optionArgs()[runtimeName(info, call.Fun)] {
		if a.role == asValue && i < len(call.Args) {
			out = append(out, call.Args[i])
		}
	}
	return out
}

// givesUnsaved reports whether the init statement of an if or a switch gives a value to what cannot be saved, without a call.
func (b *block) givesUnsaved(init ast.Stmt) bool {
	s, ok := init.(*ast.AssignStmt)
	return ok && !b.calls(s) && slices.ContainsFunc(s.Lhs, func(x ast.Expr) bool {
		id := ident(x)
		return id != nil && id.Name != "_" && b.hazards().unsavable(b.host.Info.TypeOf(id)) != nil
	})
}

func (c *compiler) hazards() *hazards {
	return &hazards{Input: Input{Info: c.host.Info, Pkg: c.host.Pkg}}
}

// ahead compiles what runs of statements before the first call on each way through them as a part of the pending code, where
// the first one asks for that. What is left of them is compiled afterwards.
func (b *block) ahead(list []ast.Stmt) {
	s := list[0]
	if !b.calls(s) {
		return
	}
	if init, rest := header(s); init != nil && b.calls(init) && b.calls(rest) && !b.copied[at{b.in, init}] {
		b.ahead([]ast.Stmt{init})
		b.unnamed = true
		b.statement(init, false)
		b.unnamed = false
		b.copied[at{b.in, init}] = true
	}
	if b.asksEarly(s) && !b.inlines(s) {
		b.earlyList(list)
	}
}

// inlines reports whether a statement calls a helper, which gets what it is given in the pending code.
func (b *block) inlines(s ast.Stmt) bool {
	switch s.(type) {
	case *ast.ExprStmt, *ast.AssignStmt, *ast.DeclStmt, *ast.ReturnStmt:
		call := b.theCall(s)
		_, fn := b.enters(s)
		return call != nil && runtimeName(b.host.Info, call.Fun) == "" && fn == nil
	}
	return false
}

// header returns the init statement of an if or a switch, and the rest.
func header(s ast.Stmt) (init, rest ast.Stmt) {
	switch s := s.(type) {
	case *ast.IfStmt:
		plain := *s
		plain.Init = nil
		return s.Init, &plain
	case *ast.SwitchStmt:
		plain := *s
		plain.Init = nil
		return s.Init, &plain
	case *ast.TypeSwitchStmt:
		plain := *s
		plain.Init = nil
		return s.Init, &plain
	}
	return nil, s
}

// asksEarly reports whether a statement with calls is decided in the pending code: it uses what cannot be saved and has got its
// value there, or what follows it does, on a way without a call.
func (b *block) asksEarly(s ast.Stmt) bool {
	if init, _ := header(s); init != nil && !b.copied[at{b.in, init}] && b.givesUnsaved(init) {
		return true
	}
	if _, fn := b.enters(s); fn != nil && b.entered[at{b.in, b.theCall(s)}] == nil || b.usesUnsaved(s) {
		return true
	}
	return b.pending != nil && !b.through(s) && slices.ContainsFunc(b.pending.unsaved, func(v *variable) bool {
		return b.isNew(v) && b.lastUse[v.obj] >= s.End()
	})
}

// through reports whether what follows a statement can be reached from a call in it, but for one in its header that is
// compiled already.
func (b *block) through(s ast.Stmt) bool {
	init, rest := header(s)
	if init == nil || !b.copied[at{b.in, init}] {
		rest = s
	}
	return ways{b.host.Info, b.calls}.through(rest)
}

// isNew reports whether a variable has got its value in the pending code.
func (b *block) isNew(v *variable) bool {
	return v != nil && !v.saved && (v.unit == b.pending || b.gives(b.pending, v))
}

// usesUnsaved reports whether code uses what cannot be saved and has got its value in the pending code.
func (b *block) usesUnsaved(code ...ast.Node) bool {
	return b.pending != nil && b.hazards().usesUnsaved(func(v *types.Var) bool { return b.isNew(b.vars[key{b.in, v}]) }, code...)
}

// earlyList compiles statements up to the first call on each way through them.
func (b *block) earlyList(list []ast.Stmt) {
	for _, s := range list {
		if !b.calls(s) {
			b.earlyPlain(s)
			if failOf(b.host.Info, s) != nil {
				return
			}
			continue
		}
		through := b.through(s)
		early := b.asksEarly(s)
		if early {
			outer := b.returns
			b.returns = outer || !through
			b.early(s)
			b.returns = outer
		}
		if through || !early {
			b.earlyEnd()
			return
		}
	}
}

// goesOn ends the code of an edge, behind which the flow goes on.
const goesOn = "return 0"

// earlyEnd ends a way through the pending code at a call.
func (b *block) earlyEnd() {
	if u := b.edge(); b.returns && !b.terminates(u) {
		b.plain(u, frag{text: goesOn})
	}
}

// early compiles what runs of one.
func (b *block) early(s ast.Stmt) {
	switch s := s.(type) {
	case *ast.BlockStmt:
		b.open++
		b.earlyList(s.List)
		b.open--
		b.close(b.open)
	case *ast.IfStmt:
		b.earlyInit(s.Init, func() { b.earlyIf(s) })
	case *ast.SwitchStmt:
		b.earlyInit(s.Init, func() { b.earlySwitch(s, s.Body) })
	case *ast.TypeSwitchStmt:
		b.earlyInit(s.Init, func() { b.earlySwitch(s, s.Body) })
	case *ast.ForStmt:
		if s.Init != nil {
			b.earlyPlain(s.Init)
		}
	case *ast.RangeStmt:
		b.earlyValue(s.X)
	case *ast.ExprStmt, *ast.AssignStmt, *ast.DeclStmt, *ast.ReturnStmt:
		b.earlyCall(s)
	}
}

// earlyCall computes what a call is given.
func (b *block) earlyCall(s ast.Stmt) {
	if call, fn := b.enters(s); fn != nil {
		b.earlyHelper(call, fn)
		return
	}
	if call := b.theCall(s); call != nil {
		for _, x := range computed(b.host.Info, call) {
			b.earlyValue(x)
		}
	}
}

// earlyInit compiles the init statement of an if or a switch, and then the rest, unless that follows a call.
func (b *block) earlyInit(init ast.Stmt, rest func()) {
	switch {
	case init == nil || b.copied[at{b.in, init}]:
		rest()
	case b.calls(init):
		b.early(init)
	default:
		b.open++
		b.earlyPlain(init)
		rest()
		b.open--
		b.close(b.open)
	}
}

func (b *block) earlyPlain(s ast.Stmt) {
	b.plain(b.edge(), frag{node: s})
	b.copied[at{b.in, s}] = true
}

// earlyValue computes an expression that uses what cannot be saved, and saves its value.
func (b *block) earlyValue(x ast.Expr) {
	typ := b.host.Info.TypeOf(x)
	if typ == nil || !b.usesUnsaved(x) || b.hazards().unsavable(typ) != nil {
		return
	}
	b.answer(x, "input", typ, frag{node: x})
}

// answer saves what f computes in place of an expression.
func (b *block) answer(x ast.Expr, name string, typ types.Type, f frag) *variable {
	v := b.hidden(b.in, name, typ, x.Pos(), b.frame)
	f.define = v
	b.plain(b.edge(), f)
	b.known[at{b.in, x}] = v
	return v
}

// earlyIf compiles the condition of an if, and what its branches begin with.
func (b *block) earlyIf(s *ast.IfStmt) {
	asks := b.truth(s.Cond)
	asks.before = strings.TrimPrefix(asks.before, "return ")
	answer := b.answer(s.Cond, "if", types.Typ[types.Bool], asks)
	b.earlyBranch(frag{text: "if ", use: answer, after: " {", opens: true}, s.Body.List)
	b.earlyBranch(frag{text: "if !", use: answer, after: " {", opens: true}, elseOf(s))
}

// earlyBranch compiles what a branch begins with.
func (b *block) earlyBranch(begin frag, list []ast.Stmt) {
	u := b.edge()
	b.plain(u, begin)
	n := len(u.frags)
	if b.earlyList(list); len(u.frags) == n {
		u.frags = u.frags[:n-1]
		return
	}
	b.plain(u, frag{text: "}", closes: true})
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

// earlySwitch compiles the conditions of a switch, or of a type switch, and what its cases begin with.
func (b *block) earlySwitch(s ast.Stmt, body *ast.BlockStmt) {
	u, outer := b.edge(), b.leave
	d := &decided{choice: b.hidden(b.in, "switch", types.Typ[types.Int], s.Pos(), b.frame)}
	b.plain(u, frag{define: d.choice, text: "0"})
	b.leave.brk = nil
	if slices.ContainsFunc(body.List, leavesSwitch) {
		d.left = b.hidden(b.in, "break", types.Typ[types.Bool], s.Pos(), b.frame)
		b.plain(u, frag{define: d.left, text: "false"})
		b.leave.left = d.left
	}
	b.earlyTag(s)
	number := 0
	for _, c := range body.List {
		clause := c.(*ast.CaseClause)
		b.earlyCase(clause)
		if clause.List != nil {
			number++
			b.plain(u, frag{define: d.choice, text: strconv.Itoa(number)})
		}
		if v, ok := b.host.Info.Implicits[clause].(*types.Var); ok {
			known := b.declare(nil, key{b.in, v}, b.frame)
			known.seq, known.open = b.seq, b.open
			b.plain(u, frag{define: known, text: v.Name(), there: true})
			b.noteUnsaved(u, known.key)
		}
		b.earlyList(clause.Body)
	}
	b.plain(u, frag{text: "}", closes: true})
	b.leave = outer
	b.decided[at{b.in, s}] = d
}

// earlyTag writes the beginning of a switch.
func (b *block) earlyTag(s ast.Stmt) {
	switch s := s.(type) {
	case *ast.SwitchStmt:
		if s.Tag == nil {
			b.plain(b.edge(), frag{text: "switch {", opens: true})
			return
		}
		b.plain(b.edge(), frag{node: s.Tag, before: "switch ", after: " {", opens: true})
	case *ast.TypeSwitchStmt:
		name, x := typeSwitch(s)
		if name != "" {
			name += " := "
		}
		b.plain(b.edge(), frag{node: x, before: "switch " + name, after: ".(type) {", opens: true})
	}
}

// earlyCase writes the beginning of a case.
func (b *block) earlyCase(clause *ast.CaseClause) {
	if clause.List == nil {
		b.plain(b.edge(), frag{text: "default:", another: true})
	}
	for i, x := range clause.List {
		f := frag{node: x, after: ","}
		if i == 0 {
			f.before, f.another = "case ", true
		}
		if i == len(clause.List)-1 {
			f.after = ":"
		}
		b.plain(b.edge(), f)
	}
}

// typeSwitch is the variable of a type switch, "" for none, and what it asks for its type.
func typeSwitch(s *ast.TypeSwitchStmt) (name string, x ast.Expr) {
	switch a := s.Assign.(type) {
	case *ast.AssignStmt:
		name, x = a.Lhs[0].(*ast.Ident).Name, a.Rhs[0]
	case *ast.ExprStmt:
		x = a.X
	}
	return name, ast.Unparen(x).(*ast.TypeAssertExpr).X
}
