package otelwfe_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/store/memory"
)

func TestMetrics_CountWhatBecomesOfInstancesAndAttempts(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newSink()
		w, add := one("flow", func(ctx wfe.StepContext, _ int) (wfe.Result, error) {
			switch {
			case ctx.Instance == "bad", ctx.Attempt == 1:
				return ctx.Next(), errWork
			}
			return ctx.Next(), nil
		}, func(b *wfe.Generic[flow]) {
			b.Step("work").OnError(wfe.RetryPolicy{MaxRetries: 1, Interval: time.Second, Then: wfe.Terminate})
			wfe.Await(b, "wait", func(*flow) string { return "k" }, func(*flow, *note) {})
		})
		h := s.host(t, memory.New(), wfe.Config{}, s.config(), add)
		for _, id := range []string{"good", "bad", "off", "stop"} {
			_, err := w.Start(t.Context(), h, flow{}, wfe.ID(id))
			require.NoError(t, err)
		}
		time.Sleep(5 * time.Second)
		require.NoError(t, h.Suspend(t.Context(), "good"))
		require.NoError(t, h.Resume(t.Context(), "good"))
		require.NoError(t, h.Cancel(t.Context(), "off"))
		require.NoError(t, h.Terminate(t.Context(), "stop", ""))
		require.NoError(t, noteEvent.Publish(t.Context(), h, "k", note{}))
		require.NoError(t, ends(t, wfe.Get(h, w.Ref(), "good")))
		synctest.Wait()
		got := s.metrics(t)
		for name, want := range map[string]float64{
			"wfe.instance.started{wfe.workflow.name=flow}":                                                     4,
			"wfe.instance.completed{wfe.workflow.name=flow}":                                                   1,
			"wfe.instance.suspended{wfe.workflow.name=flow}":                                                   1,
			"wfe.instance.terminated{wfe.outcome=failed,wfe.workflow.name=flow}":                               1,
			"wfe.instance.terminated{wfe.outcome=cancelled,wfe.workflow.name=flow}":                            1,
			"wfe.instance.terminated{wfe.outcome=terminated,wfe.workflow.name=flow}":                           1,
			"wfe.step.duration{wfe.node.id=work,wfe.outcome=error,wfe.step.undo=false,wfe.workflow.name=flow}": 5,
			"wfe.step.duration{wfe.node.id=work,wfe.outcome=next,wfe.step.undo=false,wfe.workflow.name=flow}":  3,
			"wfe.step.attempts{wfe.node.id=work,wfe.step.undo=false,wfe.workflow.name=flow}":                   3,
			"wfe.host.queue.depth{}": 0, "wfe.host.inbox.depth{}": 0, "wfe.host.blocked{}": 0, "wfe.host.missed{}": 0, "wfe.host.bodies.leaked{}": 0,
			"wfe.host.bodies{wfe.bodies.state=running}": 0, "wfe.host.instances{}": 0,
		} {
			require.Contains(t, got, name)
			require.Equal(t, want, got[name], name)
		}
		require.Less(t, got["wfe.host.lease.age{}"], 2.1)
		require.Equal(t, got["wfe.commit.size{}"], got["wfe.commit.duration{}"])
		require.Positive(t, got["wfe.timer.lateness{}"])
	})
}

// However many instances there are, and whatever they return, there are no more
// labels than the program defines.
func TestMetrics_HaveNoMoreLabelsWithTenThousandInstances(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newSink()
		w, add := one("flow", func(ctx wfe.StepContext, _ int) (wfe.Result, error) {
			return ctx.Outcome("of " + ctx.Instance), nil
		}, func(b *wfe.Generic[flow]) { b.Step("work") })
		h := s.host(t, memory.New(), wfe.Config{}, s.config(), add)
		labels := func(from, to int) []string {
			for n := from; n < to; n++ {
				_, err := w.Start(t.Context(), h, flow{Key: fmt.Sprint("key-", n)}, wfe.ID(fmt.Sprint("id-", n)), wfe.Reference(fmt.Sprint("ref-", n)))
				require.NoError(t, err)
			}
			time.Sleep(time.Second) // samples are handed on by then
			s.exporter.Reset()
			all := slices.Sorted(maps.Keys(s.metrics(t)))
			return slices.DeleteFunc(all, func(l string) bool { return strings.HasPrefix(l, "wfe.timer") })
		}
		few := labels(0, 10)
		require.Equal(t, few, labels(10, 10_000))
		require.NotContains(t, strings.Join(few, " "), "id-")
	})
}

func TestMetrics_OfAHostThatHasEndedAreReadALastTime(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newSink()
		w, add := one("flow", nil, func(b *wfe.Generic[flow]) { b.Step("work") })
		h := s.host(t, memory.New(), wfe.Config{}, s.config(), add)
		i, err := w.Start(t.Context(), h, flow{})
		require.NoError(t, err)
		require.NoError(t, ends(t, i))
		require.NoError(t, h.Stop(t.Context()))
		const name = "wfe.instance.completed{wfe.workflow.name=flow}"
		require.Equal(t, 1.0, s.metrics(t)[name])
		synctest.Wait()
		require.NotContains(t, s.metrics(t), name, "nobody keeps the host in memory")
	})
}
