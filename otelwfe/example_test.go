package otelwfe_test

import (
	"context"
	"fmt"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/wfegen/wfe/otelwfe"
	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/store/memory"
)

func Example() {
	ctx := context.Background()
	// An application takes WithBatcher and an exporter that sends spans, such as that of
	// otlptracehttp.New, and gives both providers to otel.Set...: without Config.TracerProvider
	// and Config.MeterProvider those are taken.
	exporter := tracetest.NewInMemoryExporter()
	tracers := sdktrace.NewTracerProvider(sdktrace.WithSyncer(exporter))

	h, err := otelwfe.NewHost(memory.New(), wfe.Config{}, otelwfe.Config{TracerProvider: tracers})
	check(err)
	type greeting struct{ Name, Text string }
	w := wfe.NewWorkflow("greet", 1, func(b *wfe.Generic[greeting]) {
		b.Func("hello", func(ctx wfe.StepContext, d *greeting) (wfe.Result, error) {
			_, span := tracers.Tracer("greeter").Start(ctx, "look up") // below that of the step
			defer span.End()
			d.Text = "hello, " + d.Name
			return ctx.Next(), nil
		})
	})
	check(h.Add(w))
	check(h.Start(ctx))
	g, err := w.Start(ctx, h, greeting{Name: "world"})
	check(err)
	_, err = g.Wait(ctx)
	check(err)
	check(h.Stop(ctx)) // before the providers are shut down

	trace := exporter.GetSpans()[0].SpanContext.TraceID()
	for _, s := range exporter.GetSpans() {
		fmt.Println(s.Name, s.SpanContext.TraceID() == trace)
	}
	// Unordered output:
	// start greet true
	// look up true
	// step hello true
	// run greet true
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
