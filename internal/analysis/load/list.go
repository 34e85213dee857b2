package load

import (
	"cmp"
	"context"
	"fmt"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/packages"
)

// list asks the go command for all but export data.
func (p *Program) list(ctx context.Context, s *scan, env []string) error {
	patterns := []string{RuntimePath, CodecPath, DefinitionPath}
	for _, dir := range s.directories() {
		rel, err := filepath.Rel(s.root, dir)
		if err != nil {
			return fmt.Errorf("wfe: %w", err)
		}
		patterns = append(patterns, "./"+filepath.ToSlash(rel))
	}
	roots, err := packages.Load(&packages.Config{
		Context: ctx, Dir: s.root, Env: env,
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedImports | packages.NeedDeps | packages.NeedModule,
	}, patterns...)
	if err != nil {
		return fmt.Errorf("wfe: go list: %w", err)
	}
	p.listed = map[string]*packages.Package{}
	packages.Visit(roots, nil, func(pkg *packages.Package) { p.listed[pkg.PkgPath] = pkg })
	for _, path := range patterns[:3] {
		pkg := p.listed[path]
		if pkg == nil {
			return runtimeMissing(path, refusal(ctx, s.root, env, path))
		}
		if len(pkg.GoFiles) == 0 {
			return runtimeMissing(path, problems(pkg))
		}
	}
	return nil
}

// problems is what the go command says about a package and what it imports.
func problems(root *packages.Package) string {
	if root == nil {
		return ""
	}
	var out []string
	packages.Visit([]*packages.Package{root}, nil, func(pkg *packages.Package) {
		for _, e := range pkg.Errors {
			text := strings.TrimPrefix(strings.TrimSpace(e.Msg), "# "+pkg.PkgPath+"\n")
			if e.Pos != "" && e.Pos != "-" {
				text = e.Pos + ": " + text
			}
			out = append(out, text)
		}
	})
	return strings.Join(out, "\n")
}

// refusal is why the go command lists nothing at all. Where export data is asked for, that is not said.
func refusal(ctx context.Context, dir string, env []string, path string) string {
	roots, err := packages.Load(&packages.Config{Context: ctx, Dir: dir, Env: env, Mode: packages.NeedName}, path)
	switch {
	case err != nil:
		_, said, found := strings.Cut(err.Error(), "stderr: ")
		if !found {
			said = err.Error()
		}
		return strings.TrimSpace(said)
	case len(roots) > 0:
		return problems(roots[0])
	}
	return ""
}

func runtimeMissing(path, why string) error {
	why = cmp.Or(why, "not found")
	if !strings.Contains(why, "go get") && !strings.Contains(why, "go mod tidy") {
		why += "\nadd the runtime to the module: go get " + RuntimePath
	}
	return fmt.Errorf("wfe: package %s is not there: %s", path, why)
}

// export has the go command build what the packages from source import, and says where its export data is. The packages
// themselves are not built: after a change that would take longer than all else, and most often in vain. Early is what is
// known already.
func (p *Program) export(ctx context.Context, early map[string]*packages.Package, env []string) error {
	needed := []string{RuntimePath, CodecPath, DefinitionPath}
	for _, pkg := range p.Packages {
		for _, imported := range imports(pkg) {
			if path := p.resolve(pkg, imported); p.needsExport(imported, path) && p.listed[path] != nil {
				needed = append(needed, path)
			}
		}
	}
	p.built = early
	missing := slices.DeleteFunc(needed, func(path string) bool { return p.source[path] != nil || p.exportFile(path) != "" })
	if slices.Sort(missing); len(missing) > 0 {
		maps.Copy(p.built, exported(ctx, p.root, env, slices.Compact(missing)))
	}
	for _, l := range p.built {
		if l.TypesSizes != nil { // all have the same
			p.sizes = l.TypesSizes
		}
	}
	return p.importable()
}

// exportFile is where the export data of a package is; "" is nowhere.
func (p *Program) exportFile(path string) string {
	if l := p.built[path]; l != nil {
		return l.ExportFile
	}
	return ""
}

// exported asks the go command to build packages and what they need. Without an answer there are none: what is the matter is said of those
// that are missed.
func exported(ctx context.Context, dir string, env, paths []string) map[string]*packages.Package {
	found, err := packages.Load(&packages.Config{
		Context: ctx, Dir: dir, Env: env,
		Mode: packages.NeedName | packages.NeedImports | packages.NeedDeps | packages.NeedExportFile | packages.NeedTypesSizes,
	}, paths...)
	out := map[string]*packages.Package{}
	if err != nil {
		return out
	}
	packages.Visit(found, nil, func(pkg *packages.Package) { out[pkg.PkgPath] = pkg })
	return out
}

// imports are the packages that those with directives most likely import, by what all files in their folders say.
func (s *scan) imports() []string {
	out := []string{RuntimePath, CodecPath, DefinitionPath}
	for _, dir := range s.directories() {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			continue // list says it
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			syntax, _ := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly) // what cannot be read is said later
			if syntax == nil {
				continue
			}
			for _, spec := range syntax.Imports {
				if path, err := strconv.Unquote(spec.Path.Value); err == nil && s.buildable(path) {
					out = append(out, path)
				}
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// buildable reports whether an import path can be given to the go command as what is to be built: it is no pattern and no
// package with directives.
func (s *scan) buildable(path string) bool {
	if path == "C" || path == "unsafe" || strings.ContainsAny(path, "=@") || strings.Contains(path, "...") || strings.HasPrefix(path, ".") ||
		slices.Contains([]string{"all", "cmd", "std", "tool", "work"}, path) {
		return false
	}
	dir := s.root
	if path != s.module {
		rest, ok := strings.CutPrefix(path, s.module+"/")
		if !ok {
			return true
		}
		dir = filepath.Join(s.root, filepath.FromSlash(rest))
	}
	return s.hits[dir] == nil || !s.hits[dir].any()
}

// needsExport reports whether a package that is imported is known by its export data.
func (p *Program) needsExport(imported, path string) bool {
	return imported != "C" && path != "unsafe" && p.source[path] == nil
}

// importable returns an error when a file imports what cannot be had: then there is no use in going on. What keeps several
// packages from loading is said once.
func (p *Program) importable() error {
	var reasons []string               // in the order of the packages
	importers := map[string][]string{} // by reason
	for _, pkg := range p.Packages {
		for _, imported := range imports(pkg) {
			path := p.resolve(pkg, imported)
			if !p.needsExport(imported, path) {
				continue
			}
			if p.exportFile(path) == "" {
				// Of two that import each other, the go command blames one.
				why := cmp.Or(problems(p.listed[path]), problems(p.listed[pkg.Path]), problems(p.built[path]), "no reason given")
				if importers[why] == nil {
					reasons = append(reasons, why)
				}
				importers[why] = append(importers[why], pkg.Path+" imports "+imported)
			}
		}
	}
	if len(reasons) == 0 {
		return nil
	}
	var out strings.Builder
	for _, why := range reasons {
		fmt.Fprintf(&out, "\n%s: %s", strings.Join(importers[why], ", "), why)
	}
	return fmt.Errorf("wfe: a package that is needed does not load:%s", out.String())
}
