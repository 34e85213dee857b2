package codeczoo

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/codec"
	"github.com/wfegen/wfe/runtime/instance"
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

func TestAnArtifactIsTextThatAStoreFindsIn(t *testing.T) {
	t.Parallel()
	digest := "sha256:" + strings.Repeat("0a", 32)
	f := Foreign{File: wfe.Artifact{Digest: digest, Size: 3, Name: "a.txt"}, Files: map[string][]*wfe.Artifact{"x": {nil, {Digest: digest}}}}
	text, err := codecOfForeign.Append(nil, &f)
	require.NoError(t, err)
	require.Contains(t, string(text), `"File":{"digest":"`+digest+`","size":3,"name":"a.txt"},"Files":{"x":[null,{"digest":"`+digest+`","size":0}]}`)
	found := 0
	instance.Digests(text, func(d string) {
		require.Equal(t, digest, d)
		found++
	})
	require.Equal(t, 2, found)
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
