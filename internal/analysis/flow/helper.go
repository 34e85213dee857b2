package flow

import (
	"go/ast"
	"go/types"

	"github.com/wfegen/wfe/runtime/definition"
)

// helper compiles the body of a function that is given the Flow, in place of its call.
func (b *block) helper(s ast.Stmt, call *ast.CallExpr, fn *ast.FuncDecl, last bool) {
	for in := b.in; in != nil; in = in.outer {
		if in.fn == fn {
			b.ok = false // Hazards says why
			return
		}
	}
	b.from = append(b.from, fn)
	e := b.entered[at{b.in, call}]
	if e == nil {
		e = b.enter(call, fn)
	}
	results := e.results
	n := b.add(call, b.id(s, definition.Kebab(fn.Name.Name)), definition.Node{Kind: definition.Call})
	body := b.inner(n, "")
	body.in = e.in
	body.leave, body.tail = leave{ret: exit{node: n, leave: true}, results: results}, true
	if e.returned != nil { // what it begins with may have returned
		body.leaveIf(e.returned, &body.leave.ret)
	}
	body.statements(fn.Body.List, true)
	b.entries = append(b.entries, func(w *writer) {
		w.text("%s.Call(%s, ", w.builderName, w.segment(n))
		w.inBlock(body)
		w.text(")\n")
	})
	if x, ok := s.(*ast.ExprStmt); ok && ast.Unparen(x.X) == ast.Expr(call) {
		return
	}
	if a, ok := s.(*ast.AssignStmt); ok && b.blank(a) {
		return
	}
	f := frag{node: s, instead: map[ast.Node]other{call: {vars: results}}}
	if _, ok := s.(*ast.ReturnStmt); ok && last && b.tail {
		f.results = b.leave.results
	}
	b.plain(b.edge(), f)
}

// entry is a call of a helper.
type entry struct {
	in       *instance
	results  []*variable
	returned *variable // that what it begins with has returned, in the code that calls it; nil where that has none of it
}

// enter gives a helper what it is called with.
func (b *block) enter(call *ast.CallExpr, fn *ast.FuncDecl) *entry {
	in := &instance{fn: fn, outer: b.in}
	sig := b.host.Info.Defs[fn.Name].(*types.Func).Signature()
	var later []func()
	apart := namesParameters(call, fn)
	for i, p := range parameters(fn.Type) {
		obj := sig.Params().At(i)
		switch variadic := sig.Variadic() && i == sig.Params().Len()-1 && !call.Ellipsis.IsValid(); {
		case isFlow(obj.Type()):
			continue
		case variadic:
			b.rest(in, obj, call.Args[i:])
			continue
		case b.isDataArg(call.Args[i]):
			b.dataKeys[key{in, obj}] = true
			continue
		case p.Name == "_":
			if !b.host.Info.Types[call.Args[i]].IsNil() {
				b.plain(b.edge(), frag{node: call.Args[i], before: "_ = "})
			}
			continue
		}
		v := b.declare(nil, key{in, obj}, b.frame)
		v.seq, v.open = b.seq, b.open
		give := func(f frag) {
			f.define, f.typed = v, true
			b.plain(b.edge(), f)
			b.noteUnsaved(b.edge(), v.key)
		}
		if !apart {
			give(frag{node: call.Args[i]})
			continue
		}
		arg := b.temporary(p.Name, obj.Type())
		b.plain(b.edge(), frag{node: call.Args[i], define: arg, typed: true})
		later = append(later, func() { give(frag{text: arg.name}) })
	}
	for _, give := range later {
		give()
	}
	return &entry{in: in, results: b.resultsOf(in)}
}

// rest gives a variadic parameter the list of its arguments.
func (b *block) rest(in *instance, param *types.Var, args []ast.Expr) {
	list := frag{define: b.declare(nil, key{in, param}, b.frame), typ: param.Type(), after: "(nil)"}
	if len(args) > 0 {
		list.after = "{"
	}
	b.plain(b.edge(), list)
	for _, arg := range args {
		b.plain(b.edge(), frag{node: arg, after: ","})
	}
	if len(args) > 0 {
		b.plain(b.edge(), frag{text: "}"})
	}
}

// temporary makes a variable of the pending code alone.
func (b *block) temporary(name string, typ types.Type) *variable {
	name = b.fresh(name)
	v := &variable{key: key{b.in, types.NewVar(0, nil, name, typ)}, name: name, typ: typ}
	b.uses = append(b.uses, use{v.key, b.edge(), ""})
	return v
}

// namesParameters reports whether an argument uses the name of a parameter before it, by which it means a variable of the caller.
func namesParameters(call *ast.CallExpr, fn *ast.FuncDecl) bool {
	before, found := map[string]bool{}, false
	params := parameters(fn.Type)
	for i, x := range call.Args {
		ast.Inspect(x, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			found = found || ok && before[id.Name]
			return !found
		})
		if i < len(params) {
			before[params[i].Name] = true
		}
	}
	return found
}

// resultsOf are the variables for what a helper returns.
func (b *block) resultsOf(in *instance) (out []*variable) {
	if in.fn.Type.Results == nil {
		return nil
	}
	for _, f := range in.fn.Type.Results.List {
		typ := b.host.Info.TypeOf(f.Type)
		if len(f.Names) == 0 {
			out = append(out, b.hidden(in, in.fn.Name.Name, typ, f.Pos(), b.frame))
		}
		for _, name := range f.Names {
			v := b.declare(nil, key{in, b.host.Info.Defs[name]}, b.frame)
			v.saved = true
			out = append(out, v)
			b.plain(b.edge(), frag{define: v, typ: typ, before: "*new(", after: ")"})
		}
	}
	return out
}

// leaveIf leaves a block at its beginning where a variable says so.
func (b *block) leaveIf(v *variable, to *exit) {
	b.plain(b.edge(), frag{text: "if ", use: v, after: " {", opens: true})
	b.plain(b.edge(), frag{exit: to})
	b.plain(b.edge(), frag{text: "}", closes: true})
}

func (b *block) isDataArg(x ast.Expr) bool {
	id, ok := ast.Unparen(x).(*ast.Ident)
	return ok && b.isData(b.in, b.host.Info.Uses[id])
}

// takesUnsaved reports whether a helper is given what cannot be saved, other than the data: then what it begins with belongs to
// the code that calls it, up to its first calls.
func (h *hazards) takesUnsaved(fn *ast.FuncDecl, call *ast.CallExpr, isData func(ast.Expr) bool) bool {
	for i, p := range parameters(fn.Type) {
		obj := h.Info.Defs[p]
		if i < len(call.Args) && p.Name != "_" && obj != nil && !isFlow(obj.Type()) && !isData(call.Args[i]) && h.unsavable(obj.Type()) != nil {
			return true
		}
	}
	return false
}

// enters returns the helper that a statement calls with what cannot be saved, nil for none.
func (b *block) enters(s ast.Stmt) (*ast.CallExpr, *ast.FuncDecl) {
	switch s.(type) {
	case *ast.ExprStmt, *ast.AssignStmt, *ast.DeclStmt, *ast.ReturnStmt:
	default:
		return nil, nil
	}
	call := b.theCall(s)
	if call == nil {
		return nil, nil
	}
	_, fn := b.callee(call)
	if fn == nil || fn.Body == nil || !b.hazards().takesUnsaved(fn, call, b.isDataArg) {
		return nil, nil
	}
	for in := b.in; in != nil; in = in.outer {
		if in.fn == fn {
			return nil, nil // Hazards says what is wrong
		}
	}
	return call, fn
}

// earlyHelper compiles what a helper begins with as a part of the pending code.
func (b *block) earlyHelper(call *ast.CallExpr, fn *ast.FuncDecl) {
	b.open++
	e := b.enter(call, fn)
	b.entered[at{b.in, call}] = e
	b.nameData(e.in, call)
	outer, leaves := b.in, b.leave
	b.in, b.leave = e.in, leave{results: e.results}
	if returns(fn.Body) {
		e.returned = b.hidden(e.in, "return", types.Typ[types.Bool], call.Pos(), b.frame)
		b.plain(b.edge(), frag{define: e.returned, text: "false"})
		b.leave.returned = e.returned
	}
	b.earlyList(fn.Body.List)
	b.in, b.leave = outer, leaves
	b.open--
	b.close(b.open)
}

// nameData declares the data by the name that a helper has for them, which may be that of another variable around its call.
func (b *block) nameData(in *instance, call *ast.CallExpr) {
	u := b.edge()
	u.within = append(u.within, in)
	for i, p := range parameters(in.fn.Type) {
		if i < len(call.Args) && b.isDataArg(call.Args[i]) && p.Name != "_" {
			b.plain(u, frag{text: p.Name + " := &" + b.dataName + ".Data\n_ = " + p.Name})
		}
	}
}

// returns reports whether a statement has a return of the function that it stands in.
func returns(s ast.Stmt) bool {
	found := false
	ast.Inspect(s, func(n ast.Node) bool {
		_, ret := n.(*ast.ReturnStmt)
		_, lit := n.(*ast.FuncLit)
		found = found || ret
		return !found && !lit
	})
	return found
}
