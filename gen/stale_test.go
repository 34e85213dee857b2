package gen

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestCheck_FindsAClosureThatWasChanged: Register cannot, as nothing of a closure's source is in the program.
func TestCheck_FindsAClosureThatWasChanged(t *testing.T) {
	t.Parallel()
	const source = "package p\n\n//wfe:data\ntype Order struct{ N int }\n\n//wfe:workflow\nfunc Count(b *OrderBuilder) {\n\tb.Set(\"next\", func(o *Order) { o.N++ })\n}\n"
	p := newPlace(t, source)
	_, err := p.generate()
	require.NoError(t, err)
	before, err := os.ReadFile(p.path(FileName))
	require.NoError(t, err)

	writeFile(t, p.path("p.go"), strings.Replace(source, "o.N++", "o.N += 2", 1))
	r, err := Check(t.Context(), Config{Dir: p.dir, Patterns: []string{"./..."}, Env: environment()})
	require.NoError(t, err)
	require.Empty(t, r.Diagnostics)
	require.Len(t, r.Changes, 1)
	require.Equal(t, string(before), string(r.Changes[0].Old))
	structure := func(src []byte) string {
		_, rest, ok := strings.Cut(string(src), "Structure:")
		require.True(t, ok)
		line, _, _ := strings.Cut(rest, "\n")
		return line
	}
	require.Equal(t, structure(before), structure(r.Changes[0].New), "which is all that Register compares")

	writeFile(t, p.path("p.go"), strings.Replace(source, "{ o.N++ }", "{ /* one more */ o.N++ }", 1))
	r, err = Check(t.Context(), Config{Dir: p.dir, Patterns: []string{"./..."}, Env: environment()})
	require.NoError(t, err)
	require.Empty(t, r.Changes, "a comment is no change")
}
