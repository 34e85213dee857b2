package wfe_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/store/memory"
)

func TestStats_CountWhatBecomesOfInstances(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := rig{retry: &wfe.RetryPolicy{Then: wfe.Terminate}, build: func(b *builder) { b.task("a"); b.await("w") }}
		r.do = func(ctx wfe.StepContext, _ *task) (wfe.Result, error) {
			if ctx.Instance == "bad" {
				return ctx.Next(), errTask
			}
			return ctx.Next(), nil
		}
		h := wfe.NewHost(memory.New(), wfe.Config{})
		require.Zero(t, h.Stats(), "it was not started")
		require.NoError(t, r.register(h))
		require.NoError(t, r.registerAs(h, "other", 3, func(*builder) {}))
		require.NoError(t, h.Start(t.Context()))
		defer func() { _ = h.Stop(now()) }()
		_, err := begin(t, h, "bad", data{}).Wait(t.Context())
		require.Error(t, err)
		good, off, stop := begin(t, h, "good", data{Key: "k"}), begin(t, h, "off", data{Key: "off"}), begin(t, h, "stop", data{Key: "stop"})
		synctest.Wait()
		require.NoError(t, off.Cancel(t.Context()))
		require.NoError(t, stop.Terminate(t.Context(), ""))
		for range 2 {
			require.NoError(t, good.Suspend(t.Context()))
			require.NoError(t, good.Resume(t.Context()))
		}
		require.NoError(t, good.Resume(t.Context()))
		publish(t, h, "k", "x")
		completes(t, good)
		o := ref
		o.ID = "other"
		_, err = wfe.Start(t.Context(), h, o, &data{}, wfe.ID("o"))
		require.NoError(t, err)
		_, err = wfe.Start(t.Context(), h, o, &data{}, wfe.ID("o"))
		require.NoError(t, err, "it is there already")
		require.Equal(t, []wfe.WorkflowStats{
			{Workflow: "flow", Version: 1, Started: 4, Suspended: 2, Completed: 1, Failed: 1, Cancelled: 1, Terminated: 1},
			{Workflow: "other", Version: 3, Started: 1, Completed: 1},
		}, h.Stats().Workflows)
	})
}

func TestStats_SayWhatTheHostHasToDo(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := rig{build: func(b *builder) {
			b.Parallel("p", func(b *builder) { b.each("a", wfe.Limit(50)) }, func(b *builder) { b.Delay("d", 30*time.Second) })
		}}
		release := make(chan struct{})
		free := sync.OnceFunc(func() { close(release) })
		defer free()
		r.do = func(ctx wfe.StepContext, _ *task) (wfe.Result, error) {
			<-release
			return ctx.Next(), nil
		}
		h := r.host(t, memory.New(), wfe.Config{Bodies: 3})
		i := begin(t, h, "i", data{Items: make([]int, 40)})
		synctest.Wait()
		s := h.Stats()
		require.Equal(t, []int{1, 3, 37, 1, 0}, []int{s.Instances, s.Running, s.Waiting, s.Timers, s.Queue})
		require.Positive(t, s.Commits)
		require.Positive(t, s.Committed)
		time.Sleep(time.Second)
		require.Equal(t, time.Second, h.Stats().LeaseAge)
		time.Sleep(time.Minute)
		require.LessOrEqual(t, h.Stats().LeaseAge, 2*time.Second, "an idle owner commits a sign of life")
		free()
		completes(t, i)
		synctest.Wait()
		s = h.Stats()
		require.Equal(t, []int{0, 0, 0, 0, 0}, []int{s.Instances, s.Running, s.Waiting, s.Timers, s.Inputs})
	})
}

func TestStats_CountBodiesThatAreLeftBehind(t *testing.T) {
	bubble(t, func(t *testing.T) {
		release := make(chan struct{})
		defer close(release)
		r := rig{timeout: time.Second, retry: &wfe.RetryPolicy{Then: wfe.Terminate}, build: func(b *builder) { b.task("a") },
			do: func(ctx wfe.StepContext, _ *task) (wfe.Result, error) {
				<-release
				return ctx.Next(), nil
			}}
		h := r.host(t, memory.New(), wfe.Config{})
		_, err := begin(t, h, "i", data{}).Wait(t.Context())
		require.Error(t, err)
		require.EqualValues(t, 1, h.Stats().Leaked)
	})
}

func TestSampler_GetsCommitsAndTimers(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var n notes
		items := 0
		sampler := func(s wfe.Sample) {
			switch s.Kind {
			case wfe.SampleCommit:
				items += s.N
			case wfe.SampleTimers:
				n.add(fmt.Sprintf("%d timers %s late", s.N, s.Took))
			}
		}
		st := memory.New()
		r := rig{build: func(b *builder) { b.Delay("d", time.Minute) }}
		first := r.host(t, st, wfe.Config{})
		i, j := begin(t, first, "i", data{}), begin(t, first, "j", data{})
		synctest.Wait()
		require.NoError(t, first.Stop(context.Background()))
		time.Sleep(2 * time.Minute)
		h := r.host(t, st, wfe.Config{Samplers: []func(wfe.Sample){sampler, func(wfe.Sample) { panic("ouch") }}})
		completes(t, wfe.Get(h, ref, i.ID()))
		completes(t, wfe.Get(h, ref, j.ID()))
		require.NoError(t, h.Stop(now()))
		require.Equal(t, []string{"2 timers 1m0s late"}, n.lines)
		require.EqualValues(t, h.Stats().Committed, items)
	})
}

func TestSampler_GetsSamplesTenTimesASecondAndTheRestAtTheEnd(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var got atomic.Int64
		h := rig{build: func(b *builder) { b.task("a") }}.host(t, memory.New(), wfe.Config{Samplers: []func(wfe.Sample){func(wfe.Sample) { got.Add(1) }}})
		completes(t, begin(t, h, "i", data{}))
		synctest.Wait()
		require.Zero(t, got.Load(), "to be woken for each commit would cost more than the commit is worth")
		time.Sleep(100 * time.Millisecond)
		synctest.Wait()
		require.EqualValues(t, h.Stats().Commits, got.Load(), "those of both transitions")
		time.Sleep(time.Second)
		before := got.Load()
		completes(t, begin(t, h, "j", data{}))
		require.NoError(t, h.Stop(t.Context()))
		require.Greater(t, got.Load(), before)
	})
}

func TestSampler_ThatHangsHoldsNothingUpAndIsCounted(t *testing.T) {
	bubble(t, func(t *testing.T) {
		release := make(chan struct{})
		h := rig{build: func(b *builder) { b.each("a") }}.host(t, memory.New(), wfe.Config{
			Samplers:  []func(wfe.Sample){func(wfe.Sample) { <-release }},
			Listeners: []func(wfe.Notice){func(wfe.Notice) { <-release }}})
		completes(t, begin(t, h, "i", data{Items: make([]int, 5000)}))
		require.Positive(t, h.Stats().Missed)
		close(release)
	})
}
