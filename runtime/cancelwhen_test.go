package wfe_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/store/memory"
)

func logged(text string) func(*data) bool {
	return func(d *data) bool { return slices.Contains(d.Log, text) }
}

func TestCancelWhen_StopsBodiesRollsBackSagasAndGoesOn(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var undone []string
		r := rig{
			build: func(b *builder) {
				b.Parallel("both",
					func(b *builder) { b.await("withdraw") },
					func(b *builder) {
						b.Saga("order", func(b *builder) {
							b.task("reserve")
							b.task("ship")
							b.CancelWhen(logged("never"))
							b.task("never")
						}).CancelWhen(logged("withdrawn"), wfe.Proceed())
						b.task("tell")
					})
			},
			do: func(ctx wfe.StepContext, s *task) (wfe.Result, error) {
				if s.Out = s.Label; s.Label == "ship" {
					<-ctx.Done()
					return wfe.Result{}, ctx.Err()
				}
				return ctx.Next(), nil
			},
			undo: func(_ context.Context, s *task) error {
				undone = append(undone, s.Label)
				return nil
			},
		}
		h := r.host(t, memory.New(), wfe.Config{})
		i := begin(t, h, "a", data{Key: "k"})
		synctest.Wait()
		began := time.Now()
		publish(t, h, "k", "withdrawn")
		require.Equal(t, []string{"reserve", "withdrawn", "tell"}, completes(t, i))
		require.Equal(t, []string{"ship", "reserve"}, undone)
		require.Less(t, time.Since(began), time.Second)
	})
}

func TestCancelWhen_SeesTheElementsAroundItAndSurvivesARestart(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := rig{build: func(b *builder) {
			wfe.Each(b, "each", func(d *data) []int { return d.Items }, func(b *builder, item *int) {
				wfe.Await(b, "forever", func(*data) string { return "none" }, func(*data, *note) {})
				b.CancelWhen(func(d *data) bool { return len(d.Log) >= *item })
				b.task("never")
			})
			b.task("after")
		}, do: func(ctx wfe.StepContext, s *task) (wfe.Result, error) { s.Out = s.Label; return ctx.Next(), nil }}
		count := r.build
		r.build = func(b *builder) {
			b.Parallel("both", count, func(b *builder) { b.await("one"); b.await("two") })
		}
		st := memory.New()
		h := r.host(t, st, wfe.Config{})
		begin(t, h, "a", data{Key: "k", Items: []int{0, 1, 2}})
		synctest.Wait()
		publish(t, h, "k", "first")
		synctest.Wait()
		require.NoError(t, h.Stop(now()))
		h = r.host(t, st, wfe.Config{})
		publish(t, h, "k", "second")
		require.Equal(t, []string{"first", "second", "after"}, completes(t, wfe.Get(h, ref, "a")))
	})
}

func TestCancelWhen_ABuilderRefusesWhatDoesNotFit(t *testing.T) {
	t.Parallel()
	for want, build := range map[string]func(b *builder){
		"CancelWhen must follow a node":        func(b *builder) { b.CancelWhen(logged("a")) },
		`node "pause" has a second CancelWhen`: func(b *builder) { b.Delay("pause", 1).CancelWhen(logged("a")).CancelWhen(logged("b")) },
		`node "pause": its condition is nil`:   func(b *builder) { b.Delay("pause", 1).CancelWhen(nil) },
		`node "end": it is over at once`:       func(b *builder) { b.End().CancelWhen(logged("a")) },
		`node "set": it is over at once`:       func(b *builder) { b.Set("set", func(*data) {}).CancelWhen(logged("a"), wfe.Proceed()) },
	} {
		require.ErrorContains(t, rig{build: build}.register(wfe.NewHost(memory.New(), wfe.Config{})), want)
	}
}

// What has run inside a node can run again where the condition of the node may fail.
func TestCode_InANodeWithACancelConditionCanBeGotToAgain(t *testing.T) {
	bubble(t, func(t *testing.T) {
		for _, cancels := range []bool{false, true} {
			build := func(b *builder) {
				b.If("if", func(*data) bool { return true }, func(b *builder) { b.task("a"); b.await("wait") })
				if cancels {
					b.CancelWhen(logged("a"))
				}
			}
			old := rig{build: build, code: map[string]string{"if": "1", "if/then/a": "1", "if/then/wait": "1"}}
			st := memory.New()
			h := old.host(t, st, wfe.Config{})
			begin(t, h, "i", data{Key: "k"})
			synctest.Wait()
			require.NoError(t, h.Stop(now()))
			h = rig{build: build, code: map[string]string{"if": "1", "if/then/a": "2", "if/then/wait": "1"}}.host(t, st, wfe.Config{})
			synctest.Wait()
			publish(t, h, "k", "event")
			synctest.Wait()
			left := blocked(t, h)
			if !cancels {
				require.Empty(t, left)
				continue
			}
			require.Len(t, left, 1)
			require.Equal(t, "if/then/a", left[0].Node)
			require.NoError(t, h.Stop(now()))
		}
	})
}
