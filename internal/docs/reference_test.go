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
	"github.com/wfegen/wfe/internal/analysis/examples"
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
A setting of a step is the one that its own directive gives, else that of the package's ` + "`//wfe:defaults`" + `, else the runtime's; what a workflow
says with ` + "`OnError`" + ` goes before all of them. ` + "`wfegen explain TYPE`" + ` shows what holds for a step, and where it comes from.
`)
	said := findings(t)
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
		if len(v.Keys) > 0 {
			b.WriteString("\n| Key | Value | Without it | |\n|---|---|---|---|\n")
		}
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
		example, _ := examples.Verb(v.Name)
		b.WriteString(shown(example, said[v.Name]))
	}
	b.WriteString("\nWhat the settings of a step mean: [semantics](semantics.md#errors).\n")
	page(t, "../../docs/directives.md", b.String())
}

func TestTheDiagnosticsPageListsEveryCode(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString(`# Diagnostics

Every finding of wfegen has a code. Codes are stable: 1xxx directives, 2xxx types, 3xxx workflow functions, 9xxx wfegen itself.
` + "`wfegen explain CODE`" + ` says the same on the command line. A warning is silenced by ` + "`//wfe:nolint CODE reason`" + `; an error has to be mended.
`)
	said := findings(t)
	for _, e := range diag.Explanations() {
		fmt.Fprintf(&b, "\n## %s: %s\n\n%s\n", e.Code, e.Title, e.Text)
		if example, ok := examples.Code(e.Code); ok {
			b.WriteString(shown(example, said[strings.ToLower(string(e.Code))]))
		}
	}
	page(t, "../../docs/diagnostics.md", b.String())
}

// shown is a wrong and a right example, with what is said of the wrong one.
func shown(e examples.Example, said []string) string {
	var b strings.Builder
	files := func(title string, files []examples.File) {
		b.WriteString("\n" + title + ":\n")
		for _, f := range files {
			if len(files) > 1 {
				b.WriteString("\n`" + f.Name + "`\n")
			}
			b.WriteString("\n```go\n" + f.Text + "```\n")
		}
	}
	files("Wrong", e.Wrong)
	b.WriteString("\n```\n" + strings.Join(said, "\n") + "\n```\n")
	files("Right", e.Right)
	return b.String()
}

// values says what a value of each type is.
var values = map[directive.Type]string{
	directive.TypeName:     "a name: letters, digits, `-` `_` `.`",
	directive.TypeIdent:    "a Go name",
	directive.TypeType:     "the name of a Go type: `Item`, `shop.Item`",
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
