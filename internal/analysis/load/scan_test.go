package load

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// tree writes files and returns their directory.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	for name, text := range files {
		path := filepath.Join(root, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	return root
}

const hit = "package p\n\n//wfe:data\ntype D struct{}\n"

func TestPatternsMatchAsThoseOfTheGoCommand(t *testing.T) {
	t.Parallel()
	root := tree(t, map[string]string{
		"go.mod": "// a comment\nmodule example.com/m // another\n", "a/a.go": hit, "a/b/b.go": hit, "c/c.go": "package c // wfe, not marked\n",
		"testdata/x.go": hit, "vendor/x/x.go": hit, ".git/x.go": hit, "_old/x.go": hit, "nested/go.mod": "module n\n", "nested/x.go": hit,
		"e/e_test.go": hit, "f/wfe_gen.go": Header + "\n\npackage f\n", "a/wfe_gen.go": Header + "\n" + hit,
	})
	for _, c := range []struct {
		dir      string
		patterns []string
		want     []string
	}{
		{"", nil, nil},
		{"", []string{"./..."}, []string{"a", "a/b", "e"}},
		{"", []string{"./a"}, []string{"a"}},
		{"a", nil, []string{"a"}},
		{"a", []string{"./..."}, []string{"a", "a/b"}},
		{"a", []string{"../e", "."}, []string{"a", "e"}},
		{"c", []string{"example.com/m/a/..."}, []string{"a", "a/b"}},
		{"", []string{"example.com/m/..."}, []string{"a", "a/b", "e"}},
		{"", []string{filepath.Join(root, "a", "b")}, []string{"a/b"}},
	} {
		s, err := scanPatterns(filepath.Join(root, c.dir), c.patterns)
		require.NoError(t, err)
		var got []string
		for _, dir := range s.directories() {
			rel, err := filepath.Rel(root, dir)
			require.NoError(t, err)
			got = append(got, filepath.ToSlash(rel))
		}
		require.Equal(t, c.want, got, "%v in %q", c.patterns, c.dir)
	}
	s, err := scanPatterns(root, []string{"./..."})
	require.NoError(t, err)
	require.Equal(t, []string{filepath.Join(root, "a/wfe_gen.go"), filepath.Join(root, "f/wfe_gen.go")}, s.ours)
}

func TestAPatternThatCannotBeMatchedIsAnErrorWithARemedy(t *testing.T) {
	t.Parallel()
	root := tree(t, map[string]string{"go.mod": "module example.com/m\n", "a/a.go": hit})
	for pattern, want := range map[string]string{
		"a":          "write ./a",
		"./nothing":  "no such file",
		"./a/a.go":   "takes packages",
		"../...":     "outside of the module",
		"./.../a":    "last element",
		"fmt":        "not in module example.com/m",
		"./a...":     "last element",
		"other.com/": "not in module",
	} {
		_, err := scanPatterns(root, []string{pattern})
		require.ErrorContains(t, err, want, pattern)
	}
	_, err := scanPatterns(string(filepath.Separator), nil)
	require.ErrorContains(t, err, "go mod init")
}

func TestDirectivesAreFoundInCommentsOnly(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"//wfe:step": true, "// wfe:step": true, "\t//+wfe:step": true, "x int //wfe:step": true, "/* wfe:step */": true,
		"//WFE:step": true, `errors.New("wfe: x")`: false, "// see wfe: x": false, "wfe:": false, "": false,
	} {
		require.Equal(t, want, HasDirective([]byte("package p\n"+text+"\n")), text)
	}
}
