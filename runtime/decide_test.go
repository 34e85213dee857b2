package wfe_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/store/memory"
)

func TestDecideAndSetWorkOnTheDataOfTheirMoment(t *testing.T) {
	bubble(t, func(t *testing.T) {
		has := func(n int) func(*data) bool { return func(d *data) bool { return len(d.Log) >= n } }
		log := func(s string) func(*data) { return func(d *data) { d.Log = append(d.Log, s) } }
		r := rig{build: func(b *builder) {
			b.Decide("first").
				When("some", has(1), func(b *builder) { b.Set("some", log("some")) }).
				Default(func(b *builder) { b.Set("none", log("none")) })
			b.Decide("all").AllMatching().
				When("one", has(1), func(b *builder) { b.Set("x", log("one")) }).
				When("nine", has(9), func(b *builder) { b.Set("x", log("nine")) }).
				When("zero", has(0), func(b *builder) { b.Set("x", log("zero")) })
		}}
		h := r.host(t, memory.New(), wfe.Config{})
		require.Equal(t, []string{"none", "one", "zero"}, completes(t, begin(t, h, "a", data{})))
	})
}

func TestABuilderRefusesWhatDoesNotFit(t *testing.T) {
	t.Parallel()
	yes := func(*data) bool { return true }
	for name, c := range map[string]struct {
		build func(b *builder)
		says  string
	}{
		"no decide":    {func(b *builder) { b.task("a"); b.When("x", yes, nil) }, "When must follow a node of kind decide"},
		"twice":        {func(b *builder) { b.Decide("d").When("x", yes, nil).When("x", yes, nil) }, `second When`},
		"two defaults": {func(b *builder) { b.Decide("d").Default(nil).Default(nil) }, "second Default"},
		"default name": {func(b *builder) { b.Decide("d").When("default", yes, nil) }, "Default adds that one"},
		"no condition": {func(b *builder) { b.If("i", nil, nil) }, `node "i": its condition is nil`},
		"no change":    {func(b *builder) { b.Set("s", nil) }, `node "s": its change is nil`},
		"no body":      {func(b *builder) { wfe.Each(b, "e", func(d *data) []int { return d.Items }, nil) }, `node "e": its body is nil`},
		"slash":        {func(b *builder) { b.Decide("d").When("a/b", yes, nil) }, `case "a/b"`},
		"slash in id":  {func(b *builder) { b.If("a/b", yes, nil) }, `segment "a/b"`},
		"slash later":  {func(b *builder) { b.If("i", yes, nil).Name("a/b") }, `segment "a/b"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := rig{build: c.build}.register(wfe.NewHost(memory.New(), wfe.Config{}))
			require.ErrorContains(t, err, c.says)
		})
	}
}
