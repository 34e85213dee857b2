package source

import (
	"go/ast"
	"go/parser"
	"go/token"
	"testing"

	"github.com/stretchr/testify/require"
)

func hash(t *testing.T, src string) string {
	t.Helper()
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, "a.go", src, parser.ParseComments|parser.SkipObjectResolution)
	require.NoError(t, err)
	return Func(set, []byte(src), file.Decls[len(file.Decls)-1].(*ast.FuncDecl))
}

func TestFunc_IsTheSameForTheSameCode(t *testing.T) {
	t.Parallel()
	const first = `package a
//wfe:workflow id=x version=1
func F(w int) {
	//wfe:id one
	call(w, 1)
}`
	require.Len(t, hash(t, first), 16)
	for what, same := range map[string]string{
		"comments and lines": `package a
var other = 1

// F does.
//
//wfe:workflow id=x version=1
func F(
	w int,
) {
	// say

	//wfe:id one
	call(w,   1) /* so */

}`,
	} {
		require.Equal(t, hash(t, first), hash(t, same), what)
	}
	for what, other := range map[string]string{
		"a literal":           "package a\n//wfe:workflow id=x version=1\nfunc F(w int) {\n//wfe:id one\ncall(w, 2)\n}",
		"an id":               "package a\n//wfe:workflow id=x version=1\nfunc F(w int) {\n//wfe:id two\ncall(w, 1)\n}",
		"a directive less":    "package a\n//wfe:workflow id=x version=1\nfunc F(w int) {\ncall(w, 1)\n}",
		"the version":         "package a\n//wfe:workflow id=x version=2\nfunc F(w int) {\n//wfe:id one\ncall(w, 1)\n}",
		"another statement":   "package a\n//wfe:workflow id=x version=1\nfunc F(w int) {\n//wfe:id one\ncall(w, 1)\ncall(w, 1)\n}",
		"the type of the arg": "package a\n//wfe:workflow id=x version=1\nfunc F(w int8) {\n//wfe:id one\ncall(w, 1)\n}",
	} {
		require.NotEqual(t, hash(t, first), hash(t, other), what)
	}
}

func TestCanonical_LeavesOutCommentsDirectivesIncluded(t *testing.T) {
	t.Parallel()
	require.Equal(t, Canonical([]byte("f(a, b)")), Canonical([]byte("f(\n a,\n//wfe:id x\n b, // c\n)")))
	require.NotEqual(t, Canonical([]byte("f(a, b)")), Canonical([]byte("f(a; b)")))
}

func TestCanonical_IsFreeOfFormattingAndComments(t *testing.T) {
	t.Parallel()
	one := `func (o *Order) bool { return f(o, 1) }`
	require.Equal(t, Canonical([]byte(one)), Canonical([]byte(`func(o *Order)   bool {
		// why
		return f(
			o, /* this */
			1,
		)
	}`)))
	require.NotEqual(t, Canonical([]byte(one)), Canonical([]byte(`func (o *Order) bool { return f(o, 2) }`)))
	require.NotEqual(t, Canonical([]byte(`x = "a b"`)), Canonical([]byte(`x = "a  b"`)))
}

func TestIDs_AreThoseOfTheCallsBelow(t *testing.T) {
	t.Parallel()
	require.Equal(t, map[Call]string{{5, "Saga"}: "payment", {9, "WaitFor"}: "answer", {12, "Do"}: "second"}, IDs([]byte(`package a

func F() {
	//wfe:id payment
	wfe.Saga(w, func() { wfe.Do(w, X{}) })

	// The answer.
	//wfe:id answer
	a := wfe.WaitFor[Answer](w, "k")
	wfe.Do(w, X{})
	//wfe:id second
	o.X = wfe.Do(w, X{A: f()}).Out
	//wfe:id large
	if a.OK {
		wfe.Steer(w, X{})
	}
}
`)))
	require.Empty(t, IDs([]byte("func")))
}
