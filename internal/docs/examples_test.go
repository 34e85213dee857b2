package docs

import (
	"go/format"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/gen"
	"github.com/wfegen/wfe/internal/analysis"
	"github.com/wfegen/wfe/internal/analysis/diag"
	"github.com/wfegen/wfe/internal/analysis/directive"
	"github.com/wfegen/wfe/internal/analysis/examples"
	"github.com/wfegen/wfe/internal/analysis/load"
)

// all returns the examples by the folder in which they are run.
func all(t *testing.T) map[string]examples.Example {
	t.Helper()
	out := map[string]examples.Example{}
	for _, e := range diag.Explanations() {
		example, ok := examples.Code(e.Code)
		if e.Code.Ours() {
			require.False(t, ok, "%s: no source code is wrong there", e.Code)
			continue
		}
		require.True(t, ok && len(example.Wrong) > 0 && len(example.Right) > 0,
			"%s needs internal/analysis/examples/codes/%[1]s.txtar with a wrong and a right example", e.Code)
		out[strings.ToLower(string(e.Code))] = example
	}
	for _, v := range directive.Verbs() {
		example, ok := examples.Verb(v.Name)
		require.True(t, ok && len(example.Wrong) > 0 && len(example.Right) > 0,
			"//wfe:%s needs internal/analysis/examples/verbs/%[1]s.txtar with a wrong and a right example", v.Name)
		out[v.Name] = example
	}
	return out
}

// shop writes one side of all examples into a module and returns that.
func shop(t *testing.T, side func(examples.Example) []examples.File) (dir string) {
	t.Helper()
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	dir, err = filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	write(t, filepath.Join(dir, "go.sum"), read(t, filepath.Join(root, "go.sum")))
	write(t, filepath.Join(dir, "go.mod"), "module example.com/shop\n\ngo 1.26\n\nrequire github.com/wfegen/wfe v0.0.0\n\nreplace github.com/wfegen/wfe => "+root+"\n")
	for name, e := range all(t) {
		for _, f := range side(e) {
			write(t, filepath.Join(dir, name, f.Name), strings.ReplaceAll(f.Text, `"example.com/shop/`, `"example.com/shop/`+name+"/"))
		}
	}
	return dir
}

func env() []string {
	return append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOSUMDB=off", "GOWORK=off", "GOTOOLCHAIN=local")
}

// wrong is what is found in the wrong examples, by folder.
func wrong(t *testing.T) (dir string, found map[string][]diag.Diagnostic) {
	t.Helper()
	dir = shop(t, func(e examples.Example) []examples.File { return e.Wrong })
	r, err := analysis.Analyze(t.Context(), load.Config{Dir: dir, Patterns: []string{"./..."}, Env: env()})
	require.NoError(t, err)
	found = map[string][]diag.Diagnostic{}
	for _, d := range r.Diagnostics {
		rel, err := filepath.Rel(dir, d.Pos.Filename)
		require.NoError(t, err)
		name, _, _ := strings.Cut(filepath.ToSlash(rel), "/")
		found[name] = append(found[name], d)
	}
	return dir, found
}

// findings are the same as text.
func findings(t *testing.T) map[string][]string {
	t.Helper()
	dir, found := wrong(t)
	out := map[string][]string{}
	for name, ds := range found {
		var b strings.Builder
		require.NoError(t, diag.Printer{W: &b, Dir: filepath.Join(dir, name), Hints: true}.Print(ds))
		text := strings.ReplaceAll(b.String(), "example.com/shop/"+name+"/", "example.com/shop/")
		text = strings.ReplaceAll(text, "example.com/shop/"+name, "example.com/shop")
		out[name] = strings.Split(strings.TrimSpace(text), "\n")
	}
	return out
}

func TestEachWrongExampleHasItsFindingAndNoOther(t *testing.T) {
	t.Parallel()
	_, found := wrong(t)
	for name := range all(t) {
		require.NotEmpty(t, found[name], "%s: the wrong example is right", name)
		for _, d := range found[name] {
			if strings.HasPrefix(name, "wfe") {
				require.Equal(t, strings.ToUpper(name), string(d.Code), "%s: %s", name, d.Message)
			}
		}
	}
}

func TestExamplesAreFormatted(t *testing.T) {
	t.Parallel()
	for name, e := range all(t) {
		for _, f := range append(e.Wrong, e.Right...) {
			formatted, err := format.Source([]byte(f.Text))
			require.NoError(t, err)
			require.Equal(t, string(formatted), f.Text, "%s: %s", name, f.Name)
		}
	}
}

func TestEachRightExampleIsRightAndCompiles(t *testing.T) {
	t.Parallel()
	dir := shop(t, func(e examples.Example) []examples.File { return e.Right })
	r, err := gen.Check(t.Context(), gen.Config{Dir: dir, Patterns: []string{"./..."}, Env: env()})
	require.NoError(t, err)
	for _, d := range r.Diagnostics {
		t.Errorf("%s: %s [%s]", d.Pos, d.Message, d.Code)
	}
	require.Positive(t, r.Packages)
}
