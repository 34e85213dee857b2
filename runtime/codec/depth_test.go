package codec_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/codec"
)

func TestNestingIsAsDeepAsInEncodingJSON(t *testing.T) {
	t.Parallel()
	for _, open := range []string{"[", `{"id":`} {
		shut := map[string]string{"[": "]", `{"id":`: "}"}[open]
		for _, depth := range []int{codec.MaxDepth, codec.MaxDepth + 1} {
			text := []byte(`{"unknown":` + strings.Repeat(open, depth-1) + "1" + strings.Repeat(shut, depth-1) + "}")
			var want, got order
			require.Equal(t, json.Unmarshal(text, &want) == nil, orderCodec().Decode(text, &got) == nil, "%q %d", open, depth)
			require.Equal(t, depth <= codec.MaxDepth, orderCodec().Decode(text, &got) == nil)
		}
	}
}
