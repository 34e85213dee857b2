package codec_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestAnOrderIsWrittenAndReadAsByEncodingJSON(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		o := sampleOrder()
		o.ID, o.Note = rapid.String().Draw(t, "id"), string(rapid.SliceOf(rapid.Byte()).Draw(t, "note"))
		o.Cents, o.Weight = rapid.Int64().Draw(t, "cents"), rapid.Float64().Draw(t, "weight")
		o.Tags = rapid.SliceOf(rapid.String()).Draw(t, "tags")
		o.Items = o.Items[:rapid.IntRange(0, len(o.Items)).Draw(t, "items")]
		want, err := json.Marshal(&o)
		require.NoError(t, err)
		got, err := orderCodec().Append([]byte("kept"), &o)
		require.NoError(t, err)
		require.Equal(t, "kept"+string(want), string(got))

		var wantBack, back order
		require.NoError(t, json.Unmarshal(want, &wantBack))
		require.NoError(t, orderCodec().Decode(want, &back))
		require.Equal(t, wantBack, back)
	})
}

func TestEncodingIntoABufferAllocatesNothing(t *testing.T) {
	o, c := sampleOrder(), orderCodec()
	buf := make([]byte, 0, 4096)
	require.Zero(t, testing.AllocsPerRun(100, func() {
		if _, err := c.AppendPayload(buf[:0], &o); err != nil {
			t.Fatal(err)
		}
	}))
}

func TestDecodedValuesKeepNoPartOfTheInput(t *testing.T) {
	t.Parallel()
	o := sampleOrder()
	text, err := json.Marshal(&o)
	require.NoError(t, err)
	var got order
	require.NoError(t, orderCodec().Decode(text, &got))
	for i := range text {
		text[i] = 'x'
	}
	require.Equal(t, o, got)
}

func TestShortStringsOfAValueShareMemory(t *testing.T) {
	o := sampleOrder()
	text, err := json.Marshal(&o)
	require.NoError(t, err)
	c, many := orderCodec(), 0
	for _, it := range o.Items {
		many += len([]string{it.SKU, it.Name})
	}
	require.Less(t, testing.AllocsPerRun(100, func() {
		var got order
		if err := c.Decode(text, &got); err != nil {
			t.Fatal(err)
		}
	}), float64(many))

	long := strings.Repeat("long ", 200)
	o.ID, o.Note, o.Customer = long, "after it", strings.Repeat("<&>", 20)
	text, err = json.Marshal(&o)
	require.NoError(t, err)
	var got order
	require.NoError(t, c.Decode(text, &got))
	require.Equal(t, o, got)
}

func FuzzOrder(f *testing.F) {
	o := sampleOrder()
	text, err := json.Marshal(&o)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(`{"ID":"a","itemſ":[null],"K":{"a":["\ud83d"]}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		want, got := sampleOrder(), sampleOrder()
		wantErr := json.Unmarshal(text, &want)
		err := orderCodec().Decode(text, &got)
		if wantErr != nil {
			require.Error(t, err, "encoding/json: %v", wantErr)
			return
		}
		require.NoError(t, err)
		require.Equal(t, want, got)
	})
}
