package gen

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/stretchr/testify/require"
	"golang.org/x/tools/txtar"

	"github.com/wfegen/wfe/internal/analysis/diag"
)

// TestCases runs testdata/gen_*.txtar. A case is the files of some packages, and sections "want: FILE" with what is to be
// generated, "want: declarations FILE" with its declarations one by one, "want: findings" with what is said. All cases are
// packages of one module, so that one go command compiles what came out; a case's imports begin with example.com/<case>.
func TestCases(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("../testdata/gen_*.txtar")
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	dir := module(t)
	var clean []string
	t.Run("first", func(t *testing.T) {
		for _, path := range paths {
			c := readCase(t, path)
			c.extract(t, dir)
			if c.section("findings") == nil {
				clean = append(clean, "./"+c.name+"/...")
			}
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				c.run(t, dir)
			})
		}
	})
	t.Run("a second run changes nothing", func(t *testing.T) {
		r, err := Generate(t.Context(), Config{Dir: dir, Patterns: []string{"./..."}, Env: environment()})
		require.NoError(t, err)
		for _, c := range r.Changes {
			rel, err := filepath.Rel(dir, c.Path)
			require.NoError(t, err)
			require.Equal(t, "gen_foreign/shop/wfe_gen.go", filepath.ToSlash(rel), "it was not asked for at first")
		}
	})
	t.Run("what was read is what is built", func(t *testing.T) {
		cmd := exec.CommandContext(t.Context(), "go", "run", "./gen_calls/run")
		cmd.Dir, cmd.Env = dir, environment()
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
	})
	t.Run("vet", func(t *testing.T) {
		for _, args := range [][]string{{"vet"}, {"build", "-o", os.DevNull}} {
			cmd := exec.CommandContext(t.Context(), "go", append(args, clean...)...)
			cmd.Dir, cmd.Env = dir, environment()
			out, err := cmd.CombinedOutput()
			require.NoError(t, err, "%s", out)
		}
	})
}

// module makes an empty module that uses the runtime of this one.
func module(t testing.TB) string {
	t.Helper()
	root, err := filepath.Abs("..")
	require.NoError(t, err)
	dir, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	require.NoError(t, err)
	writeFile(t, filepath.Join(dir, "go.sum"), string(sums))
	writeFile(t, filepath.Join(dir, "go.mod"), fmt.Sprintf(
		"module example.com\n\ngo 1.26\n\nrequire github.com/wfegen/wfe v0.0.0\n\nreplace github.com/wfegen/wfe => %s\n", root))
	return dir
}

func environment() []string {
	return append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOSUMDB=off", "GOWORK=off", "GOTOOLCHAIN=local")
}

func writeFile(t testing.TB, name, text string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
	require.NoError(t, os.WriteFile(name, []byte(text), 0o644))
}

// generatorCase is one file of testdata.
type generatorCase struct {
	name, path string
	archive    *txtar.Archive
}

func readCase(t *testing.T, path string) *generatorCase {
	t.Helper()
	archive, err := txtar.ParseFile(path)
	require.NoError(t, err)
	return &generatorCase{strings.TrimSuffix(filepath.Base(path), ".txtar"), path, archive}
}

func (c *generatorCase) section(name string) *txtar.File {
	for i := range c.archive.Files {
		if c.archive.Files[i].Name == "want: "+name {
			return &c.archive.Files[i]
		}
	}
	return nil
}

// extract writes the case's files into the module.
func (c *generatorCase) extract(t *testing.T, dir string) {
	t.Helper()
	for _, f := range c.archive.Files {
		if !strings.HasPrefix(f.Name, "want: ") {
			writeFile(t, filepath.Join(dir, c.name, filepath.FromSlash(f.Name)), string(f.Data))
		}
	}
}

// patterns are those behind "patterns:" in the case's comment, else all of the case.
func (c *generatorCase) patterns() []string {
	out := []string{"./" + c.name + "/..."}
	for line := range strings.Lines(string(c.archive.Comment)) {
		if rest, ok := strings.CutPrefix(line, "patterns:"); ok {
			out = nil
			for _, p := range strings.Fields(rest) {
				out = append(out, "./"+c.name+strings.TrimPrefix(p, "."))
			}
		}
	}
	return out
}

func (c *generatorCase) run(t *testing.T, dir string) {
	r, err := Generate(t.Context(), Config{Dir: dir, Patterns: c.patterns(), Env: environment()})
	require.NoError(t, err)
	var said bytes.Buffer
	require.NoError(t, diag.Printer{W: &said, Dir: filepath.Join(dir, c.name), Source: r.Source}.Print(r.Diagnostics))
	c.compare(t, "findings", said.String())
	files := map[string]bool{}
	for i := range c.archive.Files {
		file, ok := strings.CutPrefix(c.archive.Files[i].Name, "want: ")
		if !ok || !strings.HasSuffix(file, FileName) {
			continue
		}
		name, declarations := strings.CutPrefix(file, "declarations ")
		files[name] = true
		src, err := os.ReadFile(filepath.Join(dir, c.name, filepath.FromSlash(name)))
		require.NoError(t, err)
		if declarations {
			c.compare(t, file, strings.Join(declared(t, src), "\n")+"\n")
			continue
		}
		c.compare(t, file, string(src))
		formatted, err := format.Source(src)
		require.NoError(t, err)
		require.Equal(t, string(formatted), string(src), "gofmt would change it")
	}
	require.Len(t, r.Changes, len(files), "a file was written that the case says nothing of")
}

func (c *generatorCase) compare(t *testing.T, section, got string) {
	t.Helper()
	f := c.section(section)
	if f == nil {
		require.Empty(t, got)
		return
	}
	if !*update {
		if changed := diff.Diff("want", f.Data, "got", []byte(got)); changed != nil {
			t.Errorf("%s, section %q (go test ./gen -update accepts what came out)\n%s", c.path, section, changed)
		}
		return
	}
	f.Data = []byte(got)
	require.NoError(t, os.WriteFile(c.path, txtar.Format(c.archive), 0o644))
}

// declared lists what a file declares, and which comments in it are directives.
func declared(t *testing.T, src []byte) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), FileName, src, parser.ParseComments|parser.SkipObjectResolution)
	require.NoError(t, err)
	var out []string
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			name := d.Name.Name
			if d.Recv != nil {
				name = "(" + sourceOf(src, d.Recv.List[0].Type) + ")." + name
			}
			out = append(out, "func "+name)
		case *ast.GenDecl:
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.ImportSpec:
					out = append(out, "import "+s.Path.Value)
				case *ast.TypeSpec:
					out = append(out, "type "+s.Name.Name)
				case *ast.ValueSpec:
					for _, n := range s.Names {
						out = append(out, d.Tok.String()+" "+n.Name)
					}
				}
			}
		}
	}
	for _, group := range file.Comments {
		for _, comment := range group.List {
			if s := comment.Text; s != "//" && !strings.HasPrefix(s, "// ") && !strings.HasPrefix(s, "//\t") {
				out = append(out, "comment "+comment.Text)
			}
		}
	}
	return out
}

func sourceOf(src []byte, n ast.Node) string {
	return string(src[n.Pos()-1 : n.End()-1])
}
