package analysis_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/internal/analysis"
	"github.com/wfegen/wfe/internal/analysis/diag"
	"github.com/wfegen/wfe/internal/analysis/load"
	"github.com/wfegen/wfe/internal/analysis/model"
	"github.com/wfegen/wfe/runtime/definition"
)

func TestThePlainFunctionOfTheOrderExampleAndTheBuilderSayTheSame(t *testing.T) {
	t.Parallel()
	r, err := analysis.Analyze(t.Context(), load.Config{Patterns: []string{"../../examples/order/pipeline"}})
	require.NoError(t, err)
	structures := map[bool]definition.Hash{}
	for _, pkg := range r.Packages {
		for _, w := range pkg.Workflows {
			structures[w.Plain] = structureOf(t, w)
		}
	}
	require.Len(t, structures, 2)
	require.Equal(t, structures[false], structures[true])
}

// structureOf is the structure of what a workflow builds, whatever it is called.
func structureOf(t *testing.T, w *model.Workflow) definition.Hash {
	require.NotNil(t, w.Graph, w.Func)
	d := *w.Graph.Definition
	d.Name = "pipeline"
	hash, err := d.Structure()
	require.NoError(t, err)
	return hash
}

func TestAWarningDoesNotKeepAWorkflowInPlainGoFromBeingCompiled(t *testing.T) {
	t.Parallel()
	dir, err := filepath.Abs("../../examples/order/pipeline")
	require.NoError(t, err)
	r, err := analysis.Analyze(t.Context(), load.Config{Dir: dir, Patterns: []string{"."}})
	require.NoError(t, err)
	file := filepath.Join(dir, "pipeline.go")
	src, err := os.ReadFile(file)
	require.NoError(t, err)
	changed := strings.Replace(string(src), "\t\t\twfe.End(w)\n", "\t\t\twfe.End(w)\n\t\t\to.Cents = 0\n", 1)
	require.NotEqual(t, string(src), changed)
	r, err = r.With(file, []byte(changed))
	require.NoError(t, err)
	require.Len(t, r.Diagnostics, 1)
	require.Equal(t, diag.Warning, r.Diagnostics[0].Level)
	for _, w := range r.Packages[0].Workflows {
		require.NotNil(t, w.Graph, w.Func)
	}
}
