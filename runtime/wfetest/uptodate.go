package wfetest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/wfegen/wfe/internal/source"
)

// UpToDate fails the test if a workflow of the package under test that is written as
// plain Go, or a function that is compiled with it, is not any more what wfegen has
// compiled: what runs on hosts would be something else than what Run runs. It reads
// the source in the working directory, which go test sets to that of the package.
//
//	func TestUpToDate(t *testing.T) { wfetest.UpToDate(t) }
func UpToDate(t testing.TB) {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatalf("wfetest: %v", err)
	}
	stale, err := staleIn(dir)
	if err != nil {
		t.Fatalf("wfetest: %v", err)
	}
	if len(stale) > 0 {
		t.Errorf("wfetest: what wfegen has compiled is not up to date: run go generate\n\t%s", strings.Join(stale, "\n\t"))
	}
}

// compiledFrom begins the line of a generated file that names a function and the
// hash of its source.
const compiledFrom = "// Compiled from "

// function is one of a package as its source has it.
type function struct {
	hash  string
	at    string
	plain bool // a workflow in plain Go
}

// staleIn says what of the package in a directory is not what was compiled.
func staleIn(dir string) (stale []string, err error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	slices.Sort(files)
	compiled := map[string]string{}
	found := map[string][]function{} // several under build constraints
	var names []string
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		src, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		for line := range strings.Lines(string(src)) {
			line, ok := strings.CutPrefix(strings.TrimSpace(line), compiledFrom)
			if of, hash, good := strings.Cut(strings.TrimSuffix(line, "."), ": "); ok && good {
				compiled[of] = hash
				names = append(names, of)
			}
		}
		if err := functionsIn(name, src, found); err != nil {
			return nil, err
		}
	}
	for _, name := range names {
		list, hash := found[name], compiled[name]
		switch {
		case len(list) == 0:
			stale = append(stale, name+" is not there any more")
		case !slices.ContainsFunc(list, func(f function) bool { return f.hash == hash }):
			stale = append(stale, fmt.Sprintf("%s: %s has changed", list[0].at, name))
		}
	}
	for name, list := range found {
		for _, f := range list {
			if _, ok := compiled[name]; f.plain && !ok {
				stale = append(stale, fmt.Sprintf("%s: %s was never compiled", f.at, name))
			}
		}
	}
	slices.Sort(stale)
	if len(names)+len(stale) == 0 {
		return nil, fmt.Errorf("there is no workflow in plain Go in %s, of which UpToDate could say anything", dir)
	}
	return stale, nil
}

// functionsIn adds the functions of a file to found, a method as Type.Method and as
// Method.
func functionsIn(name string, src []byte, found map[string][]function) error {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, filepath.Base(name), src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	for _, decl := range file.Decls {
		f, ok := decl.(*ast.FuncDecl)
		if !ok {
			continue
		}
		name := f.Name.Name
		is := function{source.Func(set, src, f), set.Position(f.Pos()).String(), isPlain(f)}
		found[name] = append(found[name], is)
		if f.Recv != nil && len(f.Recv.List) == 1 {
			name = base(f.Recv.List[0].Type) + "." + name
			found[name] = append(found[name], is)
		}
	}
	return nil
}

// base is the name of a receiver's type.
func base(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.StarExpr:
		return base(x.X)
	case *ast.ParenExpr:
		return base(x.X)
	case *ast.IndexExpr:
		return base(x.X)
	case *ast.IndexListExpr:
		return base(x.X)
	case *ast.Ident:
		return x.Name
	}
	return ""
}

// isPlain reports whether a function is marked as a workflow and takes a *Flow.
func isPlain(f *ast.FuncDecl) bool {
	if f.Doc == nil || len(f.Type.Params.List) == 0 {
		return false
	}
	marked := slices.ContainsFunc(f.Doc.List, func(c *ast.Comment) bool { return strings.HasPrefix(c.Text, "//wfe:workflow") })
	star, ok := f.Type.Params.List[0].Type.(*ast.StarExpr)
	if !ok || !marked {
		return false
	}
	switch x := star.X.(type) {
	case *ast.SelectorExpr:
		return x.Sel.Name == "Flow"
	case *ast.Ident:
		return x.Name == "Flow"
	}
	return false
}
