package flow

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTheTableHasWhatTheRuntimeHas compares the table with the exported functions of the runtime whose first parameter is
// the *wfe.Flow.
func TestTheTableHasWhatTheRuntimeHas(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("../../../runtime/*.go")
	require.NoError(t, err)
	var have []string
	for _, name := range names {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, decl := range f.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok || fn.Recv != nil || !fn.Name.IsExported() || len(fn.Type.Params.List) == 0 {
				continue
			}
			if star, ok := fn.Type.Params.List[0].Type.(*ast.StarExpr); ok {
				if id, ok := star.X.(*ast.Ident); ok && id.Name == "Flow" {
					have = append(have, fn.Name.Name)
				}
			}
		}
	}
	slices.Sort(have)
	require.Equal(t, slices.Sorted(maps.Keys(calls())), have)
}
