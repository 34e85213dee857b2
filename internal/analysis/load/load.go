package load

import (
	"context"
	"errors"
	"fmt"
	"go/parser"
	"go/scanner"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/packages"
)

// Load reads the packages that the patterns match as far as they have directives, and what lies between them. Errors of
// the source code are in the program; an error returned means that there is nothing to work with. Without any directive
// the program has no packages, and the go command is not asked.
func Load(ctx context.Context, c Config) (*Program, error) {
	dir, err := filepath.Abs(c.Dir)
	if err != nil {
		return nil, fmt.Errorf("wfe: working directory: %w", err)
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return nil, fmt.Errorf("wfe: working directory: %w", err)
	}
	s, err := scanPatterns(dir, c.Patterns)
	if err != nil {
		return nil, err
	}
	p := &Program{Fset: token.NewFileSet(), Ours: s.ours, root: s.root, source: map[string]*Package{}}
	if len(s.directories()) == 0 {
		return p, nil
	}
	early := make(chan map[string]*packages.Package, 1)
	go func() { early <- exported(ctx, s.root, c.Env, s.imports()) }()
	err = p.list(ctx, s, c.Env)
	found := <-early
	if err != nil {
		return nil, err
	}
	if err := p.parse(s); err != nil {
		return nil, err
	}
	if err := p.order(); err != nil {
		return nil, err
	}
	if err := p.export(ctx, found, c.Env); err != nil {
		return nil, err
	}
	return p, p.declarations()
}

// With returns the program with other contents of one of its files. The go command is not asked again: what the file
// imports has to be what something in the program imports.
func (p *Program) With(name string, src []byte) (*Program, error) {
	next := &Program{
		Fset: p.Fset, Ours: p.Ours, root: p.root, source: map[string]*Package{}, listed: p.listed, built: p.built, exports: p.exports, sizes: p.sizes,
		instead: map[string][]byte{name: src},
	}
	for _, pkg := range p.Packages {
		again, err := next.read(p.listed[pkg.Path])
		if err != nil {
			return nil, err
		}
		again.Requested, again.Marked, again.Tests = pkg.Requested, pkg.Marked, pkg.Tests
		next.source[pkg.Path] = again
	}
	if err := next.order(); err != nil {
		return nil, err
	}
	if err := next.importable(); err != nil {
		return nil, err
	}
	return next, next.declarations()
}

// parse reads the packages that have directives, and those of the main module that import one of these, at any distance.
func (p *Program) parse(s *scan) error {
	var paths []string
	for path := range p.listed {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	for _, path := range paths {
		if err := p.parseMarked(s, p.listed[path]); err != nil {
			return err
		}
	}
	if err := p.parseForeign(paths); err != nil {
		return err
	}
	for _, path := range paths {
		if p.source[path] == nil && p.dependsOnSource(p.listed[path], map[*packages.Package]bool{}) {
			pkg, err := p.read(p.listed[path])
			if err != nil {
				return err
			}
			p.source[path] = pkg
		}
	}
	return nil
}

// parseForeign reads the directives of other modules in packages that those with directives import. What these declare is
// known from export data, and what is wrong there is not this module's business.
func (p *Program) parseForeign(paths []string) error {
	seen := map[string]bool{}
	for _, path := range paths {
		if p.source[path] == nil {
			continue
		}
		for _, l := range p.listed[path].Imports {
			if l.Module == nil || l.Module.Main || seen[l.PkgPath] || l.PkgPath == RuntimePath {
				continue
			}
			seen[l.PkgPath] = true
			if err := p.readForeign(l); err != nil {
				return err
			}
		}
	}
	slices.SortFunc(p.Foreign, func(a, b *Package) int { return strings.Compare(a.Path, b.Path) })
	return nil
}

func (p *Program) readForeign(l *packages.Package) error {
	pkg := &Package{Path: l.PkgPath, Name: l.Name, Dir: l.Dir, Marked: true}
	for _, name := range l.GoFiles {
		src, err := os.ReadFile(name)
		if err != nil {
			return fmt.Errorf("wfe: %w", err)
		}
		if IsOurs(name, src) || !HasDirective(src) {
			continue
		}
		if syntax, err := parser.ParseFile(p.Fset, name, src, parser.ParseComments|parser.SkipObjectResolution); err == nil {
			pkg.Files = append(pkg.Files, &File{Name: name, Src: src, Syntax: syntax})
		}
	}
	if len(pkg.Files) > 0 {
		p.Foreign = append(p.Foreign, pkg)
	}
	return nil
}

func (p *Program) parseMarked(s *scan, l *packages.Package) error {
	if l.Module == nil || !l.Module.Main {
		return nil
	}
	hits := s.hits[l.Dir]
	if hits == nil {
		hits = &found{}
		for _, name := range l.GoFiles {
			src, err := os.ReadFile(name)
			if err != nil {
				return fmt.Errorf("wfe: %w", err)
			}
			if !IsOurs(name, src) && HasDirective(src) {
				hits.files = append(hits.files, name)
			}
		}
		if !hits.any() {
			return nil
		}
		return p.add(l, hits, false)
	}
	if !hits.any() {
		return nil
	}
	return p.add(l, hits, true)
}

func (p *Program) add(l *packages.Package, hits *found, requested bool) error {
	pkg, err := p.read(l)
	if err != nil {
		return err
	}
	pkg.Requested, pkg.Marked = requested, true
	for _, name := range hits.tests {
		f, err := p.file(pkg, name)
		if err != nil {
			return err
		}
		if f.Syntax != nil {
			pkg.Tests = append(pkg.Tests, f)
		}
	}
	p.source[pkg.Path] = pkg
	return nil
}

func (p *Program) dependsOnSource(l *packages.Package, seen map[*packages.Package]bool) bool {
	if seen[l] {
		return false
	}
	seen[l] = true
	for _, dep := range l.Imports {
		if p.source[dep.PkgPath] != nil || p.dependsOnSource(dep, seen) {
			return true
		}
	}
	return false
}

// read parses the files of a package that are not ours.
func (p *Program) read(l *packages.Package) (*Package, error) {
	pkg := &Package{Path: l.PkgPath, Name: l.Name, Dir: l.Dir}
	if l.Module != nil && l.Module.GoVersion != "" {
		pkg.goVersion = "go" + l.Module.GoVersion
	}
	for _, name := range l.GoFiles {
		f, err := p.file(pkg, name)
		if err != nil {
			return nil, err
		}
		if f.Syntax != nil && f.Syntax.Name.Name != "" { // without a name it could not be parsed at all
			pkg.Files = append(pkg.Files, f)
		}
	}
	if len(pkg.Files) == 0 {
		return pkg, nil
	}
	pkg.Name = pkg.Files[0].Syntax.Name.Name
	for _, f := range pkg.Files {
		if f.Syntax.Name.Name != pkg.Name {
			return nil, fmt.Errorf("wfe: found packages %s (%s) and %s (%s) in %s", pkg.Name, filepath.Base(pkg.Files[0].Name),
				f.Syntax.Name.Name, filepath.Base(f.Name), pkg.Dir)
		}
	}
	return pkg, nil
}

// file parses one file. Its syntax errors become errors of the program.
func (p *Program) file(pkg *Package, name string) (*File, error) {
	src, ok := p.instead[name]
	if !ok {
		var err error
		if src, err = os.ReadFile(name); err != nil {
			return nil, fmt.Errorf("wfe: %w", err)
		}
	}
	f := &File{Name: name, Src: src}
	if IsOurs(name, src) {
		return f, nil
	}
	var err error
	f.Syntax, err = parser.ParseFile(p.Fset, name, src, parser.ParseComments|parser.SkipObjectResolution)
	if err == nil {
		return f, nil
	}
	var list scanner.ErrorList
	if !errors.As(err, &list) {
		return nil, fmt.Errorf("wfe: %w", err)
	}
	if strings.HasSuffix(name, "_test.go") {
		return f, nil // the go command will say it; here it only might hide a misplaced directive
	}
	for _, e := range list {
		if f.Syntax != nil && f.Syntax.FileStart.IsValid() { // the true place, whatever a //line says
			start := p.Fset.File(f.Syntax.FileStart)
			e.Pos = start.PositionFor(start.Pos(min(e.Pos.Offset, start.Size())), false)
		}
		p.Errors = append(p.Errors, Error{Package: pkg, Pos: e.Pos, Message: e.Msg})
	}
	return f, nil
}

// order sorts the packages so that each comes after what it imports.
func (p *Program) order() error {
	var paths []string
	for path := range p.source {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	state := map[string]int{} // 1 begun, 2 done
	var visit func(path string) error
	visit = func(path string) error {
		pkg := p.source[path]
		switch {
		case pkg == nil || state[path] == 2:
			return nil
		case state[path] == 1:
			return fmt.Errorf("wfe: import cycle through %s", path)
		}
		state[path] = 1
		for _, imported := range imports(pkg) {
			if err := visit(p.resolve(pkg, imported)); err != nil {
				return err
			}
		}
		state[path] = 2
		p.Packages = append(p.Packages, pkg)
		return nil
	}
	for _, path := range paths {
		if err := visit(path); err != nil {
			return err
		}
	}
	return nil
}

// resolve returns the path of the package that a file of pkg means by an import path.
func (p *Program) resolve(pkg *Package, imported string) string {
	if l := p.listed[pkg.Path].Imports[imported]; l != nil {
		return l.PkgPath
	}
	return imported
}

// imports returns the import paths of a package, sorted.
func imports(pkg *Package) []string {
	var out []string
	for _, f := range pkg.Files {
		for _, spec := range f.Syntax.Imports {
			if path, err := strconv.Unquote(spec.Path.Value); err == nil {
				out = append(out, path)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
