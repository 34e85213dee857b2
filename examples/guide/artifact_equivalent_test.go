package guide_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/examples/guide"
	"github.com/wfegen/wfe/runtime/artifact"
	"github.com/wfegen/wfe/runtime/wfetest"
)

// Each run has a store of its own: equal files are equal artifacts in both. Without a
// store the step that wants one fails in both.
func TestPublishing_IsCompiledToWhatItSays(t *testing.T) {
	wfetest.Equivalent(t, guide.Publishing,
		wfetest.Case[guide.Site]{Name: "a store", Data: guide.Site{Title: "Shop"}, Parts: func() []any {
			artifacts, err := artifact.OpenLayout(t.TempDir(), artifact.Config{})
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, artifacts.Close()) })
			return []any{guide.NewSteps(nil), artifacts}
		}},
		wfetest.Case[guide.Site]{Name: "no store", Data: guide.Site{Title: "Shop"}, Parts: func() []any { return []any{guide.NewSteps(nil)} }})
}
