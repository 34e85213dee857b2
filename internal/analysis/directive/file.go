package directive

import (
	"go/ast"
	"go/token"
	"strings"

	"github.com/wfegen/wfe/internal/analysis/diag"
)

// Attached is a declaration with its directives.
type Attached struct {
	Func       *ast.FuncDecl // the function, or nil
	Type       *ast.TypeSpec // the type, or nil
	Doc        *ast.CommentGroup
	Directives []*Directive // in order
}

// Find returns the declarations of a file that have directives, in order, and what is wrong with its //wfe: lines. The
// file was parsed with its comments. Of a file that only tests see, no directive counts.
func Find(fset *token.FileSet, file *ast.File) ([]Attached, []diag.Diagnostic) {
	r := &reader{fset: fset, file: file}
	test := strings.HasSuffix(fset.Position(file.FileStart).Filename, "_test.go")
	miss := missPattern()
	var groups []found
	for _, g := range file.Comments {
		var ds []*Directive
		for _, c := range g.List {
			switch {
			case strings.HasPrefix(c.Text, "//wfe:"):
				if test {
					r.report(inTestFile(r.span(c.Slash, c.End())))
				} else if d := r.parse(c); d != nil {
					ds = append(ds, d)
				}
			case isNearMiss(miss, c.Text):
				r.report(nearMiss(r.span(c.Slash, c.End()), corrected(c.Text)))
			}
		}
		if len(ds) > 0 {
			groups = append(groups, found{g, ds})
		}
	}
	return r.attach(groups), r.diags
}

type found struct {
	group      *ast.CommentGroup
	directives []*Directive
}

type reader struct {
	fset  *token.FileSet
	file  *ast.File
	diags []diag.Diagnostic
}

func (r *reader) report(d diag.Diagnostic) { r.diags = append(r.diags, d) }

// span is a piece of a line.
type span struct{ pos, end token.Position }

func (s span) both() (pos, end token.Position) { return s.pos, s.end }

func (r *reader) span(pos, end token.Pos) span {
	return span{r.fset.Position(pos), r.fset.Position(end)}
}

// attach gives each group of directives to the declaration whose doc comment it stands in.
func (r *reader) attach(groups []found) []Attached {
	var out []Attached
	for _, f := range groups {
		a, ok := r.declaration(f)
		if !ok {
			continue
		}
		if a.Directives = r.suiting(a, f.directives); len(a.Directives) == 0 {
			continue
		}
		if why := constraintOf(r.fset, r.file); why != "" {
			r.report(constrained(a.Directives[0], why))
		}
		out = append(out, a)
	}
	return out
}

// declaration finds what a group of directives is the doc comment of. When that can have none, it says so.
func (r *reader) declaration(f found) (Attached, bool) {
	for _, decl := range r.file.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			if decl.Doc == f.group {
				return Attached{Func: decl, Doc: decl.Doc}, true
			}
		case *ast.GenDecl:
			if decl.Doc == f.group {
				return r.general(decl, f)
			}
			for _, spec := range decl.Specs {
				if t, ok := spec.(*ast.TypeSpec); ok && t.Doc == f.group {
					r.each(f, func(d *Directive) diag.Diagnostic { return inTypeGroup(d, t.Name.Name) })
					return Attached{}, false
				}
			}
		}
	}
	place := r.place(f.group)
	r.each(f, func(d *Directive) diag.Diagnostic { return detached(d, place) })
	return Attached{}, false
}

func (r *reader) general(decl *ast.GenDecl, f found) (Attached, bool) {
	if decl.Tok != token.TYPE {
		r.each(f, func(d *Directive) diag.Diagnostic { return wrongDeclaration(d, "a "+decl.Tok.String()) })
		return Attached{}, false
	}
	if decl.Lparen.IsValid() || len(decl.Specs) != 1 {
		r.each(f, func(d *Directive) diag.Diagnostic { return inTypeGroup(d, "") })
		return Attached{}, false
	}
	return Attached{Type: decl.Specs[0].(*ast.TypeSpec), Doc: decl.Doc}, true
}

func (r *reader) each(f found, say func(*Directive) diag.Diagnostic) {
	for _, d := range f.directives {
		r.report(say(d))
	}
}

// suiting returns the directives that belong on a and do not contradict one another, and reports the rest.
func (r *reader) suiting(a Attached, ds []*Directive) []*Directive {
	var out []*Directive
	for _, d := range ds {
		verb, _ := verbNamed(d.Verb)
		switch {
		case verb.On == OnType && a.Type == nil:
			r.report(wrongDeclaration(d, "function "+a.Func.Name.Name))
		case verb.On == OnFunc && a.Func == nil:
			r.report(wrongDeclaration(d, "type "+a.Type.Name.Name))
		default:
			if other := conflict(out, d); other != nil {
				r.report(duplicateVerb(d, other))
				continue
			}
			out = append(out, d)
		}
	}
	return out
}

// conflict returns the directive that rules d out. A struct may be data and an event at once, a step is nothing else.
func conflict(earlier []*Directive, d *Directive) *Directive {
	for _, e := range earlier {
		if e.Verb == d.Verb || e.Verb == "step" || d.Verb == "step" {
			return e
		}
	}
	return nil
}

// place says where a detached group belongs: above the declaration behind which it stands, or the one that follows.
func (r *reader) place(g *ast.CommentGroup) string {
	line := func(pos token.Pos) int { return r.fset.Position(pos).Line }
	const anywhere = "put it directly above the declaration it is for"
	for _, decl := range r.file.Decls {
		name := declared(decl)
		switch {
		case decl.Pos() <= g.Pos() && g.End() <= decl.End():
			return anywhere
		case decl.End() <= g.Pos() && line(decl.End()) == line(g.Pos()) && name != "":
			return "put it directly above " + name
		case g.End() <= decl.Pos() && name != "":
			return "delete the blank line between it and " + name
		case g.End() <= decl.Pos():
			return anywhere
		}
	}
	return anywhere
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
