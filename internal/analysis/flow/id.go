package flow

import (
	"cmp"
	"go/ast"
	"go/constant"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"unicode"

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
	if pointer, ok := x.(*ast.StarExpr); ok { // of a type switch
		x = ast.Unparen(pointer.X)
	}
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
		b.report(caseUnnamed(b.span(clause.List[0]), NameFor(x)))
		b.ok = false
	}
	return name
}

func noWord(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }

// NameFor returns a name that fits what an expression asks for, for the author to take: "cents-large" for o.Cents > Large.
// No id is made of it unasked, since an id stays when a condition is mended.
func NameFor(x ast.Expr) string {
	var words []string
	add := func(word string) {
		if word = definition.Kebab(word); word != "" && len(words) < 3 && !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	ast.Inspect(x, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			add(n.Sel.Name)
			return false
		case *ast.UnaryExpr:
			if n.Op == token.NOT {
				add("not")
			}
		case *ast.Ident:
			add(n.Name)
		case *ast.BasicLit:
			if text := strings.Trim(strings.ReplaceAll(n.Value, "_", ""), "\"`'"); !strings.ContainsFunc(text, noWord) {
				add(text)
			}
		}
		return true
	})
	name := strings.Join(words, "-")
	if definition.CheckSegment(name) != nil {
		return "other"
	}
	return name
}
