package wfe_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/store/memory"
)

func TestStepCompensation_OfABlockSeesTheRunThatItUndoes(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var mu sync.Mutex
		keys, undoes := map[string]string{}, map[string]string{}
		r := rig{retry: &wfe.RetryPolicy{}, build: func(b *builder) {
			b.Saga("saga", func(b *builder) {
				b.task("book").Compensate(func(b *builder, done *task) {
					b.Set("note", func(d *data) { d.Log = append(d.Log, "undoing "+done.Out) })
					b.Func("look", func(ctx wfe.StepContext, d *data) (wfe.Result, error) {
						d.Log = append(d.Log, "looked at "+done.Out)
						return ctx.Next(), nil
					})
					b.task("cancel")
				})
				b.task("fail").Compensate(func(b *builder, done *task) {
					b.Set("part", func(d *data) { d.Log = append(d.Log, "in part: "+done.Label+done.Out) })
				})
			}).Compensate(func(b *builder) { b.task("tell") })
		}}
		r.do = func(ctx wfe.StepContext, s *task) (wfe.Result, error) {
			mu.Lock()
			defer mu.Unlock()
			keys[s.Label], undoes[s.Label] = ctx.IdempotencyKey, ctx.Undoes
			if s.Label == "fail" {
				return ctx.Next(), errTask
			}
			s.Out = s.Label
			return ctx.Next(), nil
		}
		h := r.host(t, memory.New(), wfe.Config{})
		require.Equal(t, []string{"book", "in part: fail", "undoing book", "looked at book", "cancel", "tell"}, completes(t, begin(t, h, "a", data{})))
		require.Equal(t, keys["book"], undoes["cancel"])
		require.Empty(t, undoes["book"]+undoes["tell"])
	})
}

func TestCompensation_OutputsOfTheStepThatUndoesAreStored(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := rig{retry: &wfe.RetryPolicy{}, build: func(b *builder) {
			b.Saga("saga", func(b *builder) {
				wfe.AddStep(b.Block, wfe.Use[data, task]{
					Set: func(_ *data, s *task) { s.Label = "book" },
					Undo: wfe.UndoBy(
						func(_ *data, done, undo *task) { undo.Label = "cancel " + done.Out },
						func(d *data, undo *task) { d.Log = append(d.Log, undo.Out) }),
				})
				b.task("fail")
			}).Compensate(func(b *builder) { b.task("tell") })
		}}
		r.do = func(ctx wfe.StepContext, s *task) (wfe.Result, error) {
			if s.Label == "fail" {
				return ctx.Next(), errTask
			}
			s.Out = s.Label
			return ctx.Next(), nil
		}
		h := r.host(t, memory.New(), wfe.Config{})
		require.Equal(t, []string{"cancel book", "tell"}, completes(t, begin(t, h, "a", data{})))
	})
}

func TestABuilderRefusesCompensationsThatDoNotFit(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		build func(b *builder)
		says  string
	}{
		"of a delay":    {func(b *builder) { b.Delay("d", 1).Compensate(nil) }, `Compensate must follow a saga, a step or a child; the node before it is "d", of kind delay`},
		"of nothing":    {func(b *builder) { b.Compensate(nil) }, "Compensate must follow a node"},
		"a second one":  {func(b *builder) { n := b.task("a"); n.Compensate(func(*builder, *task) {}); b.Compensate(nil) }, `node "a" has a second Compensate`},
		"no body":       {func(b *builder) { b.task("a").Compensate(nil) }, `node "a": its compensation is nil`},
		"as an outcome": {func(b *builder) { b.task("a").When("compensate", nil) }, `an outcome cannot be "compensate"`},
		"ends it all": {func(b *builder) {
			b.Saga("s", func(b *builder) { b.task("a").Compensate(func(b *builder, _ *task) { b.End() }) })
		}, "would leave that half undone"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := rig{build: c.build}.register(wfe.NewHost(memory.New(), wfe.Config{}))
			require.ErrorContains(t, err, c.says)
		})
	}
}
