package wfe

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/codec"
	"github.com/wfegen/wfe/runtime/engine"
)

func TestLossy_CostsOnlyCodeThatWritesWhatJSONDoesNotBringBack(t *testing.T) {
	t.Parallel()
	type embedded struct{ In string }
	type data struct {
		N    int
		At   time.Time `json:"at"`
		Any  any
		List []int `json:"list,omitempty"`
		Text []string
		Own  string `json:"-"`
		embedded
	}
	of := func(names ...string) codec.Codec[data] {
		return codec.JSON[data]().WithFields(func(b []byte, _ *data, _ int) ([]byte, error) { return b, nil }, names...)
	}
	l := lossyOf(of("N", "at", "Any", "list", "Text", "In"))
	require.Nil(t, l.fields[0], "nothing is asked of a number")
	zone := time.FixedZone("X", 3600)
	fine := data{At: time.Now().UTC().Round(0), Any: 1.5, List: []int{1}, Text: []string{"é"}}
	for name, c := range map[string]struct {
		d     data
		field int
	}{
		"a zone":            {data{At: time.Now().In(zone)}, 1},
		"an int in an any":  {data{Any: 1}, 2},
		"an empty slice":    {data{List: []int{}}, 3},
		"half a character":  {data{Text: []string{"", "\xc3"}}, 4},
		"one in what is in": {data{embedded: embedded{"\xff"}}, 5},
		"what is no member": {data{Own: "x"}, -1},
	} {
		require.True(t, l.lost(reflect.ValueOf(c.d), engine.Fields{All: true}), name)
		for i := range l.fields {
			require.Equal(t, i == c.field || i == 5 && l.fields[5](reflect.ValueOf(c.d)), l.lost(reflect.ValueOf(c.d), engine.Fields{Some: []int{i}}), "%s %d", name, i)
			require.False(t, l.lost(reflect.ValueOf(fine), engine.Fields{Some: []int{i}}))
		}
		require.False(t, l.lost(reflect.ValueOf(c.d), engine.Fields{}))
	}
	require.False(t, l.lost(reflect.ValueOf(fine), engine.Fields{All: true}))

	type plain struct{ N int }
	require.Nil(t, lossyOf(codec.JSON[plain]()).whole)
	type vars struct{ Raw json.RawMessage }
	c := SavedCodec(codec.JSON[plain]().WithFields(func(b []byte, _ *plain, _ int) ([]byte, error) { return b, nil }, "N"), codec.JSON[vars]())
	require.Equal(t, lossy{fields: []codec.Loss{nil, nil}}, lossyOf(c), "variables are saved exactly")
}
