package codec_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/codec"
)

type label string

func TestExact_KeepsWhatJSONHasNoValueFor(t *testing.T) {
	t.Parallel()
	texts := codec.New("label", 0, func(b []byte, v *label) ([]byte, error) { return codec.AppendExactString(b, *v), nil }, codec.DecodeExactString)
	for v, want := range map[label]string{"": `""`, "plain <": `"plain \u003c"`, "NaN": `"NaN"`, "h\xc3": `["aMM="]`, "\xff": `["/w=="]`} {
		exact(t, texts, v, want)
	}
	floats := codec.New("float64", 0, func(b []byte, v *float64) ([]byte, error) { return codec.AppendExactFloat64(b, *v), nil }, codec.DecodeExactFloat64)
	for v, want := range map[float64]string{0: `0`, 1.5: `1.5`, math.Inf(1): `"+Inf"`, math.Inf(-1): `"-Inf"`, math.NaN(): `"NaN"`} {
		exact(t, floats, v, want)
	}
	exact(t, floats, math.Copysign(0, -1), `-0`)
	small := codec.New("float32", 0, func(b []byte, v *float32) ([]byte, error) { return codec.AppendExactFloat32(b, *v), nil }, codec.DecodeExactFloat32)
	for v, want := range map[float32]string{0.1: `0.1`, float32(math.Inf(-1)): `"-Inf"`} {
		exact(t, small, v, want)
	}

	for text, want := range map[string]string{`"1.5"`: "NaN", `true`: "boolean", `"`: "EOF"} {
		require.ErrorContains(t, floats.Decode([]byte(text), new(float64)), want)
	}
	for text, want := range map[string]string{`[]`: "an array of one string", `["YQ==","YQ=="]`: "an array of one string", `["?"]`: "base64", `[1]`: "base64", `["YQ=="`: "end of the array", `1`: "number"} {
		require.ErrorContains(t, texts.Decode([]byte(text), new(label)), want, text)
	}
	require.True(t, codec.NotZero(math.Copysign(0, -1)))
	require.True(t, codec.NotZero(float32(1)))
	require.False(t, codec.NotZero(0.0))
}

func exact[T any](t *testing.T, c codec.Codec[T], v T, want string) {
	t.Helper()
	b, err := c.Append(nil, &v)
	require.NoError(t, err)
	require.Equal(t, want, string(b))
	var got T
	require.NoError(t, c.Decode(b, &got), want)
	require.Equal(t, fmt.Sprintf("%#v", v), fmt.Sprintf("%#v", got))
}
