package wfe_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/store/memory"
)

// gauge counts what runs at the same time.
type gauge struct{ now, most atomic.Int64 }

func (g *gauge) during(f func()) {
	n := g.now.Add(1)
	for m := g.most.Load(); n > m && !g.most.CompareAndSwap(m, n); m = g.most.Load() {
	}
	f()
	g.now.Add(-1)
}

func TestStepLimit_BoundsTheBodiesOfAStep(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var g gauge
		r := rig{build: func(b *builder) { b.each("a") }}
		r.do = func(ctx wfe.StepContext, _ *task) (wfe.Result, error) {
			g.during(func() { time.Sleep(time.Second) })
			return ctx.Next(), nil
		}
		h := r.host(t, memory.New(), wfe.Config{Limits: map[string]wfe.StepLimit{"task": {Concurrent: 3}}})
		start := time.Now()
		a, b := begin(t, h, "a", data{Items: make([]int, 20)}), begin(t, h, "b", data{Items: make([]int, 1)})
		completes(t, b)
		require.Less(t, time.Since(start), 5*time.Second, "the other instance is not behind all branches of the first")
		completes(t, a)
		require.EqualValues(t, 3, g.most.Load())
		require.InDelta(t, 7, time.Since(start).Seconds(), 0.01)
	})
}

func TestStepLimit_BoundsHowOftenAStepBegins(t *testing.T) {
	bubble(t, func(t *testing.T) {
		begun := newTimes()
		r := rig{build: func(b *builder) { b.each("a") }}
		r.do = func(ctx wfe.StepContext, _ *task) (wfe.Result, error) {
			begun.note()
			return ctx.Next(), nil
		}
		h := r.host(t, memory.New(), wfe.Config{Limits: map[string]wfe.StepLimit{"task": {Rate: 2, Burst: 3}}})
		completes(t, begin(t, h, "a", data{Items: make([]int, 6)}))
		begun.on(t, 0, 0, 0, 500*time.Millisecond, time.Second, 1500*time.Millisecond)
	})
}

// What a limit holds back occupies nobody: other steps run, and it can be stopped.
func TestStepLimit_WhatIsHeldBackIsInNobodysWay(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := rig{retry: &wfe.RetryPolicy{Then: wfe.Terminate}, build: func(b *builder) {
			b.Parallel("both",
				func(b *builder) { b.each("slow") },
				func(b *builder) {
					b.Delay("wait", time.Second)
					b.Func("free", func(ctx wfe.StepContext, d *data) (wfe.Result, error) {
						if d.Key == "fails" {
							return ctx.Next(), wfe.Permanent(errTask)
						}
						d.Log = append(d.Log, "free")
						return ctx.Next(), nil
					}).OnError(wfe.RetryPolicy{Then: wfe.Terminate})
				})
		}}
		var ran atomic.Int64
		r.do = func(ctx wfe.StepContext, _ *task) (wfe.Result, error) {
			ran.Add(1)
			select {
			case <-ctx.Done():
			case <-time.After(time.Hour):
			}
			return ctx.Next(), ctx.Err()
		}
		h := r.host(t, memory.New(), wfe.Config{Bodies: 2, Limits: map[string]wfe.StepLimit{"task": {Concurrent: 1}}})
		start := time.Now()
		_, err := begin(t, h, "a", data{Key: "fails", Items: make([]int, 10)}).Wait(t.Context())
		var ended *wfe.EndedError
		require.ErrorAs(t, err, &ended)
		require.Less(t, time.Since(start), 2*time.Second)
		require.EqualValues(t, 1, ran.Load(), "the others were held back and stopped there")
		require.Equal(t, []string{"free"}, completes(t, begin(t, h, "b", data{Items: make([]int, 1)})))
	})
}

// Each instance's compensations count too.
func TestStepLimit_CountsCompensations(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var g gauge
		r := rig{retry: &wfe.RetryPolicy{}, build: func(b *builder) {
			b.Saga("saga", func(b *builder) {
				b.task("a")
				b.task("b")
			})
		}}
		r.do = func(ctx wfe.StepContext, s *task) (wfe.Result, error) {
			if s.Label == "b" {
				return ctx.Next(), errTask
			}
			return ctx.Next(), nil
		}
		r.undo = func(context.Context, *task) error {
			g.during(func() { time.Sleep(time.Second) })
			return nil
		}
		h := r.host(t, memory.New(), wfe.Config{Limits: map[string]wfe.StepLimit{"task": {Concurrent: 2}}})
		var all []wfe.Handle[data]
		for i := range 6 {
			all = append(all, begin(t, h, fmt.Sprint(i), data{}))
		}
		for _, a := range all {
			_, err := a.Wait(t.Context())
			require.Error(t, err)
		}
		require.EqualValues(t, 2, g.most.Load())
	})
}

func TestStepLimit_ThatMakesNoSenseIsRefused(t *testing.T) {
	t.Parallel()
	for text, limits := range map[string]map[string]wfe.StepLimit{
		`step "tusk", which is in no registered workflow`: {"tusk": {Concurrent: 1}},
		"negative or not finite":                          {"task": {Concurrent: -1}},
		"a burst without a rate":                          {"task": {Burst: 2}},
	} {
		h := wfe.NewHost(memory.New(), wfe.Config{Limits: limits})
		require.NoError(t, rig{build: func(b *builder) { b.task("a") }}.register(h))
		require.ErrorContains(t, h.Start(t.Context()), text)
	}
}
