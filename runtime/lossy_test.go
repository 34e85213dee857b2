package wfe

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/codec"
	"github.com/wfegen/wfe/runtime/engine"
)

func TestLossy_CostsOnlyCodeThatWritesWhatJSONDoesNotBringBack(t *testing.T) {
	t.Parallel()
	type embedded struct{ In int }
	type data struct {
		N    int
		At   time.Time `json:"at"`
		Any  any
		List []int `json:"list,omitempty"`
		embedded
	}
	of := func(names ...string) codec.Codec[data] {
		return codec.JSON[data]().WithFields(func(b []byte, _ *data, _ int) ([]byte, error) { return b, nil }, names...)
	}
	l := lossyOf(of("N", "at", "Any", "list", "In"))
	require.Equal(t, lossy{any: true, fields: []bool{false, false, true, true, true}}, l)
	require.False(t, l.written(engine.Fields{}))
	require.False(t, l.written(engine.Fields{Some: []int{0, 1}}))
	require.True(t, l.written(engine.Fields{Some: []int{0, 2}}))
	require.True(t, l.written(engine.Fields{All: true}), "also what is no member at all")

	type plain struct{ N int }
	require.False(t, lossyOf(codec.JSON[plain]()).written(engine.Fields{All: true}))
	type vars struct{ Raw json.RawMessage }
	c := SavedCodec(codec.JSON[plain]().WithFields(func(b []byte, _ *plain, _ int) ([]byte, error) { return b, nil }, "N"), codec.JSON[vars]())
	require.Equal(t, lossy{any: true, fields: []bool{false, true}}, lossyOf(c))
}
