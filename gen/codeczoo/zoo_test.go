package codeczoo

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/wfegen/wfe/runtime/codec"
)

// subject is a codec that is compared with encoding/json.
type subject struct {
	name    string
	compare func(t require.TestingT, seed uint64)
	decode  func(t require.TestingT, text []byte, seed uint64)
}

func subjects() []subject {
	return []subject{
		subjectOf("Zoo", codecOfZoo), subjectOf("Scalars", codecOfScalars), subjectOf("NamedScalars", codecOfNamedScalars),
		subjectOf("Lists", codecOfLists), subjectOf("Maps", codecOfMaps), subjectOf("Pointers", codecOfPointers),
		subjectOf("Omitted", codecOfOmitted), subjectOf("OmittedFirst", codecOfOmittedFirst),
		subjectOf("OmittedAll", codecOfOmittedAll), subjectOf("Quoted", codecOfQuoted), subjectOf("Own", codecOfOwn),
		subjectOf("Embedding", codecOfEmbedding), subjectOf("EmbedsLower", codecOfEmbedsLower),
		subjectOf("Names", codecOfNames), subjectOf("Tree", codecOfTree), subjectOf("Forest", codecOfForest),
		subjectOf("Foreign", codecOfForeign), subjectOf("Whisper", codecOfWhisper), subjectOf("Colour", codecOfColour),
		subjectOf("Other", codecOfOther), subjectOf("More", codecOfMore), subjectOf("Any", codecOfAny),
	}
}

func subjectOf[T any](name string, c codec.Codec[T]) subject {
	return subject{name,
		func(t require.TestingT, seed uint64) { compare(t, c, seed) },
		func(t require.TestingT, text []byte, seed uint64) { compareDecode(t, c, text, seed) },
	}
}

// value is a random value that depends on the seed only; the zero value for seed 0.
func value[T any](seed uint64) *T {
	v := new(T)
	if seed != 0 {
		fill(rand.New(rand.NewPCG(seed, 1)), reflect.ValueOf(v).Elem(), 4)
	}
	return v
}

// compare encodes a random value, and decodes that and what mutation makes of it.
func compare[T any](t require.TestingT, c codec.Codec[T], seed uint64) {
	want, wantErr := json.Marshal(value[T](seed))
	got, err := c.Append(nil, value[T](seed))
	if wantErr != nil {
		require.Error(t, err, "seed %d: encoding/json: %v", seed, wantErr)
		return
	}
	require.NoError(t, err, "seed %d", seed)
	require.Equal(t, string(want), string(got), "seed %d", seed)
	if c.Fields != nil {
		compareFields(t, c, want, seed)
	}

	compareDecode(t, c, want, 0)
	compareDecode(t, c, want, seed+1)
	r := rand.New(rand.NewPCG(seed, 2))
	for i := range uint64(4) {
		compareDecode(t, c, mutate(r, want), i*seed)
	}
}

// compareFields encodes a random value by its fields.
func compareFields[T any](t require.TestingT, c codec.Codec[T], want []byte, seed uint64) {
	v, got := value[T](seed), []byte{'{'}
	for i, name := range c.Fields {
		if i > 0 && got[len(got)-1] != ',' && got[len(got)-1] != '{' {
			got = append(got, ',')
		}
		start := len(got)
		got, _ = c.AppendField(got, v, i)
		if len(got) > start {
			require.Equal(t, string(codec.AppendString(nil, name))+":", string(got[start:min(start+len(codec.AppendString(nil, name))+1, len(got))]))
		}
	}
	if got[len(got)-1] == ',' {
		got = got[:len(got)-1]
	}
	require.Equal(t, string(want), string(got)+"}", "seed %d", seed)
}

// compareDecode decodes a text into two equal values, which depend on the seed.
func compareDecode[T any](t require.TestingT, c codec.Codec[T], text []byte, seed uint64) {
	want, got := value[T](seed), value[T](seed)
	wantErr := json.Unmarshal(text, want)
	err := c.Decode(text, got)
	if wantErr != nil {
		require.Error(t, err, "seed %d, text %q: encoding/json: %v", seed, text, wantErr)
		var fault *codec.Error
		require.ErrorAs(t, err, &fault)
		require.LessOrEqual(t, fault.Offset, len(text))
		return
	}
	require.NoError(t, err, "seed %d, text %q", seed, text)
	if !reflect.DeepEqual(want, got) {
		require.Equal(t, want, got, "seed %d, text %q", seed, text)
	}
}

// With -rapid.checks=5000 it compares 100,000 random values; each is decoded from itself and from mutations.
func TestGeneratedCodecsDoWhatEncodingJSONDoes(t *testing.T) {
	t.Parallel()
	for _, s := range subjects() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) { s.compare(t, rapid.Uint64().Draw(t, "seed")) })
		})
	}
}

func FuzzDecode(f *testing.F) {
	all := subjects()
	for i := range all {
		for _, text := range replacements {
			f.Add(byte(i), []byte(text), uint64(0))
		}
	}
	for seed := range uint64(5) {
		text, err := json.Marshal(value[Zoo](seed))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(byte(0), text, seed)
	}
	f.Fuzz(func(t *testing.T, which byte, text []byte, seed uint64) {
		all[int(which)%len(all)].decode(t, text, seed)
	})
}
