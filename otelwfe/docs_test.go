package otelwfe

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the page anew")

const page = "../docs/telemetry.md"

// The tables of the page are those that the code works by.
func TestThePageListsSpansAttributesAndMetrics(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("### Spans\n\nA name is the first word, then the id of a workflow or a node, or the name of an event.\n\n| Span | of | |\n|---|---|---|\n")
	for _, e := range spanNames {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", e.name, e.on, e.doc)
	}
	b.WriteString("\n### Attributes\n\n| Attribute | on | |\n|---|---|---|\n")
	for _, e := range attributes {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", e.name, e.on, e.doc)
	}
	b.WriteString("\n### Instruments\n\n| Metric | Kind | Unit | Labels | |\n|---|---|---|---|---|\n")
	for _, i := range instruments {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", i.name, i.kind, i.unit, i.on, i.doc)
	}
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	begin, _, found := strings.Cut(string(text), "\n## Reference\n\n")
	require.True(t, found)
	want := begin + "\n## Reference\n\n" + b.String()
	if *update {
		require.NoError(t, os.WriteFile(page, []byte(want), 0o600))
		return
	}
	require.Equal(t, want, string(text), "go test ./otelwfe -run Page -update")
}

// Each key and each span of the code is in the tables, once, and no attribute is made
// otherwise.
func TestTheTablesListAllThatTheCodeNames(t *testing.T) {
	t.Parallel()
	listed := map[string]int{}
	for _, e := range append(append([]entry{}, attributes...), spanNames...) {
		listed[e.name]++
	}
	named := 0
	files, err := os.ReadDir(".")
	require.NoError(t, err)
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), f.Name(), nil, 0)
		require.NoError(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ValueSpec:
				if f.Name() != "names.go" || len(n.Values) != 1 {
					return true
				}
				text := ""
				switch v := n.Values[0].(type) {
				case *ast.BasicLit:
					text, _ = strconv.Unquote(v.Value)
				case *ast.CallExpr:
					text, _ = strconv.Unquote(v.Args[0].(*ast.BasicLit).Value)
				default:
					return true
				}
				named++
				require.Equal(t, 1, listed[text], "%s is in no table, or twice", text)
			case *ast.CallExpr:
				s, ok := n.Fun.(*ast.SelectorExpr)
				if pkg, _ := ident(s, ok); pkg == "attribute" && s.Sel.Name != "Key" {
					require.Equal(t, "NewSet", s.Sel.Name, "attributes are made of the keys in names.go")
				}
			}
			return true
		})
	}
	require.Equal(t, len(listed), named)
}

// ident is the name in front of a selector.
func ident(s *ast.SelectorExpr, ok bool) (string, bool) {
	if !ok {
		return "", false
	}
	id, ok := s.X.(*ast.Ident)
	if !ok {
		return "", false
	}
	return id.Name, true
}
