package docs

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/instance"
)

func TestSemanticsDrawsTheTransitionTable(t *testing.T) {
	t.Parallel()
	page := read(t, "../../docs/semantics.md")
	var table []string
	for _, tr := range instance.Transitions() {
		table = append(table, fmt.Sprintf("%s --> %s: %s", tr.From, tr.To, tr.By))
	}
	var drawn []string
	for _, line := range regexp.MustCompile(`(?m)^ +\w+ --> \w+: .*$`).FindAllString(page, -1) {
		drawn = append(drawn, strings.TrimSpace(line))
	}
	require.Equal(t, table, drawn)
}

func TestSemanticsNamesTheLimits(t *testing.T) {
	t.Parallel()
	page := read(t, "../../docs/semantics.md")
	for what, limit := range map[string]int{
		"nodes of a definition; nesting": definition.MaxNodes,
		"id of a node; one segment":      definition.MaxID,
	} {
		require.Contains(t, page, what)
		require.Contains(t, page, fmt.Sprintf("%d,%03d", limit/1000, limit%1000))
	}
}
