package codec_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/codec"
)

type label string

type kept struct {
	Text  string  `json:"Text,omitzero" wfe:"exact"`
	Label label   `json:"Label,omitzero" wfe:"exact"`
	Best  float64 `json:"Best,omitzero" wfe:"exact"`
	Small float32 `json:"Small,omitzero" wfe:"exact"`
	List  []int   `json:"List,omitzero"`
}

func TestJSON_SavesVariablesThatAreTaggedExact(t *testing.T) {
	t.Parallel()
	c := codec.JSON[kept]()
	for _, v := range []kept{
		{},
		{Text: "plain", Label: "x", Best: 1.5, Small: 2, List: []int{1}},
		{Text: "h\xc3", Label: "\xff", Best: math.Inf(1), Small: float32(math.Inf(-1)), List: []int{}},
		{Text: "NaN", Best: math.Inf(-1)},
		{Best: math.Copysign(0, -1), Text: "x"},
		{Best: math.NaN(), Label: "[]"},
	} {
		b, err := c.Append(nil, &v)
		require.NoError(t, err)
		var got kept
		require.NoError(t, c.Decode(b, &got), "%s", b)
		require.Equal(t, fmt.Sprintf("%#v", v), fmt.Sprintf("%#v", got), "%s", b)
	}
	var got kept
	require.ErrorContains(t, c.Decode([]byte(`{"Best":"1.5"}`), &got), "Best")
	require.ErrorContains(t, c.Decode([]byte(`{"Text":["a","b"]}`), &got), "Text")
}
