package flow_test

import (
	"fmt"
	"go/ast"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/internal/analysis/casetest"
	"github.com/wfegen/wfe/internal/analysis/diag"
	"github.com/wfegen/wfe/internal/analysis/flow"
	"github.com/wfegen/wfe/internal/analysis/load"
)

// TestHazards_AreFoundWhereTheyAreAndNowhereElse looks for the findings that the files in testdata want, and for no other.
// What is wanted of a line stands behind it: // want CODE a part of the message | CODE another one.
func TestHazards_AreFoundWhereTheyAreAndNowhereElse(t *testing.T) {
	t.Parallel()
	dir := module(t, "testdata")
	got := map[string][]string{} // by line
	for _, d := range hazards(t, dir) {
		require.True(t, d.Pos.IsValid(), "%s: %s", d.Code, d.Message)
		require.NotEmpty(t, d.Message)
		if d.Level == diag.Error {
			require.NotEmpty(t, d.Hints, "%s: %s", d.Code, d.Message)
		}
		at := place(dir, d.Pos.Filename, d.Pos.Line)
		got[at] = append(got[at], string(d.Code)+" "+d.Message)
	}
	want := wanted(t, dir)
	for at, list := range want {
		for _, w := range list {
			code, part, _ := strings.Cut(w, " ")
			i := slices.IndexFunc(got[at], func(g string) bool { return strings.HasPrefix(g, code) && strings.Contains(g, part) })
			if i < 0 {
				t.Errorf("%s: not found: %s (there is %q)", at, w, got[at])
				continue
			}
			got[at] = slices.Delete(got[at], i, i+1)
		}
	}
	for at, list := range got {
		for _, g := range list {
			t.Errorf("%s: found, and not wanted: %s", at, g)
		}
	}
}

func place(dir, file string, line int) string {
	rel, err := filepath.Rel(dir, file)
	if err != nil {
		rel = file
	}
	return fmt.Sprintf("%s:%d", filepath.ToSlash(rel), line)
}

func wanted(t *testing.T, dir string) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	require.NoError(t, filepath.Walk(dir, func(path string, _ os.FileInfo, err error) error {
		if err != nil || filepath.Ext(path) != ".go" {
			return err
		}
		text, err := os.ReadFile(path)
		for i, line := range strings.Split(string(text), "\n") {
			if _, w, ok := strings.Cut(line, "// want "); ok {
				at := place(dir, path, i+1)
				for _, one := range strings.Split(w, " | ") {
					out[at] = append(out[at], strings.TrimSpace(one))
				}
			}
		}
		return err
	}))
	return out
}

// module copies a folder of packages to a module of its own, on the runtime as it is.
func module(t *testing.T, from string) string {
	t.Helper()
	root, err := filepath.Abs("../../..")
	require.NoError(t, err)
	dir, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	require.NoError(t, os.CopyFS(dir, os.DirFS(from)))
	sum, err := os.ReadFile(filepath.Join(root, "go.sum"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.sum"), sum, 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte(
		"module example.com/shop\n\ngo 1.26\n\nrequire github.com/wfegen/wfe v0.0.0\n\nreplace github.com/wfegen/wfe => "+root+"\n"), 0o644))
	return dir
}

// hazards are the findings in all functions marked //wfe:workflow of a module.
func hazards(t *testing.T, dir string) []diag.Diagnostic {
	t.Helper()
	p, err := load.Load(t.Context(), load.Config{Dir: dir, Patterns: []string{"./..."}, Env: casetest.Env()})
	require.NoError(t, err)
	var out []diag.Diagnostic
	var checked []load.Checked
	pure := map[string]bool{}
	for _, pkg := range p.Packages {
		c := p.Bodies(pkg)
		checked = append(checked, c)
		require.Empty(t, c.Errors)
		for _, f := range c.Files {
			for _, decl := range f.Syntax.Decls {
				if fn, ok := decl.(*ast.FuncDecl); ok && marked(fn, "pure") {
					pure[c.Info.Defs[fn.Name].(*types.Func).FullName()] = true
				}
			}
		}
	}
	for _, c := range checked {
		in := flow.Input{Fset: p.Fset, Info: c.Info, Pkg: c.Types, Pure: func(fn *types.Func) bool { return pure[fn.FullName()] }}
		for _, f := range c.Files {
			in.Files = append(in.Files, f.Syntax)
		}
		out = append(out, flow.Impure(in)...)
		for _, f := range c.Files {
			for _, decl := range f.Syntax.Decls {
				if fn, ok := decl.(*ast.FuncDecl); ok && marked(fn, "workflow") {
					in.Func = fn
					out = append(out, flow.Hazards(in)...)
				}
			}
		}
	}
	return diag.Sort(out)
}

func marked(fn *ast.FuncDecl, verb string) bool {
	if fn.Doc == nil {
		return false
	}
	return slices.ContainsFunc(fn.Doc.List, func(c *ast.Comment) bool { return strings.HasPrefix(c.Text, "//wfe:"+verb) })
}
