package secret

import (
	"bytes"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

type token string

type tree struct {
	Name string
	PIN  token `json:"pin" wfe:"secret"`
	Left *tree
}

type vault struct {
	Plain  string
	Text   string                `wfe:"secret"`
	Octets []byte                `wfe:"out,secret"`
	Fixed  [4]byte               `wfe:"secret"`
	Number int64                 `wfe:"secret"`
	Any    any                   `wfe:"secret"`
	Map    map[string]string     `wfe:"secret"`
	Struct struct{ A, B string } `wfe:"secret"`
	Trees  []tree
	Index  map[string]*tree
}

func TestRedact_FindsWhateverIsInATaggedField(t *testing.T) {
	t.Parallel()
	v := &vault{Plain: "shown", Text: "text-1", Octets: []byte("octets-2"), Fixed: [4]byte{'f', 'i', 'x', '3'}, Number: 424242, Any: "any-5",
		Map: map[string]string{"key-6": "value-7"}, Trees: []tree{{Name: "oak", PIN: "pin-8", Left: &tree{PIN: "pin-9"}}},
		Index: map[string]*tree{"x": {PIN: "pin-10"}}}
	v.Struct.B = "inner-12"
	v.Trees[0].Left.Left = &v.Trees[0] // a cycle
	for _, s := range []string{"text-1", "octets-2", "fix3", "424242", "any-5", "key-6", "value-7", "pin-8", "pin-9", "pin-10", "inner-12"} {
		require.Equal(t, "a ["+Mask+"] b", Redact("a ["+s+"] b", v), s)
	}
	require.Equal(t, "shown oak x", Redact("shown oak x", v))
}

func TestRedact_FindsASecretHoweverItIsQuoted(t *testing.T) {
	t.Parallel()
	v := struct {
		S string `wfe:"secret"`
	}{"p@ss \"word\"/é<\n"}
	for name, text := range map[string]string{
		"plain": v.S, "%q": fmt.Sprintf("%q", v.S), "JSON": `"p@ss \"word\"/é\u003c\n"`,
		"query": "p%40ss+%22word%22%2F%C3%A9%3C%0A", "path": "p@ss%20%22word%22%2F%C3%A9%3C%0A",
	} {
		got := Redact("call failed: "+text, v)
		require.Contains(t, got, Mask, name)
		require.NotContains(t, got, "word", name)
	}
}

func TestRedact_LeavesAloneWhatHasNoSecret(t *testing.T) {
	t.Parallel()
	require.False(t, Has(reflect.TypeFor[struct{ A, B string }]()))
	require.True(t, Has(reflect.TypeFor[map[string][]*tree]()))
	require.Equal(t, "ab text", Redact("ab text", &vault{Text: "ab"}, nil, (*vault)(nil), 7), "too short to be told from other text")
	long := &vault{Text: "abc", Any: "abcdef"}
	require.Equal(t, Mask+" "+Mask, Redact("abcdef abc", long), "the longer one first")
}

func TestLogger_RedactsMessagesAndAttributes(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	base := slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
	v := &vault{Text: "canary"}
	log := Logger(base, Source{Values: []any{v}})
	log.With("with", "canary").WithGroup("g").Debug("canary here", "attr", "canary", "struct", *v,
		slog.Group("group", "inner", fmt.Errorf("no canary")), "count", 3)
	require.NotContains(t, out.String(), "canary")
	require.Equal(t, 5, strings.Count(out.String(), Mask), out.String())
	require.Contains(t, out.String(), `"count":3`)
}

// A dependency is shared with bodies that run: looking into it would be a race.
func TestRedact_DoesNotLookIntoDependencies(t *testing.T) {
	t.Parallel()
	type service struct {
		Cache map[string]*tree
	}
	type step struct {
		service  *service
		Exported *service `wfe:"inject"`
		PIN      string   `wfe:"secret"`
	}
	s := &service{map[string]*tree{"": {PIN: "dep-secret"}}}
	require.Equal(t, "dep-secret "+Mask, Redact("dep-secret own-secret", &step{s, s, "own-secret"}))
	require.False(t, Has(reflect.TypeFor[struct {
		S *service `wfe:"inject"`
	}]()))
}

func TestOf_LooksBehindInterfacesAndCostsNothingWhereNothingIsSecret(t *testing.T) {
	type data struct {
		N    int
		Vars any
	}
	type plain struct{ N int }
	type hidden struct {
		Token string `wfe:"secret"`
	}
	require.Contains(t, Of(&data{Vars: &hidden{Token: "abc123"}}), "abc123")
	require.Empty(t, Of(&data{}))
	d := &data{Vars: &plain{N: 1}}
	require.Zero(t, testing.AllocsPerRun(100, func() { Of(d) }))
}
