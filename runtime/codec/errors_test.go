package codec_test

import (
	"encoding/json"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/codec"
)

func TestADecodingErrorNamesTheFieldTheByteAndTheCause(t *testing.T) {
	t.Parallel()
	for input, want := range map[string]string{
		`{"id":"a","items":[{"qty":1},{"qty":1.5}]}`: "order.items[1].qty: at byte 36: number 1.5 is not an integer",
		`{"items":[{"qty":99999999999999999999}]}`:   "order.items[0].qty: at byte 17: number 99999999999999999999 does not fit 64 bits",
		`{"address":{"zip":7}}`:                      "order.address.zip: at byte 18: found a number, want a string",
		`{"tags":["a",null,[]]}`:                     "order.tags[2]: at byte 18: found an array, want a string",
		`{"other":{"a":[1,{"b":tru}]}}`:              "order.other.a[1].b: at byte 22: found 't', want true",
		`{"placed":"yesterday"}`:                     `order.placed: at byte 10: parsing time "yesterday"`,
		`[]`:                                         "order: at byte 0: found an array, want an object",
		`{"id":"a"} {}`:                              "order: at byte 11: there is more after the value",
		`{"id":"a"`:                                  "order.id: at byte 9: want a comma or the end of the object: unexpected EOF",
		"{\"id\":\"a\x01\"}":                         "order.id: at byte 8: control character in a string",
		`{"id":"\q"}`:                                "order.id: at byte 7: invalid escape in a string",
		``:                                           "order: at byte 0: want an object: unexpected EOF",
		strings.Repeat(`{"a":`, 40) + "]":            "order" + strings.Repeat(".a", 32) + "...: at byte 200: found ']', want a value",
	} {
		var got order
		require.ErrorContains(t, orderCodec().Decode([]byte(input), &got), "codec: decoding "+want, input)
	}
}

func TestAnErrorAtTheEndOfTheInputIsUnexpectedEOF(t *testing.T) {
	t.Parallel()
	var got order
	require.ErrorIs(t, orderCodec().Decode([]byte(`{"items":[`), &got), io.ErrUnexpectedEOF)
}

func TestAnEncodingErrorNamesTheField(t *testing.T) {
	t.Parallel()
	o := sampleOrder()
	o.Weight = math.NaN()
	_, err := orderCodec().Marshal(&o)
	require.EqualError(t, err, "codec: encoding order.weight: NaN is not a number in JSON")

	o = sampleOrder()
	o.Placed = time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)
	_, err = orderCodec().Append([]byte("before"), &o)
	var fault *codec.Error
	require.ErrorAs(t, err, &fault)
	require.Equal(t, "order.placed", fault.Path)
	require.Equal(t, -1, fault.Offset)
}

type broken struct{}

var errBroken = errors.New("broken")

func (broken) MarshalJSON() ([]byte, error)  { return nil, errBroken }
func (broken) MarshalText() ([]byte, error)  { return nil, errBroken }
func (*broken) UnmarshalJSON([]byte) error   { return errBroken }
func (*broken) UnmarshalText(b []byte) error { return errBroken }

type garbage struct{}

func (garbage) MarshalJSON() ([]byte, error) { return []byte("{]"), nil }

func TestErrorsOfOwnMarshallersAreWrapped(t *testing.T) {
	t.Parallel()
	_, err := codec.AppendMarshaler(nil, broken{})
	require.ErrorIs(t, err, errBroken)
	_, err = codec.AppendTextMarshaler(nil, broken{})
	require.ErrorIs(t, err, errBroken)
	_, err = codec.AppendMarshaler(nil, garbage{})
	require.ErrorContains(t, err, "codec_test.garbage.MarshalJSON: not JSON: at byte 1")

	asJSON := codec.New("v", 0, nil, func(d *codec.Decoder, v *broken) { codec.DecodeUnmarshaler(d, v) })
	require.ErrorIs(t, asJSON.Decode([]byte("1"), new(broken)), errBroken)
	asText := codec.New("v", 0, nil, func(d *codec.Decoder, v *broken) { codec.DecodeTextUnmarshaler(d, v) })
	require.ErrorIs(t, asText.Decode([]byte(`"1"`), new(broken)), errBroken)
}

func TestWithFields_AnErrorNamesTheField(t *testing.T) {
	t.Parallel()
	type reading struct {
		Room   string
		Values []float64
	}
	c := codec.New("reading", 1, nil, func(*codec.Decoder, *reading) {}).
		WithFields(func(b []byte, v *reading, i int) ([]byte, error) {
			return codec.AppendSlice(append(b, `"Values":`...), v.Values, func(b []byte, v *float64) ([]byte, error) { return codec.AppendFloat64(b, *v) })
		}, "Room", "Values")
	_, err := c.AppendField([]byte("before"), &reading{Values: []float64{1, math.NaN()}}, 1)
	require.ErrorContains(t, err, "codec: encoding reading.Values[1]: ")
}

func TestJSON_SaysWhereWhatCannotBeEncodedIs(t *testing.T) {
	t.Parallel()
	nan := math.NaN()
	for want, v := range map[string]deep{
		"codec: encoding deep.F: NaN is not a number in JSON":                           {F: nan},
		"codec: encoding deep.Grid[1][1]: +Inf is not a number in JSON":                 {Grid: [2][]float64{1: {1, math.Inf(1)}}},
		"codec: encoding deep.ByKey.b: NaN is not a number in JSON":                     {ByKey: map[string]float64{"a": 1, "c": nan, "b": nan}},
		"codec: encoding deep.Next.At: Time.AppendText: year outside of range [0,9999]": {Next: &deep{At: time.Date(12026, 1, 1, 0, 0, 0, 0, time.UTC)}},
		"codec: encoding deep.Any.x[0]: NaN is not a number in JSON":                    {Any: map[string]any{"x": []any{nan}}},
		"codec: encoding deep.Pair.B: NaN is not a number in JSON":                      {Pair: struct{ A, B float64 }{B: nan}},
		`codec: encoding deep.Num: "x" is not a number in JSON`:                         {Num: "x"},
		"codec: encoding deep.Raw: not JSON: at byte 0: found 'x', want a value":        {Raw: json.RawMessage("x")},
	} {
		_, err := codec.JSON[deep]().Append(nil, &v)
		require.EqualError(t, err, want)
	}
}
