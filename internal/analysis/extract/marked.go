package extract

import (
	"go/ast"
	"go/token"

	"github.com/wfegen/wfe/internal/analysis/directive"
	"github.com/wfegen/wfe/internal/analysis/load"
)

// marked is what is marked in a package.
type marked struct {
	pkg   *load.Package
	decls []declaration
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

func (m *marked) any() bool { return len(m.decls) > 0 }

// find reads the directives of a package.
func (x *extraction) find(pkg *load.Package) *marked {
	m := &marked{pkg: pkg}
	for _, f := range pkg.Files {
		attached, diags := directive.Find(x.program.Fset, f.Syntax)
		x.diags = append(x.diags, diags...)
		for _, a := range attached {
			m.decls = append(m.decls, declaration{a, f})
		}
	}
	for _, f := range pkg.Tests {
		_, diags := directive.Find(x.program.Fset, f.Syntax)
		x.diags = append(x.diags, diags...)
	}
	return m
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
