package directive

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestArgumentsKeepThePositionsOfKeysAndValues(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args string
		want []word
	}{
		{"", nil},
		{"retry=3", []word{{key: "retry", pos: 100, value: "3", valuePos: 106, end: 107, hasValue: true}}},
		{"jitter  name=x", []word{
			{key: "jitter", pos: 100, valuePos: 100, end: 106},
			{key: "name", pos: 108, value: "x", valuePos: 113, end: 114, hasValue: true},
		}},
		{`name="two words" "id=a b"`, []word{
			{key: "name", pos: 100, value: "two words", valuePos: 105, end: 116, hasValue: true},
			{key: "id", pos: 117, value: "a b", valuePos: 117, end: 125, hasValue: true},
		}},
		{"name=`a\\b`", []word{{key: "name", pos: 100, value: `a\b`, valuePos: 105, end: 110, hasValue: true}}},
		{`name="open`, []word{{key: "name", pos: 100, value: "open", valuePos: 105, end: 110, hasValue: true, err: "a quote is not closed"}}},
		{`name="a"b x`, []word{
			{key: "name", pos: 100, value: "a", valuePos: 105, end: 109, hasValue: true, err: `a closing quote is followed by "b"`},
			{key: "x", pos: 110, valuePos: 110, end: 111},
		}},
		{"a // rest of it", []word{{key: "a", pos: 100, valuePos: 100, end: 101}, {key: "// rest of it", pos: 102, valuePos: 102, end: 115, comment: true}}},
	} {
		require.Equal(t, c.want, words(c.args, 100), c.args)
	}
}

func FuzzAnyArgumentsAreReadToTheirEnd(f *testing.F) {
	f.Add("retry=3 name=\"a b\" `x` // c")
	f.Fuzz(func(t *testing.T, args string) {
		for _, w := range words(args, 1) {
			require.Greater(t, w.end, w.pos)
			require.LessOrEqual(t, int(w.end), len(args)+1)
		}
	})
}

func TestASuggestionIsAtMostTwoEditsAway(t *testing.T) {
	t.Parallel()
	names := []string{"retry", "backoff", "id"}
	for got, want := range map[string]string{
		"retries": "retry", "retrys": "retry", "Retry": "retry", "ertry": "retry", "bakcof": "backoff", "i": "", "x": "", "timeout": "",
	} {
		require.Equal(t, want, Suggest(got, names), got)
	}
}

func TestNearMissesAreToldFromProse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"// wfe:step":                       true,
		"// wfe:step retry=3":               true,
		"//+wfe:step":                       true,
		"// +wfe:step retry=3":              true,
		"//WFE:step":                        true,
		"// wfe: step":                      true,
		"// Wfe:Step":                       true,
		"// wfe:stpe":                       true,
		"/*wfe:step*/":                      true,
		"/* wfe:step retry=3 */":            true,
		"//wfe: step":                       true,
		"//wfe step":                        true,
		"//wfe step retry=3":                true,
		"//wfegen:step":                     true,
		"///wfe:step":                       true,
		"//wfestep":                         true,
		"//wef:step":                        true,
		"//wfe;step":                        true,
		"// wfe step retry=3":               true,
		"// wfe:nolint WFE2009 it is ours":  true,
		"// wfe:id large":                   true,
		"// wfe:id is for statements":       false,
		"// wfe step":                       false,
		"// we step":                        false,
		"//we step":                         false,
		"// wfe data is what is stored":     false,
		"////wfe:step":                      false,
		"// //wfe:step":                     false,
		"// wfe:step marks a unit of work.": false,
		"// wfe: opening the store: %w":     false,
		"// wfe:workflow directive.":        false,
		"//\t//wfe:step":                    false,
		"// a wfe:step":                     false,
		"// https://wfe:8080":               false,
	} {
		_, got := missed(text)
		require.Equal(t, want, got, text)
		if want {
			require.True(t, Looks(text), text)
		}
	}
}

func TestTheTableOfVerbsIsSorted(t *testing.T) {
	t.Parallel()
	require.IsIncreasing(t, verbNames())
	for _, v := range Verbs() {
		if len(v.Keys) > 1 {
			require.IsIncreasing(t, v.keyNames())
		}
		for _, k := range v.Keys {
			require.NotEmpty(t, k.Doc)
			require.NotEmpty(t, k.Default)
			if k.Bare != "" {
				_, problem := k.read(k.Bare)
				require.Empty(t, problem)
			}
		}
	}
}
