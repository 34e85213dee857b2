package otelwfe_test

import (
	"context"
	"os"
	"os/exec"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/trace"

	"github.com/wfegen/wfe/otelwfe"
	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/store/memory"
)

// alone runs the test in a process of its own, where nobody has set a global provider:
// true is there, and elsewhere the test is over.
func alone(t *testing.T) bool {
	t.Helper()
	const there = "OTELWFE_TEST_ALONE"
	if os.Getenv(there) != "" {
		return true
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), there+"=1")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Contains(t, string(out), "--- PASS: "+t.Name())
	return false
}

// An application may set its providers after it has made the host. Until then nothing
// is done for spans and metrics.
func TestSDK_ThatIsSetLaterIsUsedFromThenOn(t *testing.T) {
	if !alone(t) {
		return
	}
	var last trace.SpanContext
	w, add := one("flow", func(ctx wfe.StepContext, _ int) (wfe.Result, error) {
		last = trace.SpanContextFromContext(ctx)
		return ctx.Next(), nil
	}, func(b *wfe.Generic[flow]) { b.Step("work") })
	h := newSink().host(t, memory.New(), wfe.Config{}, otelwfe.Config{}, add)
	run := func() {
		i, err := w.Start(t.Context(), h, flow{})
		require.NoError(t, err)
		require.NoError(t, ends(t, i))
	}
	run()
	require.False(t, last.IsValid())
	s := newSink()
	otel.SetTracerProvider(s.tracers)
	otel.SetMeterProvider(s.meters)
	run()
	require.True(t, last.IsValid())
	require.NotEmpty(t, allNamed(s.spans(), "step work"))
	require.NoError(t, h.Stop(t.Context()))
	got := s.metrics(t)
	require.Equal(t, 1.0, got["wfe.step.duration{wfe.node.id=work,wfe.outcome=next,wfe.step.undo=false,wfe.workflow.name=flow}"])
	require.Equal(t, 2.0, got["wfe.instance.completed{wfe.workflow.name=flow}"])
	require.Positive(t, got["wfe.commit.size{}"])
}

// steps is a workflow that does one step n times, and what runs it once.
func steps(t testing.TB, n int, host func(c wfe.Config) (*wfe.Host, error)) func() {
	w, add := one("flow", nil, func(b *wfe.Generic[flow]) {
		wfe.Each(b, "each", func(d *flow) []int { return d.Items }, func(b *wfe.Generic[flow], _ *int) { b.Step("work") }, wfe.Sequential())
	})
	h, err := host(wfe.Config{NoHistory: true})
	require.NoError(t, err)
	require.NoError(t, add(h))
	require.NoError(t, h.Start(t.Context()))
	t.Cleanup(func() { require.NoError(t, h.Stop(context.Background())) })
	return func() {
		i, err := w.Start(t.Context(), h, flow{Items: make([]int, n)})
		require.NoError(t, err)
		_, err = i.Wait(t.Context())
		require.NoError(t, err)
	}
}

func plainHost(c wfe.Config) (*wfe.Host, error) { return wfe.NewHost(memory.New(), c), nil }

func apiHost(c wfe.Config) (*wfe.Host, error) {
	return otelwfe.NewHost(memory.New(), c, otelwfe.Config{})
}

// A step costs as many allocations as without this package, while there is no SDK.
func TestAPIAlone_AllocatesNothingForAStep(t *testing.T) {
	if !alone(t) {
		return
	}
	const n = 2000
	perStep := func(run func()) float64 {
		run() // pools, maps and goroutines are there then
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		run()
		runtime.ReadMemStats(&after)
		return float64(after.Mallocs-before.Mallocs) / n
	}
	without := perStep(steps(t, n, plainHost))
	with := perStep(steps(t, n, apiHost))
	t.Logf("allocations for a step: %.2f without, %.2f with", without, with)
	require.Less(t, with, without+0.5) // whole ones; what is below is how maps and slices happen to grow
}

// A step on a store that costs nothing, without this package and with it.
func BenchmarkStep(b *testing.B) {
	const n = 1000
	for name, host := range map[string]func(wfe.Config) (*wfe.Host, error){"none": plainHost, "api": apiHost} {
		b.Run(name, func(b *testing.B) {
			run := steps(b, n, host)
			b.ReportAllocs()
			for i := 0; i < b.N; i += n {
				run()
			}
		})
	}
}
