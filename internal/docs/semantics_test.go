package docs

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/instance"
)

func TestSemanticsDrawsTheTransitionTable(t *testing.T) {
	t.Parallel()
	page := read(t, "../../docs/semantics.md")
	for _, tr := range instance.Transitions() {
		require.Contains(t, page, fmt.Sprintf("    %s --> %s: %s\n", tr.From, tr.To, tr.By))
	}
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
