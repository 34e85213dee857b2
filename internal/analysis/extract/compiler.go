package extract

import (
	"go/ast"
	"go/token"
	"slices"

	"github.com/wfegen/wfe/internal/analysis/diag"
	"github.com/wfegen/wfe/internal/analysis/load"
)

// compilerErrors returns the errors of the first check that concern what is marked: those of files that cannot be parsed,
// and those in marked types and in the methods of these. Where a saved type has an error that lies elsewhere, it is one of
// those in the declarations that the package can reach. The rest is left to the second check: the generated code may mend
// it.
func compilerErrors(x *extraction) []diag.Diagnostic {
	var out []diag.Diagnostic
	spans := map[*load.Package][]span{}
	for _, m := range x.marked {
		spans[m.pkg] = m.spans()
	}
	direct := map[*load.Package]bool{}
	for _, e := range x.program.Errors {
		if !e.At.IsValid() || slices.ContainsFunc(spans[e.Package], func(s span) bool { return s.pos <= e.At && e.At < s.end }) {
			out = append(out, Compiler(e, diag.Error))
			direct[e.Package] = true
		}
	}
	for _, p := range x.invalid {
		for _, e := range x.program.Errors {
			if !direct[p] && e.At.IsValid() && reaches(x.program, p, e.Package) && !inFunction(e.Package, e.At) {
				out = append(out, Compiler(e, diag.Error))
			}
		}
	}
	return out
}

// inFunction reports whether a position is in the declaration of a function, on which no type depends.
func inFunction(pkg *load.Package, at token.Pos) bool {
	for _, f := range pkg.Files {
		for _, decl := range f.Syntax.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok && fn.Pos() <= at && at < fn.End() {
				return true
			}
		}
	}
	return false
}

// Compiler returns an error of the compiler as a finding.
func Compiler(e load.Error, level diag.Level) diag.Diagnostic {
	d := diag.Diagnostic{Level: level, Pos: e.Pos, Message: e.Message}
	for _, r := range e.Related {
		d.Related = append(d.Related, diag.Related{Pos: r.Pos, Message: r.Message})
	}
	return d
}

type span struct{ pos, end token.Pos }

// spans returns the places of marked types and of the methods that make them steps or are called when they are saved.
func (m *marked) spans() []span {
	var out []span
	names := map[string]bool{}
	for _, d := range m.decls {
		if d.Type != nil {
			names[d.name()] = true
			out = append(out, span{d.Type.Pos(), d.Type.End()})
		}
	}
	for _, f := range m.pkg.Files {
		for _, decl := range f.Syntax.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok && fn.Recv != nil && names[receiver(fn)] {
				switch fn.Name.Name {
				case "Run", "Undo", "MarshalJSON", "UnmarshalJSON", "MarshalText", "UnmarshalText":
					out = append(out, span{fn.Pos(), fn.Type.End()})
				}
			}
		}
	}
	return out
}

// receiver returns the name of the type that a method belongs to.
func receiver(fn *ast.FuncDecl) string {
	if len(fn.Recv.List) != 1 {
		return ""
	}
	typ := fn.Recv.List[0].Type
	for {
		switch t := typ.(type) {
		case *ast.StarExpr:
			typ = t.X
		case *ast.ParenExpr:
			typ = t.X
		case *ast.IndexExpr:
			typ = t.X
		case *ast.IndexListExpr:
			typ = t.X
		case *ast.Ident:
			return t.Name
		default:
			return ""
		}
	}
}

// reaches reports whether from is to or imports it.
func reaches(p *load.Program, from, to *load.Package) bool {
	if from == to {
		return true
	}
	if from.Types == nil {
		return false
	}
	for _, imported := range from.Types.Imports() {
		if next := p.Package(imported.Path()); next != nil && reaches(p, next, to) {
			return true
		}
	}
	return false
}
