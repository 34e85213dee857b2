package load

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAPackageWithDirectivesIsNotBuilt(t *testing.T) {
	t.Parallel()
	p, err := Load(t.Context(), Config{Dir: "../../../examples", Patterns: []string{"./..."}})
	require.NoError(t, err)
	requested := 0
	for _, pkg := range p.Packages { // the runtime, which is of this module too, is built for what it declares
		if pkg.Requested {
			requested++
			require.Empty(t, p.exportFile(pkg.Path), pkg.Path)
		}
	}
	require.NotZero(t, requested)
	require.NotEmpty(t, p.exportFile("context"))
	require.NotNil(t, p.sizes)
}

func TestOnlyImportPathsAreAskedFor(t *testing.T) {
	t.Parallel()
	root := tree(t, map[string]string{"go.mod": "module example.com/m\n", "a/a.go": hit, "b/b.go": "package b\n"})
	s, err := scanPatterns(root, []string{"./..."})
	require.NoError(t, err)
	for path, want := range map[string]bool{
		"context": true, "example.com/m/b": true, "example.com/other": true, "example.com/m": true, "example.com/mother": true,
		"example.com/m/a": false, "C": false, "unsafe": false, "all": false, "std": false, "./...": false, "example.com/...": false,
		"./b": false, "file=x.go": false, "example.com/x@latest": false,
	} {
		require.Equal(t, want, s.buildable(path), path)
	}
}
