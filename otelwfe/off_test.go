package otelwfe_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/wfegen/wfe/otelwfe"
	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/store/memory"
)

// An application may set its providers after it has made the host. Until then nothing
// is done for spans. It works on what is global: no other test does.
func TestSDK_ThatIsSetLaterIsUsedFromThenOn(t *testing.T) {
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
	s := tracetest.NewInMemoryExporter()
	otel.SetTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSyncer(s)))
	run()
	require.True(t, last.IsValid())
	require.NotEmpty(t, allNamed(s.GetSpans(), "step work"))
}
