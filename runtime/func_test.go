package wfe_test

import (
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/store/memory"
)

func TestFunc_StoresOnlyTheFieldsThatItChanged(t *testing.T) {
	bubble(t, func(t *testing.T) {
		both := make(chan struct{})
		var began atomic.Int32
		meet := func() {
			if began.Add(1) == 2 {
				close(both)
			}
			<-both
		}
		r := rig{build: func(b *builder) {
			b.Parallel("both",
				func(b *builder) {
					b.Func("key", func(ctx wfe.StepContext, d *data) (wfe.Result, error) {
						meet()
						d.Key += "+key"
						return ctx.Next(), nil
					})
				},
				func(b *builder) {
					b.Func("items", func(ctx wfe.StepContext, d *data) (wfe.Result, error) {
						meet()
						d.Items = nil
						d.Log = append(d.Log, fmt.Sprint(d.Key, ctx.Node, ctx.Attempt))
						return ctx.Next(), nil
					})
				})
		}}
		h := r.host(t, memory.New(), wfe.Config{})
		done, err := begin(t, h, "a", data{Key: "k", Items: []int{1, 2}}).Wait(t.Context())
		require.NoError(t, err)
		require.Equal(t, data{Key: "k+key", Log: []string{"kboth/items1"}}, done)
	})
}

func TestFunc_HasTheElementsOfTheLoopsAroundIt(t *testing.T) {
	bubble(t, func(t *testing.T) {
		seen := make(chan string, 9)
		r := rig{build: func(b *builder) {
			wfe.Each(b, "outer", func(d *data) []int { return d.Items }, func(b *builder, outer *int) {
				wfe.Each(b, "inner", func(d *data) []int { return d.Items }, func(b *builder, inner *int) {
					b.Func("see", func(ctx wfe.StepContext, _ *data) (wfe.Result, error) {
						<-time.After(time.Second) // all of them run at once
						seen <- fmt.Sprint(*outer, *inner)
						return ctx.Next(), nil
					})
				})
			})
		}}
		h := r.host(t, memory.New(), wfe.Config{})
		completes(t, begin(t, h, "a", data{Items: []int{1, 2, 3}}))
		close(seen)
		var all []string
		for s := range seen {
			all = append(all, s)
		}
		slices.Sort(all)
		require.Equal(t, []string{"1 1", "1 2", "1 3", "2 1", "2 2", "2 3", "3 1", "3 2", "3 3"}, all)
	})
}

func TestFunc_AFailedRunChangesNothing(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := rig{build: func(b *builder) {
			b.Func("work", func(ctx wfe.StepContext, d *data) (wfe.Result, error) {
				d.Log = append(d.Log, fmt.Sprint("run ", ctx.Attempt))
				if ctx.Attempt < 3 {
					return ctx.Next(), errTask
				}
				return ctx.Next(), nil
			})
		}}
		h := r.host(t, memory.New(), wfe.Config{})
		require.Equal(t, []string{"run 3"}, completes(t, begin(t, h, "a", data{})))
	})
}

func TestFunc_SleepsAndKeeps(t *testing.T) {
	bubble(t, func(t *testing.T) {
		at := newTimes()
		r := rig{build: func(b *builder) {
			b.Func("nap", func(ctx wfe.StepContext, d *data) (wfe.Result, error) {
				at.note()
				var was string
				again, err := ctx.Persisted(&was)
				if d.Log = append(d.Log, "was "+was); !again {
					return ctx.Sleep(time.Hour).Keep("here"), err
				}
				return ctx.Next(), err
			})
		}}
		h := r.host(t, memory.New(), wfe.Config{})
		require.Equal(t, []string{"was here"}, completes(t, begin(t, h, "a", data{})))
		at.on(t, 0, time.Hour)
	})
}

func TestFunc_RefusesAnOutcomeAndAPolicyThatCompensates(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := rig{build: func(b *builder) {
			b.Func("choose", func(ctx wfe.StepContext, _ *data) (wfe.Result, error) { return ctx.Outcome("left"), nil }).
				OnError(wfe.RetryPolicy{Then: wfe.Terminate})
		}}
		h := r.host(t, memory.New(), wfe.Config{})
		_, err := begin(t, h, "a", data{}).Wait(t.Context())
		require.ErrorContains(t, err, "step choose: wfe: a Func has no outcomes")
		r.build = func(b *builder) {
			b.Func("choose", nil).OnError(wfe.RetryPolicy{Then: wfe.Compensate})
		}
		err = r.register(wfe.NewHost(memory.New(), wfe.Config{}))
		require.ErrorContains(t, err, `node "choose": its function is nil`)
		require.ErrorContains(t, err, `node "choose": its policy compensates`)
	})
}

func TestFunc_OfTheNameOfAStepIsAnother(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := rig{build: func(b *builder) {
			b.Func("task", func(ctx wfe.StepContext, d *data) (wfe.Result, error) {
				d.Log = append(d.Log, "func")
				return ctx.Next(), nil
			})
			b.task("other")
		}}
		r.do = func(ctx wfe.StepContext, s *task) (wfe.Result, error) { s.Out = "task"; return ctx.Next(), nil }
		h := r.host(t, memory.New(), wfe.Config{})
		require.Equal(t, []string{"func", "task"}, completes(t, begin(t, h, "a", data{})))
	})
}

// omits is data whose JSON leaves out what is empty and that has a map.
type omits struct {
	Gone string         `json:"gone,omitempty"`
	Map  map[string]int `json:"map"`
	List []omits        `json:"list,omitempty"`
}

func TestFunc_CanEmptyFieldsAndReplaceWhatTheyHold(t *testing.T) {
	bubble(t, func(t *testing.T) {
		w := wfe.NewWorkflow("flow", 1, func(b *wfe.Generic[omits]) {
			b.Func("change", func(ctx wfe.StepContext, d *omits) (wfe.Result, error) {
				d.Gone = ""
				delete(d.Map, "a")
				d.List = []omits{{}}
				return ctx.Next(), nil
			})
		})
		h := wfe.NewHost(memory.New(), wfe.Config{})
		require.NoError(t, h.Add(w))
		require.NoError(t, h.Start(t.Context()))
		defer func() { require.NoError(t, h.Stop(t.Context())) }()
		i, err := wfe.Start(t.Context(), h, w.Ref(), &omits{Gone: "x", Map: map[string]int{"a": 1, "b": 2}, List: []omits{{Gone: "y"}}})
		require.NoError(t, err)
		done, err := i.Wait(t.Context())
		require.NoError(t, err)
		require.Equal(t, omits{Map: map[string]int{"b": 2}, List: []omits{{}}}, done)
	})
}
