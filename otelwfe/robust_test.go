package otelwfe_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/wfegen/wfe/otelwfe"
	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/store/memory"
)

// fan is a workflow that works on each of its items in parallel.
func fan() (wfe.Workflow[flow, *wfe.Generic[flow]], func(h *wfe.Host) error) {
	return one("fan", nil, func(b *wfe.Generic[flow]) {
		wfe.Each(b, "each", func(d *flow) []int { return d.Items }, func(b *wfe.Generic[flow], item *int) {
			wfe.Then(b, func(_ *flow, s *work) { s.Item = *item })
		})
	})
}

// The engine's own part misses nothing: each of 10,000 elements has its span, and is counted.
func TestFanOut_OfTenThousandElementsHasAsManySpans(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newSink()
		w, add := fan()
		h := s.host(t, memory.New(), wfe.Config{}, s.config(), add)
		i, err := w.Start(t.Context(), h, flow{Items: make([]int, 10_000)})
		require.NoError(t, err)
		require.NoError(t, ends(t, i))
		synctest.Wait()
		require.Equal(t, "start fan\n  run fan\n  step each/work x10000\n", tree(s.spans()))
		require.Equal(t, 10_000.0, s.metrics(t)["wfe.step.duration{wfe.node.id=each/work,wfe.outcome=next,wfe.step.undo=false,wfe.workflow.name=fan}"])
		require.Zero(t, h.Stats().Missed, "attempts of steps are no notices")
		index := map[string]bool{}
		for _, span := range allNamed(s.spans(), "step each/work") {
			index[attrs(span)["wfe.step.index"]] = true
		}
		require.Len(t, index, 10_000)
	})
}

// stuck is an exporter that hangs.
type stuck struct{ until <-chan struct{} }

func (s stuck) ExportSpans(context.Context, []sdktrace.ReadOnlySpan) error { <-s.until; return nil }
func (s stuck) Shutdown(context.Context) error                             { return nil }

func TestExporter_ThatHangsHoldsNothingUp(t *testing.T) {
	bubble(t, func(t *testing.T) {
		free := make(chan struct{})
		tracers := sdktrace.NewTracerProvider(sdktrace.WithBatcher(stuck{free}))
		w, add := fan()
		h := newSink().host(t, memory.New(), wfe.Config{},
			otelwfe.Config{TracerProvider: tracers, MeterProvider: metric.NewMeterProvider()}, add)
		began := time.Now()
		i, err := w.Start(t.Context(), h, flow{Items: make([]int, 10_000)})
		require.NoError(t, err)
		require.NoError(t, ends(t, i))
		require.Less(t, time.Since(began), time.Second)
		require.NoError(t, h.Stop(t.Context()))
		close(free)
		require.NoError(t, tracers.Shutdown(t.Context()))
	})
}

// A listener of the application that panics, and one that hangs, do not keep spans
// from being made.
func TestListeners_OfTheApplicationDoNotHarmTelemetry(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newSink()
		free := make(chan struct{})
		defer close(free)
		w, add := fan()
		c := wfe.Config{Listeners: []func(wfe.Notice){func(wfe.Notice) { panic("ouch") }, func(wfe.Notice) { <-free }},
			Samplers: []func(wfe.Sample){func(wfe.Sample) { panic("ouch") }}}
		h := s.host(t, memory.New(), c, s.config(), add)
		i, err := w.Start(t.Context(), h, flow{Items: make([]int, 10_000)})
		require.NoError(t, err)
		require.NoError(t, ends(t, i))
		synctest.Wait()
		require.Equal(t, "start fan\n  run fan\n  step each/work x10000\n", tree(s.spans()))
		require.Positive(t, s.metrics(t)["wfe.host.missed{}"], "those of the one that hangs")
	})
}
