package analysis_test

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/internal/analysis"
	"github.com/wfegen/wfe/internal/analysis/casetest"
	"github.com/wfegen/wfe/internal/analysis/diag"
	"github.com/wfegen/wfe/internal/analysis/load"
)

const cases = "../../testdata"

// TestCases runs the cases that say something about findings or models. "want: errors" are the findings as one reads them
// off a terminal, "want: report" as on one, "want: model" what was read.
func TestCases(t *testing.T) {
	t.Parallel()
	for _, c := range casetest.Read(t, cases, "errors", "report", "model") {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			dir := c.Module(t)
			r, err := analysis.Analyze(t.Context(), load.Config{Dir: dir, Patterns: c.Patterns(), Env: casetest.Env()})
			if err != nil {
				c.Compare(t, "errors", strings.ReplaceAll(err.Error(), dir+"/", "")+"\n")
				return
			}
			if !c.Has("errors") {
				require.Empty(t, text(t, dir, r.Diagnostics, false))
			}
			c.Compare(t, "errors", text(t, dir, r.Diagnostics, false))
			c.Compare(t, "report", text(t, dir, r.Diagnostics, true))
			if c.Has("model") {
				c.Compare(t, "model", dump(r.Packages))
			}
		})
	}
}

func text(t *testing.T, dir string, ds []diag.Diagnostic, detail bool) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, diag.Printer{W: &b, Dir: dir, Hints: detail, Excerpt: detail}.Print(ds))
	return b.String()
}

// TestEveryCodeHasACase keeps the registry honest: a code that no case produces cannot be shown to work.
func TestEveryCodeHasACase(t *testing.T) {
	t.Parallel()
	var all strings.Builder
	for _, c := range casetest.Read(t, cases, "errors") {
		all.WriteString(c.Want("errors"))
	}
	for _, e := range diag.Explanations() {
		if e.Code == diag.BadOutput {
			continue // no source produces it; TestRecheck does
		}
		require.Contains(t, all.String(), fmt.Sprintf("[%s]", e.Code), "no case wants %s: %s", e.Code, e.Title)
	}
}

func writeFile(t *testing.T, name, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(name, []byte(text), 0o644))
}

func replace(s, from, to string) string { return strings.ReplaceAll(s, from, to) }
