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
	var elem types.Type
	items := frag{node: s.X, before: "return "}
	byIndex := false // the elements are numbers
	switch t := typ.Underlying().(type) {
	case *types.Slice:
		elem = t.Elem()
	case *types.Array:
		elem = t.Elem()
		items.before, items.after = "list := ", "\nreturn list[:]"
	case *types.Pointer:
		if a, ok := t.Elem().Underlying().(*types.Array); ok {
			elem, items.before, items.after = a.Elem(), "return (", ")[:]"
		}
	case *types.Basic:
		if t.Info()&types.IsInteger != 0 {
			if elem = typ; t.Info()&types.IsUntyped != 0 {
				elem = types.Typ[types.Int]
			}
			byIndex = true
		}
	}
	if _, text := typ.Underlying().(*types.Basic); !text && elem != nil && blank(s.Value) { // for i := range list needs no more than the length
		elem, byIndex = types.Typ[types.Int], true
	}
	if elem == nil {
		b.report(rangesOver(b.span(s.X), typ.String()))
		b.ok = false
		return
	}
	n := b.add(s, b.id(s, b.loopName(s.X)), definition.Node{Kind: definition.ForEach, Sequential: true})
	var list *unit
	if byIndex {
		list = b.unit(n, "collection", frag{node: s.X, typ: elem, upTo: true})
	} else {
		list = b.unit(n, "collection", items)
	}
	body := b.loop(n, definition.BlockBranch)
	body.leave.brk, body.leave.cont = &exit{node: n, leave: true}, &exit{node: n}
	item, number := s.Value, s.Key
	if byIndex {
		item, number = s.Key, nil
	}
	var element *cell
	if s.Tok == token.ASSIGN {
		body.number, element = body.handedTo(number, item)
	} else {
		body.number, element = body.declared(number, s.Body), body.declared(item, s.Body)
	}
	body.statements(s.Body.List, true)
	b.forEach("Range", n, elem, list, body, element, nil)
}
