package gen

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/internal/analysis/model"
)

// TestOnlyTheHelpersHandOnText reads the sources of this package: outside of the files that check text, jennifer is given
// constants only where it writes what it is given as it is.
func TestOnlyTheHelpersHandOnText(t *testing.T) {
	t.Parallel()
	raw := []string{"Comment", "Commentf", "Id", "Op", "Dot", "Qual", "Goto", "Tag", "HeaderComment", "PackageComment",
		"CgoPreamble", "ImportName", "ImportAlias", "ImportNames", "Anon", "LitByte", "Custom", "CustomFunc"}
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	fset := token.NewFileSet()
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") || name == "text.go" || name == "types.go" {
			continue
		}
		f, err := parser.ParseFile(fset, name, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			sel, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || !slices.Contains(raw, sel.Sel.Name) {
				return true
			}
			for _, arg := range call.Args {
				require.True(t, checked(sel.Sel.Name, arg), "%s: %s is given text that may come from a user; use a helper of text.go",
					fset.Position(call.Pos()), sel.Sel.Name)
			}
			return true
		})
	}
}

// checked reports whether an argument cannot be text of a user's: it is a constant, or passes through a check, or it is
// code. Import paths are quoted by jennifer, and package names have been read by a parser.
func checked(function string, arg ast.Expr) bool {
	switch arg := arg.(type) {
	case *ast.BasicLit:
		return true
	case *ast.CompositeLit: // jen.Options
		return function == "Custom"
	case *ast.CallExpr:
		fun, ok := arg.Fun.(*ast.Ident)
		if ok && (fun.Name == "identifier" || fun.Name == "string") {
			return true
		}
		sel, ok := arg.Fun.(*ast.SelectorExpr)
		return ok && function == "HeaderComment" && sel.Sel.Name == "TrimSpace" // of an embedded text
	case *ast.SelectorExpr:
		return arg.Sel.Name == "Path" && (strings.HasPrefix(function, "Import") || function == "Qual")
	case *ast.Ident:
		return function == "Custom" // code
	}
	return false
}

// hostile is what users might write into comments, tags and values, by accident or not.
func hostile() []string {
	atoms := []string{
		"\n", "\r", "\r\n", "*/", "/*", "`", `"`, `\"`, "'", `\`, "\u2028", "\u2029", "\u202e", "\u200b", "\x00", "\ufeff", "\v", "\f",
		"//go:noinline", "//go:build ignore", "// +build ignore", "+build ignore", "//line x.go:1", "/*line x.go:1*/", "//export X",
		"#include <x.h>", `import "C"`, "//nolint", "//wfe:step", "func init() { panic(1) }", "}", "{", ";", ")", "\t\tx", "    x",
		"package x", "type X struct{}", "# Heading", " - item", "1. item", "[Link]: https://x", "%s%d%!", "${x}", "{{.}}", "\\n\n",
		"var _ = 1", "//", "// ", "////", "/", "*", "\nfunc init() {}\n", "\n}\nfunc init() {}\nfunc x() {", "\n*/\nfunc init() {}\n/*\n",
	}
	out := slices.Clone(atoms)
	for _, a := range atoms {
		out = append(out, "text "+a+" text", a+a, "\n"+a, a+"\n", "x\n\n"+a+"\n\ny")
	}
	return out
}

func TestHostileTextsAreManyEnough(t *testing.T) {
	t.Parallel()
	require.Greater(t, len(hostile()), 150)
}

// TestTextOfUsersAddsNoDeclaration gives hostile text to a model wherever text of users is in it.
func TestTextOfUsersAddsNoDeclaration(t *testing.T) {
	t.Parallel()
	want := declared(t, emitted(t, ""))
	for _, text := range hostile() {
		src := emitted(t, text)
		require.Equal(t, want, declared(t, src), "%q\n%s", text, src)
	}
}

func FuzzTextOfUsersAddsNoDeclaration(f *testing.F) {
	for _, text := range hostile() {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		pkg := small()
		poison(pkg, text)
		src, err := emit(pkg)
		if err != nil {
			return // refused: text that no Go file can hold
		}
		require.Equal(t, declared(t, emitted(t, "")), declared(t, src))
	})
}

// emitted is the output for a small package with the text in all its comments, tags and values.
func emitted(t *testing.T, text string) []byte {
	t.Helper()
	pkg := small()
	if text != "" {
		poison(pkg, text)
	}
	src, err := emit(pkg)
	if err != nil && strings.ContainsAny(text, "\x00\ufeff") {
		pkg = small()
		poison(pkg, "refused")
		src, err = emit(pkg)
	}
	require.NoError(t, err, "%q", text)
	return src
}

// emit is the file of a package.
func emit(pkg *model.Package) ([]byte, error) {
	src, err := render(pkg)
	if err != nil {
		return nil, err
	}
	return formatted(pkg, src)
}

func TestNamesThatAreNoneAreRefused(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"a b", "a;b", "func", "a\nb", "1a", "a.b", "a-b", "a`", "\"a\"", "a\u200bb", "x() {}; func y"} {
		for i := range names(small()) {
			pkg := small()
			*names(pkg)[i] = bad
			_, err := emit(pkg)
			require.Error(t, err, "name %d is %q", i, bad)
		}
	}
}

func TestACommentIsOneLinePerLine(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"a\nfunc init() {}\r\nb": "// a\n// func init() {}\n// b",
		"a\rb\n\n\n\nc":          "// a\n// b\n//\n// c",
		" +build ignore":         `// "+build ignore"`,
		"a\n\tcode":              "// a\n//\tcode",
		"go:build ignore":        "// go:build ignore",
	} {
		require.Equal(t, want, comment(text).GoString(), "%q", text)
	}
}

func TestLiteralsReadWell(t *testing.T) {
	t.Parallel()
	require.Equal(t, "\"`; panic(1); `\"", textLit("`; panic(1); `").GoString())
	for d, want := range map[time.Duration]string{
		time.Second: "time.Second", 90 * time.Second: "90 * time.Second", 36 * time.Hour: "36 * time.Hour",
		200 * time.Millisecond: "200 * time.Millisecond", 1500 * time.Millisecond: "1500 * time.Millisecond", 3: "3 * time.Nanosecond",
	} {
		require.Equal(t, want, durationLit(d).GoString())
	}
	for n, want := range map[float64]string{2: "2", 0.2: "0.2", 1.5: "1.5"} {
		require.Equal(t, want, numberLit(n).GoString())
	}
}
