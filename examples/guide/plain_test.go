package guide_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/examples/guide"
	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/artifact"
	"github.com/wfegen/wfe/runtime/wfetest"
)

// What docs/plain.md shows does the same when it is called and when it is compiled.
func TestPlain_CalledAndCompiledItIsTheSame(t *testing.T) {
	t.Parallel()
	items := guide.Order{ID: "o1", Items: []string{"vase", "", "book", "lamp", "candle", "chair"}}
	for name, c := range map[string]struct {
		fn    func(w *wfe.Flow, o *guide.Order)
		order guide.Order
		fails []error
		parts []any
		ran   []wfetest.Expected
		note  string
	}{
		"posted":           {fn: guide.Posted, order: guide.Order{Items: []string{"a", "b"}}, ran: ran("weigh", "pack", "weigh", "pack", "ship")},
		"posted, heavy":    {fn: guide.Posted, order: guide.Order{Items: []string{"a", "elephants!"}}, ran: ran("weigh", "pack", "weigh", "pack", "insure", "ship")},
		"filled, empty":    {fn: guide.Filled},
		"filled":           {fn: guide.Filled, order: items, ran: ran("weigh", "pack", "weigh", "pack", "weigh", "ship")},
		"boxed":            {fn: guide.Boxed, order: guide.Order{Note: "2"}, ran: ran("pack", "pack", "ship"), note: "2"},
		"boxed, not":       {fn: guide.Boxed, order: guide.Order{Note: "two"}, note: "two"},
		"read":             {fn: guide.Read, order: guide.Order{Note: "2"}, ran: ran("pack", "pack", "ship"), note: "2"},
		"read, huge":       {fn: guide.Read, order: guide.Order{Note: "99999999999999999999"}, ran: ran("remind"), note: "more than there are"},
		"read, not":        {fn: guide.Read, order: guide.Order{Note: "two"}, ran: ran("report"), note: "two"},
		"released":         {fn: guide.Released, order: guide.Order{ID: "o1", Items: []string{"ab", "c"}}, parts: []any{wfetest.Event("o1", guide.Approval{By: "ann"})}, ran: ran("weigh", "weigh"), note: "300 grams, released by ann"},
		"returned":         {fn: guide.Returned, order: items, fails: []error{errDeclined}, ran: ran("pack", "pack", "pack", "pack", "pack", "pack", "charge failed", "undo charge", "unpack", "unpack", "unpack", "unpack", "unpack", "unpack"), note: "declined"},
		"returned, paid":   {fn: guide.Returned, ran: ran("charge", "ship")},
		"settled":          {fn: guide.Settled, order: guide.Order{ID: "o1", Cents: 119}, parts: []any{wfetest.Event("o1", guide.Payment{Cents: 100})}, ran: ran("ship")},
		"settled, too low": {fn: guide.Settled, order: guide.Order{ID: "o1", Cents: 119}, parts: []any{wfetest.Event("o1", guide.Payment{Cents: 99})}, ran: ran("remind")},
		"settled, never":   {fn: guide.Settled, order: guide.Order{ID: "o1"}, ran: ran("remind")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			parts := func() []any { return append([]any{guide.NewSteps(&bank{c.fails})}, c.parts...) }
			wfetest.Equivalent(t, c.fn, wfetest.Case[guide.Order]{Data: c.order, Parts: parts})
			o := c.order
			out := wfetest.Run(t, c.fn, &o, parts()...)
			out.Ran(c.ran...)
			if o.Note != c.note {
				t.Errorf("the note is %q", o.Note)
			}
		})
	}
}

func TestUpToDate(t *testing.T) { wfetest.UpToDate(t) }

// Each run has a store of its own: equal files are equal artifacts in both. Without a
// store the step that wants one fails in both.
func TestPublishing_CalledAndCompiledItIsTheSame(t *testing.T) {
	t.Parallel()
	wfetest.Equivalent(t, guide.Publishing,
		wfetest.Case[guide.Site]{Name: "a store", Data: guide.Site{Title: "Shop"}, Parts: func() []any {
			artifacts, err := artifact.OpenLayout(t.TempDir(), artifact.Config{})
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, artifacts.Close()) })
			return []any{guide.NewSteps(nil), artifacts}
		}},
		wfetest.Case[guide.Site]{Name: "no store", Data: guide.Site{Title: "Shop"}, Parts: func() []any { return []any{guide.NewSteps(nil)} }})
}
