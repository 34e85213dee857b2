package flow

import (
	"go/ast"

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
	in := &instance{fn: fn, outer: b.in}
	params := parameters(fn.Type)
	for i, p := range params {
		obj := b.host.Info.Defs[p]
		if i >= len(call.Args) || p.Name == "_" || obj == nil || isFlow(obj.Type()) {
			continue
		}
		if id, ok := ast.Unparen(call.Args[i]).(*ast.Ident); ok && b.isData(b.in, b.host.Info.Uses[id]) {
			b.dataKeys[key{in, obj}] = true
			continue
		}
		v := b.declare(nil, key{in, obj}, b.frame)
		b.plain(b.edge(), frag{node: call.Args[i], define: v})
	}
	var results []*variable
	if fn.Type.Results != nil {
		for _, f := range fn.Type.Results.List {
			typ := b.host.Info.TypeOf(f.Type)
			if len(f.Names) == 0 {
				results = append(results, b.hidden(in, fn.Name.Name, typ, f.Pos(), b.frame))
			}
			for _, name := range f.Names {
				v := b.declare(nil, key{in, b.host.Info.Defs[name]}, b.frame)
				v.saved = true
				results = append(results, v)
				b.plain(b.edge(), frag{define: v, typ: typ, before: "*new(", after: ")"})
			}
		}
	}
	n := b.add(call, b.id(s, definition.Kebab(fn.Name.Name)), definition.Node{Kind: definition.Call})
	body := b.inner(n, "")
	body.in = in
	body.leave, body.tail = leave{ret: exit{node: n, leave: true}, results: results}, true
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
