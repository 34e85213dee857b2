package codeczoo

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/codec"
)

func TestDependenciesOfAStepAreNotRecorded(t *testing.T) {
	t.Parallel()
	s := Ship{carrier: 7, SKU: "tea", Codes: []string{"a"}}
	record, err := codecOfShip.Append(nil, &s)
	require.NoError(t, err)
	require.Equal(t, `{"SKU":"tea","Codes":["a"]}`, string(record))

	got := Ship{carrier: 8}
	require.NoError(t, codecOfShip.Decode([]byte(`{"sku":"tea","Codes":["a"],"carrier":1}`), &got))
	require.Equal(t, Ship{carrier: 8, SKU: "tea", Codes: []string{"a"}}, got)
}

func TestAValueThatHoldsItselfIsAnError(t *testing.T) {
	t.Parallel()
	knot := &Tree{Name: "knot"}
	knot.Left = &Tree{Children: []Tree{{By: map[string]*Tree{"up": knot}}}}
	_, err := codecOfZoo.Append(nil, &Zoo{Tree: knot})
	require.ErrorIs(t, err, codec.ErrDepth)
	require.ErrorContains(t, err, "Zoo.tree.Left.Children[0].By.up.Left.Children[0].By.up")
	_, err = codecOfForest.Append(nil, &Forest{*knot})
	require.ErrorIs(t, err, codec.ErrDepth)
}

func TestCodecsHaveTheFingerprintOfTheirType(t *testing.T) {
	t.Parallel()
	schemas := map[uint64]bool{}
	for _, schema := range []uint64{codecOfZoo.Schema, codecOfTree.Schema, codecOfShip.Schema} {
		require.NotZero(t, schema)
		schemas[schema] = true
	}
	require.Len(t, schemas, 3)
}
