package extract

import (
	"go/ast"
	"go/token"

	"github.com/wfegen/wfe/internal/analysis/directive"
	"github.com/wfegen/wfe/internal/analysis/load"
)

// marked is what is marked in a package.
type marked struct {
	pkg        *load.Package
	decls      []declaration
	statements []*directive.Directive // those above statements
	defaults   *directive.Directive   // of the package clause, or nil
}

// declaration is a type or function with its directives.
type declaration struct {
	directive.Attached
	file *load.File
}

func (d declaration) name() string {
	if d.Func != nil {
		return d.Func.Name.Name
	}
	return d.Type.Name.Name
}

// directive returns the declaration's directive with a verb, or nil.
func (d declaration) directive(verb string) *directive.Directive {
	for _, dir := range d.Directives {
		if dir.Verb == verb {
			return dir
		}
	}
	return nil
}

// types returns the declarations with a verb.
func (m *marked) types(verb string) []declaration {
	var out []declaration
	for _, d := range m.decls {
		if d.directive(verb) != nil {
			out = append(out, d)
		}
	}
	return out
}

// has reports whether the type or function with a name is marked with a verb.
func (m *marked) has(name, verb string) bool {
	for _, d := range m.decls {
		if d.name() == name && d.directive(verb) != nil {
			return true
		}
	}
	return false
}

func (m *marked) any() bool { return len(m.decls)+len(m.statements) > 0 }

// find reads the directives of a package.
func (x *extraction) find(pkg *load.Package) *marked {
	m := &marked{pkg: pkg}
	for _, f := range pkg.Files {
		found, diags := directive.Find(x.program.Fset, f.Syntax)
		x.diags = append(x.diags, diags...)
		for _, a := range found.Declarations {
			m.decls = append(m.decls, declaration{a, f})
		}
		if found.Defaults != nil && m.defaults != nil {
			x.report(secondDefaults(found.Defaults, m.defaults))
		} else if found.Defaults != nil {
			m.defaults = found.Defaults
		}
		m.statements = append(m.statements, found.Statements...)
		x.nolints = append(x.nolints, found.Nolints...)
	}
	for _, f := range pkg.Tests {
		_, diags := directive.Find(x.program.Fset, f.Syntax)
		x.diags = append(x.diags, diags...)
	}
	m.effect(x)
	return m
}

// effect reports directives that speak about something that is not there.
func (m *marked) effect(x *extraction) {
	if m.defaults != nil && len(m.types("step")) == 0 {
		x.report(noSteps(m.defaults))
	}
}

// docs collects the doc comments of all fields.
func docs(p *load.Program) map[token.Pos]string {
	out := map[token.Pos]string{}
	for _, pkg := range p.Packages {
		for _, f := range pkg.Files {
			ast.Inspect(f.Syntax, func(n ast.Node) bool {
				if s, ok := n.(*ast.StructType); ok {
					for _, field := range s.Fields.List {
						if field.Doc == nil && field.Comment == nil {
							continue
						}
						doc := field.Doc.Text()
						if doc == "" {
							doc = field.Comment.Text()
						}
						for _, name := range field.Names {
							out[name.Pos()] = doc
						}
					}
				}
				return true
			})
		}
	}
	return out
}
