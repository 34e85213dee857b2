package flow

import (
	"go/ast"
	"go/types"

	"github.com/wfegen/wfe/runtime/definition"
)

// parallel adds branches that run at once.
func (b *block) parallel(s ast.Stmt, call *ast.CallExpr) {
	n := b.add(call, b.id(s, string(definition.Parallel)), definition.Node{Kind: definition.Parallel})
	var branches []*block
	for _, x := range call.Args[1:] {
		lit := b.literal(x)
		if lit == nil {
			return
		}
		body := b.inner(n, "")
		body.closure(lit, n)
		branches = append(branches, body)
	}
	b.entries = append(b.entries, func(w *writer) {
		w.text("%s.Parallel(%s", w.builderName, w.segment(n))
		for _, body := range branches {
			w.text(",\n")
			w.inBlock(body)
		}
		w.text(",\n)\n")
	})
}

// forEachCall adds a loop whose elements run in parallel.
func (b *block) forEachCall(s ast.Stmt, call *ast.CallExpr) {
	slice, ok := b.host.Info.TypeOf(call.Args[1]).Underlying().(*types.Slice)
	if !ok {
		b.cannot(s)
		return
	}
	o := b.readOptions(call, 3)
	n := b.add(call, b.named(s, o, b.loopName(call.Args[1])), definition.Node{Kind: definition.ForEach, Sequential: o.sequential})
	list := b.unit(n, "collection", frag{node: call.Args[1], before: "return "})
	body := b.loop(n, definition.BlockBranch)
	item := b.closureElement(body, call.Args[2], n)
	b.options(n, o)
	b.forEach("EachOf", n, slice.Elem(), list, body, item, o)
}

// forEach writes a loop over elements, by that function of the runtime.
func (b *block) forEach(by string, n int, elem types.Type, list *unit, body *block, item *cell, opts *options) {
	b.codecs = append(b.codecs, b.host.TypeID(elem))
	b.entries = append(b.entries, func(w *writer) {
		w.wfe(by)
		w.text("(%s, %s, func(", w.builderName, w.segment(n))
		w.state()
		w.text(") []")
		w.typ(elem)
		w.text(" {\n")
		w.body(list)
		w.text("}, ")
		w.codec(elem)
		w.text(", ")
		w.inBlock(body, func() {
			w.text("%s *", item.name)
			w.typ(elem)
		})
		w.options(opts)
		w.text(")\n")
		w.settings(opts)
	})
}
