package analysis_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/internal/analysis"
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
