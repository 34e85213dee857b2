package flow

import (
	"cmp"
	"go/ast"
	"go/constant"
	"strconv"
	"strings"

	"github.com/wfegen/wfe/runtime/definition"
)

// id returns the segment of a node: what a directive above the statement says, else the default.
func (b *block) id(s ast.Node, otherwise string) string {
	if id, ok := b.host.ID(s); ok && !b.unnamed {
		return id
	}
	return otherwise
}

// named is id for a call that has options, one of which may name it.
func (b *block) named(s ast.Node, o *options, otherwise string) string {
	return b.id(s, cmp.Or(o.name, otherwise))
}

// segment is the last segment of a node's id as a literal.
func (w *writer) segment(n int) string {
	id := w.draft.Nodes[n].ID
	return strconv.Quote(id[strings.LastIndexByte(id, '/')+1:])
}

// loopName is the id of a loop over a collection that has a name.
func (b *block) loopName(x ast.Expr) string {
	switch x := ast.Unparen(x).(type) {
	case *ast.Ident:
		return "for-" + definition.Kebab(x.Name)
	case *ast.SelectorExpr:
		return "for-" + definition.Kebab(x.Sel.Name)
	}
	return "for"
}

// caseName names a case: by its directive, or its first value, if that is a name or a constant.
func (b *block) caseName(clause *ast.CaseClause) string {
	if id, ok := b.host.ID(clause); ok {
		return id
	}
	x := ast.Unparen(clause.List[0])
	name := ""
	switch x := x.(type) {
	case *ast.Ident:
		name = definition.Kebab(x.Name)
	case *ast.SelectorExpr:
		name = definition.Kebab(x.Sel.Name)
	default:
		if v := b.host.Info.Types[x].Value; v != nil && v.Kind() == constant.String {
			name = constant.StringVal(v)
		} else if v != nil {
			name = v.ExactString()
		}
	}
	if name == "" || name == definition.BlockDefault || name == definition.BlockCompensate || definition.CheckSegment(name) != nil {
		b.report(caseUnnamed(b.span(clause.List[0])))
		b.ok = false
	}
	return name
}
