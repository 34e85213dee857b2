package directive

import (
	"go/ast"
	"go/token"
	"strings"

	"github.com/wfegen/wfe/internal/analysis/diag"
)

// File is what the directives of a file say. All are in order.
type File struct {
	Declarations []Attached   // types and functions that have some
	Defaults     *Directive   // that of the package clause, or nil
	Statements   []*Directive // those above statements
	Nolints      []Nolint
}

// Attached is a declaration with its directives.
type Attached struct {
	Func       *ast.FuncDecl // the function, or nil
	Type       *ast.TypeSpec // the type, or nil
	Doc        *ast.CommentGroup
	Directives []*Directive // in order
}

// Nolint is a directive that silences a warning.
type Nolint struct {
	*Directive
	Code diag.Code
	Line int // about which line: its own when it stands behind something, else the one below its comment
}

// Find returns what the directives of a file say, and what is wrong with its //wfe: lines. The file was parsed with its
// comments. Of a file that only tests see, no directive counts.
func Find(fset *token.FileSet, file *ast.File) (File, []diag.Diagnostic) {
	r := &reader{fset: fset, file: file}
	test := strings.HasSuffix(fset.PositionFor(file.FileStart, false).Filename, "_test.go")
	for _, g := range file.Comments {
		var ds []*Directive
		for _, c := range g.List {
			if strings.HasPrefix(c.Text, "//wfe:") {
				if test {
					r.report(inTestFile(r.span(c.Slash, c.End())))
				} else if d := r.parse(c); d != nil {
					ds = append(ds, d)
				}
			} else if m, ok := missed(c.Text); ok {
				r.missedAt(c, m)
			}
		}
		if ds = r.nolints(g, ds); len(ds) > 0 {
			r.attach(found{g, ds})
		}
	}
	return r.out, r.diags
}

type found struct {
	group      *ast.CommentGroup
	directives []*Directive
}

type reader struct {
	fset  *token.FileSet
	file  *ast.File
	out   File
	diags []diag.Diagnostic
}

func (r *reader) report(d diag.Diagnostic) { r.diags = append(r.diags, d) }

// span is a piece of a line.
type span struct{ pos, end token.Position }

func (s span) both() (pos, end token.Position) { return s.pos, s.end }

// span is where something truly stands: a //line comment may send a compiler's readers elsewhere, but a fix is made here.
func (r *reader) span(pos, end token.Pos) span {
	return span{r.fset.PositionFor(pos, false), r.fset.PositionFor(end, false)}
}

func (r *reader) line(pos token.Pos) int { return r.fset.PositionFor(pos, false).Line }

// nolints takes those out of the directives of a group, which stand anywhere.
func (r *reader) nolints(g *ast.CommentGroup, ds []*Directive) []*Directive {
	var rest []*Directive
	for _, d := range ds {
		if d.Verb != "nolint" {
			rest = append(rest, d)
			continue
		}
		line := r.line(g.End()) + 1
		if r.behind(g) {
			line = d.Pos.Line
		}
		r.out.Nolints = append(r.out.Nolints, Nolint{d, diag.Code(d.Text("code")), line})
	}
	return rest
}

// behind reports whether something stands before a comment on its line.
func (r *reader) behind(g *ast.CommentGroup) bool {
	is := false
	ast.Inspect(r.file, func(n ast.Node) bool {
		switch n.(type) {
		case nil, *ast.Comment, *ast.CommentGroup:
			return false
		}
		if n.Pos() < g.Pos() && r.line(n.Pos()) == r.line(g.Pos()) || n.End() <= g.Pos() && r.line(n.End()) == r.line(g.Pos()) {
			is = true
		}
		return !is
	})
	return is
}

// attach gives a group of directives to what it stands above.
func (r *reader) attach(f found) {
	if f.group == r.file.Doc {
		r.clause(f)
		return
	}
	if stmt := r.statement(f.group); stmt {
		f.directives = r.ids(f)
	}
	if len(f.directives) == 0 {
		return
	}
	a, ok := r.declaration(f)
	if !ok {
		return
	}
	if a.Directives = r.suiting(a, f.directives); len(a.Directives) == 0 {
		return
	}
	if why := constraintOf(r.fset, r.file); why != "" {
		r.report(constrained(a.Directives[0], why))
	}
	r.out.Declarations = append(r.out.Declarations, a)
}

// clause takes the directives above the package clause.
func (r *reader) clause(f found) {
	for _, d := range f.directives {
		verb, _ := verbNamed(d.Verb)
		switch {
		case verb.On != OnPackage:
			r.report(wrongDeclaration(d, "package "+r.file.Name.Name))
		case r.out.Defaults != nil:
			r.report(duplicateVerb(d, r.out.Defaults))
		default:
			r.out.Defaults = d
			if why := constraintOf(r.fset, r.file); why != "" {
				r.report(constrained(d, why))
			}
		}
	}
}

// ids takes those directives of a group above a statement that belong there, and returns the others.
func (r *reader) ids(f found) []*Directive {
	var rest []*Directive
	var first *Directive
	for _, d := range f.directives {
		verb, _ := verbNamed(d.Verb)
		switch {
		case verb.On != OnStatement:
			rest = append(rest, d)
		case first != nil:
			r.report(duplicateVerb(d, first))
		default:
			first = d
			d.Above = r.line(f.group.End()) + 1
			r.out.Statements = append(r.out.Statements, d)
		}
	}
	return rest
}

// statement reports whether a comment stands directly above a statement.
func (r *reader) statement(g *ast.CommentGroup) bool {
	is := false
	ast.Inspect(r.file, func(n ast.Node) bool {
		if stmt, ok := n.(ast.Stmt); ok && stmt.Pos() > g.End() && r.line(stmt.Pos()) == r.line(g.End())+1 {
			is = true
		}
		return !is && (n == nil || n.End() > g.Pos())
	})
	return is
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
	for _, d := range f.directives {
		place, fix := r.place(f.group, d)
		r.report(detached(d, place, fix))
	}
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
		on, what := OnFunc, "function "
		name := a.Func
		if a.Type != nil {
			on, what = OnType, "type "+a.Type.Name.Name
		} else {
			what += name.Name.Name
		}
		if verb.On != on {
			r.report(wrongDeclaration(d, what))
		} else if other := conflict(out, d); other != nil {
			r.report(duplicateVerb(d, other))
		} else {
			out = append(out, d)
		}
	}
	return out
}

// conflict returns the directive that rules d out. A struct may be data and an event at once, nothing else is two things.
func conflict(earlier []*Directive, d *Directive) *Directive {
	both := map[string]bool{"data": true, "event": true}
	for _, e := range earlier {
		if e.Verb == d.Verb || !both[e.Verb] || !both[d.Verb] {
			return e
		}
	}
	return nil
}
