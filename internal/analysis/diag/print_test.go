package diag

import (
	"bytes"
	"go/token"
	"testing"

	"github.com/stretchr/testify/require"
)

func finding() Diagnostic {
	at := func(line, col int) token.Position {
		return token.Position{Filename: "/src/order/order.go", Line: line, Column: col}
	}
	return Diagnostic{
		Code: UnknownKey, Pos: at(2, 14), End: at(2, 21), Message: `unknown key "retries" for //wfe:step`,
		Hints:   []string{`did you mean "retry"?`},
		Related: []Related{{at(1, 1), "here"}},
	}
}

func source(string) ([]byte, error) {
	return []byte("package order\n\t//wfe:step  retries=3\n"), nil
}

func TestAFindingIsOneLineOffATerminal(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	require.NoError(t, Printer{W: &b, Dir: "/src", Source: source}.Print([]Diagnostic{finding()}))
	require.Equal(t, "order/order.go:2:14: unknown key \"retries\" for //wfe:step [WFE1003]\n", b.String())
}

func TestDetailsQuoteTheLineWithCaretsUnderIt(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	require.NoError(t, Printer{W: &b, Dir: "/src", Hints: true, Excerpt: true, Source: source}.Print([]Diagnostic{finding()}))
	require.Equal(t, `order/order.go:2:14: unknown key "retries" for //wfe:step [WFE1003]
  2 | 	//wfe:step  retries=3
    | 	            ^^^^^^^
  hint: did you mean "retry"?
  order/order.go:1:1: here
`, b.String())
}

func TestFindingsAreSortedAndEqualOnesFallTogether(t *testing.T) {
	t.Parallel()
	late := finding()
	late.Pos.Line = 10
	require.Equal(t, []Diagnostic{finding(), late}, Sort([]Diagnostic{late, finding(), late}))
}

func TestEveryCodeIsExplainedOnceAndInOrder(t *testing.T) {
	t.Parallel()
	last := Code("")
	for _, e := range Explanations() {
		require.Greater(t, e.Code, last)
		require.NotEmpty(t, e.Title)
		require.NotEmpty(t, e.Text)
		last = e.Code
	}
}
