package codec_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/codec"
)

type roomy struct {
	Names []string
	Raw   []byte
	Deep  map[string][][]int
	Any   any
	At    *[]string
	held
}

type held struct{ Held []int }

func TestDecode_LeavesNoRoomBehindASlice(t *testing.T) {
	t.Parallel()
	full := func(t *testing.T, s any) {
		t.Helper()
		v := reflect.ValueOf(s)
		require.Equal(t, v.Len(), v.Cap())
	}
	t.Run("generated", func(t *testing.T) {
		t.Parallel()
		c := codec.New("numbers", 0, func(b []byte, v *[]int) ([]byte, error) { return b, nil },
			func(d *codec.Decoder, v *[]int) { codec.DecodeSlice(d, v, codec.DecodeInt) })
		var base []int
		require.NoError(t, c.Decode([]byte(`[1,2,3]`), &base))
		one, two := append(base, 4), append(base, 5)
		require.Equal(t, []int{1, 2, 3, 4}, one)
		require.Equal(t, []int{1, 2, 3, 5}, two)
		raw := codec.New("bytes", 0, func(b []byte, v *[]byte) ([]byte, error) { return b, nil }, codec.DecodeBytes[[]byte])
		var bytes []byte
		require.NoError(t, raw.Decode([]byte(`"YWI="`), &bytes))
		full(t, bytes)
	})
	t.Run("by encoding/json", func(t *testing.T) {
		t.Parallel()
		var v roomy
		require.NoError(t, codec.JSON[roomy]().Decode([]byte(
			`{"Names":["a","b","c"],"Raw":"YWI=","Deep":{"x":[[1],[2],[3]]},"Any":{"y":[1,2,3]},"At":["a"],"Held":[1,2,3]}`), &v))
		for _, s := range []any{v.Names, v.Raw, v.Deep["x"], v.Deep["x"][0], v.Any.(map[string]any)["y"], *v.At, v.Held} {
			full(t, s)
		}
	})
}

type dated struct {
	At    time.Time
	Next  *dated
	Times []time.Time
	By    map[string]time.Time
}

// A text with the offset of the machine's zone says nothing of that zone.
func TestDecode_GivesTheTimesOfAnyMachine(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC).In(time.Local)
	text := at.Format(`"2006-01-02T15:04:05-07:00"`)
	var parsed time.Time
	require.NoError(t, parsed.UnmarshalJSON([]byte(text)))
	require.Equal(t, time.Local, parsed.Location(), "as package time does it")
	_, offset := at.Zone()
	same := func(t *testing.T, got time.Time) {
		t.Helper()
		require.True(t, at.Equal(got))
		require.Equal(t, at.In(time.FixedZone("", offset)), got)
	}
	t.Run("generated", func(t *testing.T) {
		t.Parallel()
		c := codec.New("time", 0, func(b []byte, v *time.Time) ([]byte, error) { return codec.AppendTime(b, *v) }, codec.DecodeTime)
		var got time.Time
		require.NoError(t, c.Decode([]byte(text), &got))
		same(t, got)
		require.NoError(t, c.Decode([]byte(`"2026-07-01T12:00:00Z"`), &got))
		require.Equal(t, time.UTC, got.Location())
	})
	t.Run("by encoding/json", func(t *testing.T) {
		t.Parallel()
		var v dated
		require.NoError(t, codec.JSON[dated]().Decode([]byte(`{"At":`+text+`,"Next":{"At":`+text+`},"Times":[`+text+`],"By":{"a":`+text+`}}`), &v))
		for _, got := range []time.Time{v.At, v.Next.At, v.Times[0], v.By["a"]} {
			same(t, got)
		}
	})
}
