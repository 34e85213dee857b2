package diag

import (
	"bytes"
	"go/token"
	"os"
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

func TestColoursAreForTerminalsAndNotWithNoColor(t *testing.T) {
	device, err := os.Open(os.DevNull) // which looks like a terminal
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, device.Close()) })
	t.Setenv("TERM", "xterm")
	t.Setenv("NO_COLOR", "")
	require.True(t, ForFile(device, "").Color)
	t.Setenv("NO_COLOR", "1")
	require.False(t, ForFile(device, "").Color)
	require.True(t, ForFile(device, "").Excerpt)
	file, err := os.CreateTemp(t.TempDir(), "")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, file.Close()) })
	t.Setenv("NO_COLOR", "")
	require.False(t, ForFile(file, "").Color)
	require.False(t, ForFile(file, "").Excerpt)
}

func TestFindingsForMachinesCannotBreakOutOfTheirLine(t *testing.T) {
	t.Parallel()
	d := finding()
	d.Message = "100%\r\n::error::fake"
	d.Pos.Filename = "/src/a,b:c/order.go"
	require.Equal(t, "::error file=a%2Cb%3Ac/order.go,line=2,col=14,endLine=2,endColumn=21,title=WFE1003::100%25%0D%0A::error::fake%0Adid you mean \"retry\"?\n",
		GitHub(d, "/src"))
	text, err := JSON(nil, "/src")
	require.NoError(t, err)
	require.Equal(t, "[]", string(text))
}
