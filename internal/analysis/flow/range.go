package flow

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/wfegen/wfe/runtime/definition"
)

// each compiles a for over a range with calls in it.
func (b *block) each(s *ast.RangeStmt) {
	typ := b.host.Info.TypeOf(s.X)
	if typ == nil {
		b.ok = false
		return
	}
	items := frag{node: s.X, before: "return "}
	switch typ.Underlying().(type) {
	case *types.Basic:
		if elem := integer(typ); elem != nil {
			b.count(s, elem, frag{node: s.X})
			return
		}
	case *types.Array:
		items.before, items.after = "list := ", "\nreturn list[:]"
	case *types.Pointer:
		items.before, items.after = "return (", ")[:]"
	}
	elem := elementOf(typ)
	switch {
	case elem == nil:
		b.report(rangesOver(b.span(s.X), typ.String()))
		b.ok = false
		return
	case counts(typ, s): // it needs no more than the length
		b.count(s, types.Typ[types.Int], frag{node: s.X, before: "len(", after: ")"})
		return
	}
	n := b.add(s, b.id(s, b.loopName(s.X)), definition.Node{Kind: definition.ForEach, Sequential: true})
	list := b.unit(n, "collection", items)
	body := b.loop(n, definition.BlockBranch)
	body.leave.brk, body.leave.cont = &exit{node: n, leave: true}, &exit{node: n}
	var element *cell
	if s.Tok == token.ASSIGN {
		body.number, element = body.handedTo(s.Key, s.Value)
	} else {
		body.number, element = body.declared(s.Key, s.Body), body.declared(s.Value, s.Body)
	}
	body.statements(s.Body.List, true)
	b.forEach("Range", n, elem, list, body, element, nil)
}

// counts reports whether a loop over something of a type runs over numbers alone, up to one that is taken before it.
func counts(t types.Type, s *ast.RangeStmt) bool {
	return integer(t) != nil || elementOf(t) != nil && blank(s.Value)
}

// integer is the type of the numbers up to one of type t, nil where that is none.
func integer(t types.Type) types.Type {
	basic, ok := t.Underlying().(*types.Basic)
	switch {
	case !ok || basic.Info()&types.IsInteger == 0:
		return nil
	case basic.Info()&types.IsUntyped != 0:
		return types.Typ[types.Int]
	}
	return t
}

// count compiles a loop over the numbers below limit.
func (b *block) count(s *ast.RangeStmt, elem types.Type, limit frag) {
	limit.define = b.hidden(b.in, "limit", elem, s.Pos(), b.frame)
	number := b.hidden(b.in, "number", elem, s.Pos(), b.frame)
	b.plain(b.edge(), limit)
	b.plain(b.edge(), frag{define: number, text: "0"})
	l := rounds{at: s, id: b.loopName(s.X), body: s.Body}
	l.begin = func(body *block) {
		id := ident(s.Key)
		switch {
		case blank(s.Key):
		case s.Tok == token.ASSIGN:
			body.plain(body.edge(), frag{node: s.Key, after: " =", assigned: true})
			body.plain(body.edge(), frag{use: number})
		default:
			v := body.declare(nil, key{b.in, b.host.Info.Defs[id]}, body.frame)
			body.plain(body.edge(), frag{define: v, use: number})
		}
	}
	l.cond = func(n int) *unit {
		u := b.unit(n, "condition", frag{text: "return ", use: number})
		b.plain(u, frag{text: " < ", use: limit.define})
		u.inline = true
		c := &b.nodes[n].Code[len(b.nodes[n].Code)-1]
		c.Pos, c.Text = b.host.Fset.PositionFor(s.X.Pos(), false), "range "+oneLine(b.host.Text(s.X.Pos(), s.X.End()))
		return u
	}
	l.post = func(n int) *unit {
		return b.unit(n, "post statement", frag{define: number, use: number, after: " + 1"})
	}
	b.run(l)
}
