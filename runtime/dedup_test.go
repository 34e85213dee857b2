package wfe_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/store/memory"
)

func TestAnIDForDedupHasTheBoundsOfAllNames(t *testing.T) {
	t.Parallel()
	for _, id := range []string{strings.Repeat("x", 256), "a\x00b", "\xff"} {
		err := wfe.Publish(t.Context(), wfe.NewClient(memory.New()), noteEvent, "k", &note{}, wfe.Dedup(id))
		require.ErrorContains(t, err, "for Dedup")
	}
}
