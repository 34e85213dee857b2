package docs

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/internal/analysis/diag"
	"github.com/wfegen/wfe/internal/analysis/examples"
)

// A block of code that names a file of this repository, as in "```go examples/guide/if.go",
// shows that file without its package clause and imports.
var block = regexp.MustCompile("(?ms)^```go ((?:examples|runtime|otelwfe)/\\S+)\n.*?^```$")

// A block that names a code, as in "```go wrong WFE4012", shows what is wrong, or right,
// in the example of that code: without its types and their methods.
var sample = regexp.MustCompile("(?ms)^```go (wrong|right) (WFE\\d{4})\n.*?^```$")

func TestAPageShowsCodeThatIsRun(t *testing.T) {
	t.Parallel()
	shown := map[string]bool{}
	_, said := wrong(t)
	for _, file := range pages(t) {
		old := read(t, file)
		if !block.MatchString(old) {
			continue // it may be written by another test at this moment
		}
		want := sample.ReplaceAllStringFunc(old, func(b string) string {
			m := sample.FindStringSubmatch(b)
			example, ok := examples.Code(diag.Code(m[2]))
			require.True(t, ok, "%s: %s has no example", file, m[2])
			if m[1] == "right" {
				return "```go right " + m[2] + "\n" + gist(t, example.Right) + "```"
			}
			found := said[strings.ToLower(m[2])]
			require.NotEmpty(t, found, m[2])
			return "```go wrong " + m[2] + "\n// wfegen: " + found[0].Message + "\n" + gist(t, example.Wrong) + "```"
		})
		page(t, file, block.ReplaceAllStringFunc(want, func(b string) string {
			path := block.FindStringSubmatch(b)[1]
			shown[path] = true
			return "```go " + path + "\n" + body(t, filepath.Join("../..", path)) + "```"
		}))
	}
	files, err := filepath.Glob("../../examples/guide/*.go")
	require.NoError(t, err)
	for _, f := range files {
		path := strings.TrimPrefix(filepath.ToSlash(f), "../../")
		switch filepath.Base(f) {
		case "steps.go", "guide_test.go", "built_test.go", "plain_test.go", "wfe_gen.go": // what the others share
			continue
		}
		require.True(t, shown[path], "%s is on no page", path)
	}
}

// gist is the functions and variables of an example.
func gist(t *testing.T, files []examples.File) string {
	t.Helper()
	var out []string
	for _, file := range files {
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, file.Name, file.Text, parser.ParseComments)
		require.NoError(t, err)
		for _, d := range f.Decls {
			from, to := d.Pos(), d.End()
			var doc *ast.CommentGroup
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Name.Name == "Run" || d.Name.Name == "Undo" {
					continue
				}
				doc = d.Doc
			case *ast.GenDecl:
				if d.Tok != token.VAR && d.Tok != token.CONST {
					continue
				}
				doc = d.Doc
			}
			if doc != nil && !strings.HasPrefix(doc.List[0].Text, "//wfe:workflow") {
				from = doc.Pos()
			}
			out = append(out, file.Text[fset.Position(from).Offset:fset.Position(to).Offset]+"\n")
		}
	}
	return strings.Join(out, "\n")
}

// body is a file without its package clause and imports.
func body(t *testing.T, file string) string {
	t.Helper()
	text := read(t, file)
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, file, text, parser.ImportsOnly)
	require.NoError(t, err)
	end := f.Name.End()
	for _, d := range f.Decls {
		if g, ok := d.(*ast.GenDecl); ok {
			end = g.End()
		}
	}
	return strings.TrimLeft(text[fset.Position(end).Offset:], "\n")
}

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
	fence   = regexp.MustCompile("(?ms)^```.*?^```")
)

func TestEveryLinkLeadsSomewhere(t *testing.T) {
	t.Parallel()
	linked := map[string]bool{}
	for _, file := range append(pages(t), "../../README.md", "../../ARCHITECTURE.md", "../../CONTRIBUTING.md") {
		for _, m := range link.FindAllStringSubmatch(fence.ReplaceAllString(read(t, file), ""), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			path, anchor, _ := strings.Cut(m[1], "#")
			target := file
			if path != "" {
				target = filepath.Join(filepath.Dir(file), path)
			}
			_, err := os.Stat(target)
			require.NoError(t, err, "%s links to %s", file, m[1])
			if anchor != "" {
				require.Contains(t, anchors(t, target), anchor, "%s links to %s", file, m[1])
			}
			if filepath.Clean(file) == filepath.Clean("../../docs/README.md") {
				linked[filepath.Clean(target)] = true
			}
		}
	}
	for _, file := range pages(t) {
		require.True(t, strings.HasSuffix(file, "docs/README.md") || linked[filepath.Clean(file)], "docs/README.md does not lead to %s", file)
	}
}

// anchors are the headings of a page as a link names them.
func anchors(t *testing.T, file string) (out []string) {
	t.Helper()
	for _, m := range heading.FindAllStringSubmatch(fence.ReplaceAllString(read(t, file), ""), -1) {
		name := regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(strings.ToLower(m[1]), "")
		out = append(out, strings.ReplaceAll(name, " ", "-"))
	}
	return out
}

// pages are all pages below docs.
func pages(t *testing.T) (out []string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir("../../docs", func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".md") {
			out = append(out, path)
		}
		return err
	}))
	return out
}
