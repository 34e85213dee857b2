package source

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
)

// Call is a call in a file: the line of its statement, and the name of the function
// that is called there, without its package.
type Call struct {
	Line int
	Func string
}

// IDs returns what the directives //wfe:id in a file call the calls below them.
func IDs(src []byte) map[Call]string {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, "", src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil
	}
	line := func(p token.Pos) int { return set.Position(p).Line }
	above := map[int]string{} // by the line below a comment
	for _, group := range file.Comments {
		for _, c := range group.List {
			if id, ok := strings.CutPrefix(c.Text, directive+"id "); ok {
				above[line(group.End())+1] = strings.TrimSpace(id)
			}
		}
	}
	ids := map[Call]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.ExprStmt, *ast.AssignStmt, *ast.DeclStmt, *ast.ReturnStmt:
			at := line(n.Pos())
			if name := called(n); name != "" && above[at] != "" {
				ids[Call{at, name}] = above[at]
			}
			delete(above, at) // of statements in one line it is the outer one's
		}
		return true
	})
	return ids
}

// called is the name of the first function of another package that a statement calls.
func called(stmt ast.Node) (name string) {
	ast.Inspect(stmt, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			fun := n.Fun
			switch x := fun.(type) { // of a function with type arguments
			case *ast.IndexExpr:
				fun = x.X
			case *ast.IndexListExpr:
				fun = x.X
			}
			if sel, ok := fun.(*ast.SelectorExpr); ok && name == "" {
				name = sel.Sel.Name
			}
		}
		return name == ""
	})
	return name
}
