package flow

import (
	"go/ast"
	"go/types"

	"github.com/wfegen/wfe/runtime/definition"
)

// waitFor adds a wait for an event.
func (b *block) waitFor(s ast.Stmt, call *ast.CallExpr, fn string, last bool) {
	event := b.typeArgument(call)
	if event == nil {
		b.cannot(s)
		return
	}
	name, ok := b.host.Event(call.Fun, event)
	if !ok {
		b.ok = false
		return
	}
	first := 2
	if fn == "WaitForWithin" {
		first = 3
	}
	o := b.readOptions(call, first)
	id := b.named(s, o, name)
	if fn == "WaitFor" {
		b.unanswered(s, call, o, event)
	}
	n := b.add(call, id, definition.Node{Kind: definition.WaitFor, Event: name})
	keyUnit := b.unit(n, "key", frag{node: call.Args[1], before: "return "})
	param := b.param("event")
	r := result{values: "*" + param, named: param}
	if fn == "WaitForWithin" {
		r = result{values: "*" + param + ", true"}
	}
	out := b.store(n, s, call, r, last)
	b.answered(o)
	var since *unit
	if o.asOf != nil {
		since = b.unit(n, "since", frag{node: o.asOf, before: "return "})
	}
	var timeout *block
	var within *unit
	if fn == "WaitForWithin" {
		if b.host.Info.Types[call.Args[2]].Value == nil {
			within = b.unit(n, "timeout", frag{node: call.Args[2], before: "return "})
			b.draft.Nodes[n].Due = true
		}
		timeout = b.inner(n, definition.BlockTimeout)
		if out != nil {
			timeout.noEvent(out, call, event)
		}
		timeout.flush()
	}
	b.options(n, o)
	b.entries = append(b.entries, func(w *writer) {
		w.wfe("Await")
		w.text("[")
		w.typ(event)
		w.text("](%s, %s, ", w.builderName, w.segment(n))
		w.function(keyUnit, "string")
		w.text(", ")
		w.taker(out, param, func() { w.typ(event) })
		w.text(")")
		if since != nil {
			w.text(".AsOf(")
			w.functionOf(since, "Time")
			w.text(")")
		}
		switch {
		case within != nil:
			w.text(".Within(")
			w.functionOf(within, "Duration")
			w.text(", ")
			w.inBlock(timeout)
			w.text(")")
		case timeout != nil:
			w.text(".Timeout(")
			w.expr(b, call.Args[2])
			w.text(", ")
			w.inBlock(timeout)
			w.text(")")
		}
		w.text("\n")
		w.storesCall(out)
		w.settings(o)
	})
	b.after()
}

// noEvent sets what a wait's outputs set, where the time is over: to no event, and false.
func (b *block) noEvent(out *unit, call *ast.CallExpr, event types.Type) {
	f := out.frags[0]
	if f.define != nil { // results that are assigned behind the node
		for _, f := range out.frags {
			b.plain(b.edge(), frag{define: f.define, typ: f.define.typ, before: "*new(", after: ")"})
		}
		return
	}
	none := b.param("none")
	b.plain(b.edge(), frag{typ: event, before: "var " + none + " "})
	f.instead = map[ast.Node]other{call: {text: none + ", false"}}
	b.plain(b.edge(), f)
}

// poll adds requests until there is an answer.
func (b *block) poll(s ast.Stmt, call *ast.CallExpr, last bool) {
	o := b.readOptions(call, 2)
	id := b.named(s, o, string(definition.Poll))
	b.fixed(call.Args[1])
	b.unanswered(s, call, o, b.host.Info.TypeOf(call))
	n := b.add(call, id, definition.Node{Kind: definition.Poll})
	param := b.param("response")
	out := b.store(n, s, call, result{values: "*" + param, named: param}, last)
	b.answered(o)
	b.options(n, o)
	b.entries = append(b.entries, func(w *writer) {
		w.text("%s.Poll(%s, ", w.builderName, w.segment(n))
		w.expr(b, call.Args[1])
		if out != nil {
			w.text(", ")
			w.taker(out, param, func() { w.wfe("Response") })
		}
		w.text(")\n")
		w.storesCall(out)
		w.settings(o)
	})
	b.after()
}
