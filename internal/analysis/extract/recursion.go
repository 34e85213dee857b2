package extract

import (
	"go/ast"
	"go/types"
)

// recursion reports workflows that contain themselves.
func (w *work) recursion() {
	parts := map[types.Object][]*ast.Ident{} // by function: where others are named in it
	functions := map[types.Object]bool{}
	for _, d := range w.marked.types("workflow") {
		functions[w.bodies.Defs[d.Func.Name]] = true
	}
	for _, d := range w.marked.types("workflow") {
		fn := w.bodies.Defs[d.Func.Name]
		ast.Inspect(d.Func, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && functions[w.bodies.Uses[id]] {
				parts[fn] = append(parts[fn], id)
			}
			return true
		})
	}
	for _, d := range w.marked.types("workflow") {
		fn := w.bodies.Defs[d.Func.Name]
		for _, id := range parts[fn] {
			if w.contains(parts, w.bodies.Uses[id], fn, map[types.Object]bool{}) {
				w.report(containsItself(w.pos(id.Pos()), w.pos(id.End()), d.name()))
				break
			}
		}
	}
}

// contains reports whether a function is another one or has it as a part, at any distance.
func (w *work) contains(parts map[types.Object][]*ast.Ident, fn, part types.Object, seen map[types.Object]bool) bool {
	if fn == part {
		return true
	}
	if seen[fn] {
		return false
	}
	seen[fn] = true
	for _, id := range parts[fn] {
		if w.contains(parts, w.bodies.Uses[id], part, seen) {
			return true
		}
	}
	return false
}
