package instance_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/instance"
)

func TestDigests_AreFoundWhereverTheyStandInAText(t *testing.T) {
	t.Parallel()
	a, b := "sha256:"+strings.Repeat("a", 64), "sha256:"+strings.Repeat("0f", 32)
	for text, want := range map[string][]string{
		"":                                nil,
		`{"digest":"` + a + `","size":1}`: {a},
		"\x01\x00\xff{\"x\":[\"" + a + "\",\"" + b + "\"]}\x00": {a, b},
		`{"json":"{\"digest\":\"` + b + `\"}"}`:                 {b},
		`"sha256:` + a[8:] + `"`:                                nil,
		`"sha256:sha256:"sha256:` + a[7:] + `"`:                 {a},
		`"SHA256:` + a[7:] + `"`:                                nil,
		`"sha256:` + strings.ToUpper(a[7:]) + `"`:               nil,
		`"sha256:`: nil,
	} {
		var got []string
		instance.Digests([]byte(text), func(d string) { got = append(got, d) })
		require.Equal(t, want, got, "%q", text)
		require.Equal(t, strings.Contains(text, instance.DigestMark), instance.Refers([]byte(text)), "%q", text)
	}
}

func TestRefers_IsToldByTheWholeMark(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{"": false, "6:": false, `sha256:`: false, `"sha256:`: true, `16:30 "sha256:`: true, `6:6:"sha256`: false, `"sha256:6:`: true} {
		require.Equal(t, want, instance.Refers([]byte(text)), "%q", text)
	}
}

func BenchmarkDigests_OfATextWithoutAny(b *testing.B) {
	text := []byte(strings.Repeat(`{"order":"12345","items":["book"],"paid":true,"at":"2026-11-22T16:06:26Z"},`, 10))
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		instance.Digests(text, nil)
	}
}
