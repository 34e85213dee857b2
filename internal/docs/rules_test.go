package docs

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// docs/rules.md has a row for each rule of docs/semantics.md, which names the tests
// that prove it. The rows are made here, from how each rule begins; which tests
// prove it is written into the page by hand.

func TestEachRuleHasATestThatIsThere(t *testing.T) {
	t.Parallel()
	const file = "../../docs/rules.md"
	known := map[string]string{}
	for _, part := range strings.Split(read(t, file), "\n## ")[1:] {
		name, table, _ := strings.Cut(part, "\n")
		for _, m := range regexp.MustCompile(`(?m)^\| (.*?) \| (.*) \|$`).FindAllStringSubmatch(table, -1) {
			known[name+": "+m[1]] = m[2]
		}
	}
	var b strings.Builder
	b.WriteString(`# Rules and their tests

Each rule of [semantics](semantics.md), by how it begins, and the tests that prove it. ` + "`go test ./internal/docs -run Rule -update`" + ` writes
the first column; the second one is written by hand, and is kept while the rule begins as it did.
`)
	there := tests(t)
	for _, s := range sections(read(t, "../../docs/semantics.md")) {
		fmt.Fprintf(&b, "\n## %s\n\n| Rule | Tests |\n|---|---|\n", s.name)
		for _, rule := range s.rules {
			proof := known[s.name+": "+rule]
			fmt.Fprintf(&b, "| %s | %s |\n", rule, proof)
			if proof == "" {
				t.Errorf("%s: %q: name a test that proves it in docs/rules.md", s.name, rule)
				continue
			}
			for _, name := range strings.Split(proof, ", ") {
				if !there[name] {
					t.Errorf("%s: %q: there is no test %s", s.name, rule, name)
				}
			}
		}
	}
	page(t, file, b.String())
}

type section struct {
	name  string
	rules []string
}

// sections are the parts of a page with their rules: list items, rows of tables and
// paragraphs, but not headers of tables, drawings, and what leads to the next one.
func sections(page string) (out []section) {
	page = fence.ReplaceAllString(page, "")
	for _, part := range strings.Split(page, "\n## ")[1:] {
		name, text, _ := strings.Cut(part, "\n")
		if name == "Vocabulary" {
			continue
		}
		s := section{name: name}
		for _, paragraph := range strings.Split(text, "\n\n") {
			for _, rule := range items(strings.Trim(paragraph, "\n")) {
				if !strings.HasSuffix(rule, ":") {
					s.rules = append(s.rules, begin(rule))
				}
			}
		}
		out = append(out, s)
	}
	return out
}

var item = regexp.MustCompile(`^(- |\d+\. |\| )`)

// items are the items of a list, the rows of a table, or a paragraph as a whole.
func items(paragraph string) (out []string) {
	lines := strings.Split(paragraph, "\n")
	if strings.HasPrefix(lines[0], "| ") {
		return lines[2:]
	}
	for _, line := range lines {
		switch {
		case item.MatchString(line):
			out = append(out, line)
		case len(out) > 0:
			out[len(out)-1] += " " + strings.TrimSpace(line)
		case strings.TrimSpace(line) != "":
			out = append(out, line)
		}
	}
	return out
}

// begin is how a rule begins: its first words, or the first cell of its row.
func begin(rule string) string {
	if row, ok := strings.CutPrefix(rule, "| "); ok {
		cell, _, _ := strings.Cut(row, " | ")
		return cell
	}
	words := strings.Fields(item.ReplaceAllString(rule, ""))
	if len(words) > 12 {
		words = append(words[:12], "...")
	}
	return strings.ReplaceAll(strings.Join(words, " "), "|", "/")
}

// tests are the names of all tests.
func tests(t *testing.T) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	require.NoError(t, filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		for _, m := range regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Example)\w+)\(`).FindAllStringSubmatch(read(t, path), -1) {
			out[m[1]] = true
		}
		return nil
	}))
	return out
}
