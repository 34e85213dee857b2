package load

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/types"
	"strings"
)

// declarations is the first check: what is declared, without bodies and without generated files.
func (p *Program) declarations() error {
	if p.exports == nil {
		p.exports = &exports{fset: p.Fset, built: p.built, read: map[string]*types.Package{}}
	}
	checked := map[string]*types.Package{}
	for _, pkg := range p.Packages {
		c := p.check(pkg, nil, checked, newInfo(), true)
		pkg.Types, pkg.Info = c.Types, c.Info
		p.Errors = append(p.Errors, c.Errors...)
	}
	var err error
	if p.Runtime = checked[RuntimePath]; p.Runtime == nil {
		if p.Runtime, err = p.exports.load(RuntimePath); err != nil {
			return fmt.Errorf("wfe: reading %s: %w", RuntimePath, err)
		}
	}
	return nil
}

// Checked is a package of which the bodies are checked.
type Checked struct {
	*Package
	Types  *types.Package
	Info   *types.Info
	Errors []Error
}

// Generated is a file that is not on disk, or not with these contents.
type Generated struct {
	Name string // absolute
	Src  []byte
}

// Recheck is the second check: all packages again, with bodies, and with a generated file more for the packages that are
// named by import path. It returns what is wrong, changes nothing in the program and may be called again.
func (p *Program) Recheck(generated map[string]Generated) []Error {
	var out []Error
	checked := map[string]*types.Package{}
	for _, pkg := range p.Packages {
		var more []*ast.File
		if g, ok := generated[pkg.Path]; ok {
			file, err := parser.ParseFile(p.Fset, g.Name, g.Src, parser.SkipObjectResolution)
			var list scanner.ErrorList
			if errors.As(err, &list) {
				out = append(out, Error{Package: pkg, Pos: list[0].Pos, Message: list[0].Msg, Generated: true})
			}
			more = append(more, file)
		}
		out = append(out, p.check(pkg, more, checked, nil, false).Errors...)
	}
	return out
}

// Bodies returns what is known about the bodies of a package without its generated file. Names that this would declare
// are not resolved in it, everything else is.
func (p *Program) Bodies(pkg *Package) Checked {
	checked := map[string]*types.Package{}
	for _, other := range p.Packages {
		if other != pkg {
			checked[other.Path] = other.Types
		}
	}
	return p.check(pkg, nil, checked, newInfo(), false)
}

func newInfo() *types.Info {
	return &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
		Selections: map[*ast.SelectorExpr]*types.Selection{}, Instances: map[*ast.Ident]types.Instance{},
		Implicits: map[ast.Node]types.Object{},
	}
}

// check checks one package and adds it to checked. What it finds out goes to info, unless that is nil.
func (p *Program) check(pkg *Package, generated []*ast.File, checked map[string]*types.Package, info *types.Info, declarations bool) Checked {
	c := Checked{Package: pkg, Info: info}
	files := make([]*ast.File, 0, len(pkg.Files)+1)
	for _, f := range pkg.Files {
		files = append(files, f.Syntax)
	}
	own := map[string]bool{}
	for _, f := range generated {
		own[p.Fset.PositionFor(f.FileStart, false).Filename] = true
		files = append(files, f)
	}
	conf := types.Config{
		Importer: importer{p, pkg, checked}, Sizes: p.sizes, GoVersion: pkg.goVersion,
		IgnoreFuncBodies: declarations, FakeImportC: true,
		Error: func(err error) {
			var e types.Error
			if !errors.As(err, &e) {
				return
			}
			pos := p.Fset.PositionFor(e.Pos, false)
			// "\tother declaration of X" belongs to the error before it.
			if more, ok := strings.CutPrefix(e.Msg, "\t"); ok && len(c.Errors) > 0 {
				last := &c.Errors[len(c.Errors)-1]
				last.Related = append(last.Related, Related{Pos: pos, Message: more})
				return
			}
			c.Errors = append(c.Errors, Error{Package: pkg, At: e.Pos, Pos: pos, Message: e.Msg, Generated: own[pos.Filename]})
		},
	}
	c.Types, _ = conf.Check(pkg.Path, p.Fset, files, c.Info) // errors go to conf.Error
	checked[pkg.Path] = c.Types
	return c
}
