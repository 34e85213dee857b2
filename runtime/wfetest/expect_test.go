package wfetest

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// runs makes runs of "a b#2 c!": names, attempts, failures.
func runs(text string) (out []StepRun) {
	for word := range strings.FieldsSeq(text) {
		r := StepRun{Attempt: 1}
		if name, ok := strings.CutSuffix(word, "!"); ok {
			word, r.Err = name, errors.New("no\nstack")
		}
		if name, ok := strings.CutSuffix(word, "#2"); ok {
			word, r.Attempt = name, 2
		}
		r.Node = word
		out = append(out, r)
	}
	return out
}

func TestRan_AcceptsWhatIsExpectedAndNothingElse(t *testing.T) {
	t.Parallel()
	type parts = []Expected
	branches := parts{"a", Parallel(Sequence("x", "y"), Sequence("x", "z"), Parallel()), "b"}
	for _, c := range []struct {
		ran    string
		parts  parts
		accept bool
	}{
		{"", nil, true},
		{"a", nil, false},
		{"", parts{"a"}, false},
		{"a b", parts{"a", "b"}, true},
		{"b a", parts{"a", "b"}, false},
		{"a/b", parts{"b"}, true},
		{"ab", parts{"b"}, false},
		{"a!", parts{"a"}, false},
		{"a! a#2", parts{"a failed", "a#2"}, true},
		{"a#2", parts{"a"}, false},
		{"a x y x z b", branches, true},
		{"a x x z y b", branches, true},
		{"a x z x y b", branches, true},
		{"a x z y x b", branches, false}, // y or z before its x
		{"a x x y z", branches, false},
		{"a x y b x z", branches, false},
		{"c", parts{Parallel(Sequence(), "c")}, true},
	} {
		require.Equal(t, c.accept, mismatch(runs(c.ran), c.parts) == "", "%s as %v", c.ran, c.parts)
	}
}

func TestRan_ManyAlikeAreMatchedAtOnce(t *testing.T) {
	t.Parallel()
	var branches []Expected
	for range 200 {
		branches = append(branches, Sequence("x", "y"))
	}
	ran := runs(strings.Repeat("x ", 200) + strings.Repeat("y ", 200))
	require.Empty(t, mismatch(ran, []Expected{Parallel(branches...)}))
	require.Contains(t, mismatch(ran[:399], []Expected{Parallel(branches...)}), "> 400. nothing more\n  expected there: y")
}

func TestRan_SaysWhereItDiffers(t *testing.T) {
	t.Parallel()
	msg := mismatch(runs("a b! c"), []Expected{"a", Parallel("b", "d"), "c"})
	require.Equal(t, "    1. a\n  > 2. b failed: no\n    3. c\n  expected there: b, or d", msg)
	msg = mismatch(runs("a"), []Expected{"a", "b"})
	require.Equal(t, "    1. a\n  > 2. nothing more\n  expected there: b", msg)
	msg = mismatch(runs("a b"), []Expected{"a"})
	require.Equal(t, "    1. a\n  > 2. b\n  expected there: nothing more", msg)
}
