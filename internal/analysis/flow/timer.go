package flow

import (
	"go/ast"
	"go/types"

	"github.com/wfegen/wfe/runtime/definition"
)

// sleep adds a delay.
func (b *block) sleep(s ast.Stmt, call *ast.CallExpr, fn string) {
	o := b.readOptions(call, 2)
	id := b.named(s, o, "sleep")
	constant := fn == "Sleep" && b.host.Info.Types[call.Args[1]].Value != nil
	n := b.add(call, id, definition.Node{Kind: definition.Delay, Due: !constant})
	var due *unit
	if !constant {
		due = b.unit(n, "time", frag{node: call.Args[1], before: "return "})
	}
	b.options(n, o)
	b.entries = append(b.entries, func(w *writer) {
		switch {
		case constant:
			w.text("%s.Delay(%s, ", w.builderName, w.segment(n))
			w.expr(b, call.Args[1])
		case fn == "Sleep":
			w.text("%s.Sleep(%s, ", w.builderName, w.segment(n))
			w.functionOf(due, "Duration")
		default:
			w.text("%s.SleepUntil(%s, ", w.builderName, w.segment(n))
			w.functionOf(due, "Time")
		}
		w.text(")\n")
		w.settings(o)
	})
}

// recur adds rounds. Whether there is another one lies in a variable.
func (b *block) recur(s ast.Stmt, call *ast.CallExpr) {
	lit := b.literal(call.Args[2])
	node := definition.Node{Kind: definition.Recur}
	if lit == nil || !b.host.Rhythm(call.Args[1], &node) {
		b.ok = false
		return
	}
	o := b.readOptions(call, 3)
	id := b.named(s, o, string(definition.Recur))
	again, named := b.again(lit)
	b.plain(b.edge(), frag{define: again, text: "true"})
	n := b.add(call, id, node)
	until := &unit{node: n, what: "condition"}
	until.frags = []frag{{in: b.in, text: "return !", use: again}}
	body := b.loop(n, "")
	body.leave, body.tail, body.closed = leave{ret: exit{node: n}, results: []*variable{again}}, true, true
	if named {
		body.plain(body.edge(), frag{define: again, text: "false"})
	}
	body.statements(lit.Body.List, true)
	b.options(n, o)
	b.entries = append(b.entries, func(w *writer) {
		w.text("%s.Recur(%s, ", w.builderName, w.segment(n))
		w.expr(b, call.Args[1])
		w.text(", ")
		w.function(until, "bool")
		w.text(", ")
		w.inBlock(body)
		w.text(")\n")
		w.settings(o)
	})
}

// again is the variable that says whether there is another round: the result of the function literal, where that has a name.
func (b *block) again(lit *ast.FuncLit) (v *variable, named bool) {
	if r := lit.Type.Results.List[0]; len(r.Names) > 0 && r.Names[0].Name != "_" {
		v = b.declare(nil, key{b.in, b.host.Info.Defs[r.Names[0]]}, b.frame)
		v.saved = true
		return v, true
	}
	return b.hidden(b.in, "again", types.Typ[types.Bool], lit.Pos(), b.frame), false
}
