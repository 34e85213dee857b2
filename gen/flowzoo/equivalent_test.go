package flowzoo

import (
	"testing"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/wfetest"
)

func TestUpToDate(t *testing.T) { wfetest.UpToDate(t) }

// TestCompiled_IsTheFunction runs each workflow here directly and compiled.
func TestCompiled_IsTheFunction(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fn    func(w *wfe.Flow, c *Case)
		cases []Case
		parts []any
	}{
		"locals":  {fn: Locals, cases: []Case{{}, {N: 2}, {N: -5}}},
		"loops":   {fn: Loops, cases: []Case{{}, {N: 9, Words: []string{"a", "", "b", "stop", "c"}, Rows: []Row{{"r", []int{2, 1}}, {"s", []int{3, 0, 1}}}}, {N: 2, Rows: []Row{{"x", nil}, {"y", []int{2}}}}}},
		"choices": {fn: Choices, cases: []Case{{}, {N: 1}, {N: 2, Words: []string{"a", "b"}}, {N: 1, Words: []string{"a"}}, {N: 7}, {N: 3, Words: []string{"a", "b", "c"}}}},
		"fanout":  {fn: Fanout, cases: []Case{{}, {N: 4, Rows: []Row{{"a", []int{1, 2}}, {"b", nil}, {"c", []int{3}}}}}},
		"sagas": {fn: Sagas, cases: []Case{{N: 1, Words: []string{"a", "b"}}, {N: 1, Words: []string{"a", "b", "c"}, Fails: "c"}, {N: 6, Words: []string{"a"}},
			{N: 0, Words: []string{"a", "b"}, Fails: "b"}, {N: 6, Words: []string{"a", "enough", "b"}}, {N: 1, Fails: "last"}, {N: 1, Words: []string{"a", "b"}, Fails: "b"}, {Words: []string{"a", "x"}, Fails: "x"}}},
		"helped":         {fn: Helped, cases: []Case{{}, {N: 2, Words: []string{"abc"}, Rows: []Row{{"x", nil}, {"y", []int{1, 2}}, {"z", nil}}}, {N: 2, Words: []string{""}}}},
		"waits":          {fn: Waits, cases: []Case{{N: 3}}, parts: []any{wfetest.Event("key3", Go{By: "me"})}},
		"waits for ever": {fn: Waits, cases: []Case{{N: 4}}, parts: []any{wfetest.Event("key3", Go{By: "me"})}},
		"waits no more":  {fn: Waits, cases: []Case{{N: 3}}, parts: []any{wfetest.Event("key3", Go{By: "me"}), wfetest.Event("never", Go{By: "late"}), wfetest.Timeout("never")}},
		"waits and gets": {fn: Waits, cases: []Case{{N: 3}}, parts: []any{wfetest.Event("key3", Go{By: "me"}), wfetest.Event("never", Go{By: "early"})}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var cases []wfetest.Case[Case]
			for _, in := range c.cases {
				cases = append(cases, wfetest.Case[Case]{Data: in, Parts: func() []any { return append([]any{NewSteps()}, c.parts...) }})
			}
			wfetest.Equivalent(t, c.fn, cases...)
		})
	}
}
