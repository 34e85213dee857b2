package docs

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/internal/analysis/diag"
	"github.com/wfegen/wfe/internal/analysis/directive"
)

var update = flag.Bool("update", false, "write the pages anew")

// The pages are made from the tables that wfegen itself works by.

func TestTheDirectivesPageIsTheGrammar(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString(`# Directives

A directive is a comment line of its own, directly above a declaration, behind its doc comment and a blank ` + "`//`" + ` line:

` + "```go" + `
// ChargeCard takes the payment.
//
//wfe:step retry=5 backoff=200ms timeout=30s
type ChargeCard struct {
	gateway Gateway ` + "`wfe:\"inject\"`" + ` // a dependency: a parameter of NewSteps

	Card    string // an input: read from the data, by name and type, or set by the workflow
	Receipt string ` + "`wfe:\"out\"`" + ` // an output: stored in the data, by name and type
}
` + "```" + `

Arguments are ` + "`key=value`" + `, separated by spaces; a value with spaces is quoted. Durations are written as in Go: ` + "`200ms`, `1m30s`" + `.
Every line that begins with ` + "`//wfe:`" + ` takes effect or is an error with its position, and so is one that only looks like a directive.
`)
	for _, v := range directive.Verbs() {
		fmt.Fprintf(&b, "\n## //wfe:%s\n\nAbove %s: %s.\n", v.Name, v.On, v.Doc)
		if len(v.Words) > 0 {
			b.WriteString("\n`//wfe:" + v.Name)
			for _, w := range v.Words {
				b.WriteString(" " + strings.ToUpper(w.Name))
			}
			b.WriteString("`\n\n| Word | Value | |\n|---|---|---|\n")
			for _, w := range v.Words {
				fmt.Fprintf(&b, "| %s | %s | %s |\n", strings.ToUpper(w.Name), values[w.Type], w.Doc)
			}
		}
		if len(v.Keys) == 0 {
			continue
		}
		b.WriteString("\n| Key | Value | Without it | |\n|---|---|---|---|\n")
		for _, k := range v.Keys {
			value := values[k.Type]
			require.True(t, value != "" || len(k.Enum) > 0, "say what a %s is", k.Type)
			if len(k.Enum) > 0 {
				value = "`" + strings.Join(k.Enum, "` `") + "`"
			}
			if k.Bare != "" {
				value += fmt.Sprintf("; alone it is `%s`", k.Bare)
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", k.Name, value, k.Default, k.Doc)
		}
	}
	b.WriteString("\nWhat the settings of a step mean: [semantics](semantics.md#errors).\n")
	page(t, "../../docs/directives.md", b.String())
}

func TestTheDiagnosticsPageListsEveryCode(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("# Diagnostics\n\nEvery finding of wfegen has a code. Codes are stable: 1xxx directives, 2xxx types, 3xxx workflow functions, 9xxx wfegen itself.\n\n| Code | | |\n|---|---|---|\n")
	for _, e := range diag.Explanations() {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", e.Code, e.Title, strings.ReplaceAll(e.Text, "|", `\|`))
	}
	page(t, "../../docs/diagnostics.md", b.String())
}

// values says what a value of each type is.
var values = map[directive.Type]string{
	directive.TypeName:     "a name: letters, digits, `-` `_` `.`",
	directive.TypeIdent:    "a Go name",
	directive.TypeCount:    "0, 1, 2 ... or `unlimited`",
	directive.TypeVersion:  "1, 2, 3 ...",
	directive.TypeDuration: "a duration above 0",
	directive.TypeFactor:   "a number from 1",
	directive.TypeShare:    "a number from 0 to 1",
	directive.TypeCode:     "a [code](diagnostics.md)",
	directive.TypeText:     "text, to the end of the line",
}

// page compares a file with what it is to be.
func page(t *testing.T, file, want string) {
	t.Helper()
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(want), 0o644))
	}
	require.Equal(t, want, read(t, file), "go test ./internal/docs -update writes it")
}
