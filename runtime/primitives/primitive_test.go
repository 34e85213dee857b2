package primitives_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/primitives"
)

func TestFor_KnowsEveryKindButSteps(t *testing.T) {
	t.Parallel()
	for _, kind := range []definition.Kind{definition.If, definition.ForEach, definition.Parallel, definition.Saga,
		definition.WaitFor, definition.Child, definition.Poll, definition.Delay, definition.End, definition.While, definition.Decide, definition.Set,
		definition.Schedule, definition.Recur} {
		b, err := primitives.For(kind)
		require.NoError(t, err)
		require.NotNil(t, b)
	}
	_, err := primitives.For(definition.Step)
	require.ErrorContains(t, err, `no behaviour for a node of kind "step"`)
}
