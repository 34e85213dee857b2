package directive

import (
	"go/ast"
	"go/token"

	"github.com/wfegen/wfe/internal/analysis/diag"
)

// place says where a detached directive belongs: above the declaration behind which it stands, or the one that follows.
// Where it can be brought there without thinking, there is a fix.
func (r *reader) place(g *ast.CommentGroup, d *Directive) (hint string, fix *diag.Fix) {
	const anywhere = "put it directly above the declaration it is for"
	verb, _ := verbNamed(d.Verb)
	switch verb.On {
	case OnStatement:
		return "put it directly above a statement in a function", nil
	case OnPackage:
		if g.End() < r.file.Package {
			return "delete the blank line between it and the package clause", r.closeUp(g, r.file.Package)
		}
		return "put it directly above the package clause", nil
	}
	if g.End() < r.file.Package {
		return anywhere, nil
	}
	for _, decl := range r.file.Decls {
		name := declared(decl)
		switch {
		case decl.Pos() <= g.Pos() && g.End() <= decl.End():
			return anywhere, nil
		case decl.End() <= g.Pos() && r.line(decl.End()) == r.line(g.Pos()) && name != "":
			return "put it directly above " + name, r.moveUp(g, decl, d)
		case g.End() <= decl.Pos() && name != "":
			return "delete the blank line between it and " + name, r.closeUp(g, decl.Pos())
		case g.End() <= decl.Pos():
			return anywhere, nil
		}
	}
	return anywhere, nil
}

// closeUp joins a comment with the declaration at pos below it, or with the doc comment of that. Where more than that
// stands between them, there is nothing to join.
func (r *reader) closeUp(g *ast.CommentGroup, pos token.Pos) *diag.Fix {
	for _, other := range r.file.Comments {
		if other.Pos() > g.Pos() && other.Pos() < pos {
			if r.line(other.End())+1 != r.line(pos) {
				return nil
			}
			pos = other.Pos()
			break
		}
	}
	return &diag.Fix{Message: "delete the blank line", Edits: []diag.Edit{
		{Pos: r.fset.PositionFor(g.End(), false), End: r.fset.PositionFor(pos, false), New: "\n"},
	}}
}

// moveUp brings a directive from behind a declaration to above it.
func (r *reader) moveUp(g *ast.CommentGroup, decl ast.Decl, d *Directive) *diag.Fix {
	if len(g.List) != 1 {
		return nil
	}
	above := r.fset.PositionFor(decl.Pos(), false)
	return &diag.Fix{Message: "put it above", Edits: []diag.Edit{
		{Pos: above, End: above, New: g.List[0].Text + "\n"},
		{Pos: r.fset.PositionFor(decl.End(), false), End: d.End},
	}}
}

// declared names what a declaration declares, "" when a directive can belong to none of it.
func declared(decl ast.Decl) string {
	switch decl := decl.(type) {
	case *ast.FuncDecl:
		return "func " + decl.Name.Name
	case *ast.GenDecl:
		if len(decl.Specs) != 1 {
			return ""
		}
		if spec, ok := decl.Specs[0].(*ast.TypeSpec); ok {
			return "type " + spec.Name.Name
		}
	}
	return ""
}
