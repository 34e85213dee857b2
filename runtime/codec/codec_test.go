package codec_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/codec"
)

type parcel struct {
	ID    string
	Grams int `json:"grams"`
}

func TestAPayloadIsHeaderAndBody(t *testing.T) {
	t.Parallel()
	c := codec.JSON[parcel]()
	c.Schema = 0x0102030405060708
	payload, err := c.Marshal(&parcel{ID: "a", Grams: 3})
	require.NoError(t, err)
	require.Equal(t, "\x01\x01\x02\x03\x04\x05\x06\x07\x08"+`{"ID":"a","grams":3}`, string(payload))

	var got parcel
	require.NoError(t, c.Unmarshal(payload, &got))
	require.Equal(t, parcel{ID: "a", Grams: 3}, got)
}

func TestAPayloadOfAnotherSchemaIsDecoded(t *testing.T) {
	t.Parallel()
	payload := append(codec.AppendHeader(nil, codec.Header{Format: codec.FormatJSON, Schema: 99}), `{"grams":3,"new":[1]}`...)
	var got parcel
	require.NoError(t, codec.JSON[parcel]().Unmarshal(payload, &got))
	require.Equal(t, parcel{Grams: 3}, got)
}

func TestBytesThatAreNoPayloadAreRefused(t *testing.T) {
	t.Parallel()
	for name, payload := range map[string]string{
		"empty":          "",
		"cut short":      "\x01\x00\x00",
		"unknown format": "{\"ID\":\"a\"}",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got parcel
			require.ErrorIs(t, codec.JSON[parcel]().Unmarshal([]byte(payload), &got), codec.ErrPayload)
		})
	}
}

func TestAnErrorNamesTheFieldAndTheByte(t *testing.T) {
	t.Parallel()
	c := codec.JSON[map[string][]parcel]()
	var got map[string][]parcel
	err := c.Decode([]byte(`{"a":[{"ID":"x"},{"grams":"3"}]}`), &got)
	var fault *codec.Error
	require.ErrorAs(t, err, &fault)
	require.Equal(t, "decoding", fault.Op)
	require.Equal(t, "map[string][]codec_test.parcel.a[1].grams", fault.Path)
	var cause *json.UnmarshalTypeError
	require.ErrorAs(t, err, &cause)
}
