package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/exporters/stdout/stdoutmetric"
	"go.opentelemetry.io/otel/exporters/stdout/stdouttrace"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// telemetry is where spans and metrics go.
type telemetry struct {
	spans   *sdktrace.TracerProvider
	metrics *metric.MeterProvider
}

// newTelemetry makes providers with the exporters of that name.
func newTelemetry(ctx context.Context, to string, stdout io.Writer) (*telemetry, error) {
	var spans sdktrace.SpanExporter
	var points metric.Exporter
	var err, err2 error
	switch to {
	case "stdout":
		spans, err = stdouttrace.New(stdouttrace.WithWriter(stdout))
		points, err2 = stdoutmetric.New(stdoutmetric.WithWriter(stdout))
	case "otlp":
		spans, err = otlptracehttp.New(ctx)
		points, err2 = otlpmetrichttp.New(ctx)
	default:
		return nil, fmt.Errorf("-otel is %q; it can be stdout or otlp", to)
	}
	if err := errors.Join(err, err2); err != nil {
		return nil, fmt.Errorf("making the exporters: %w", err)
	}
	about, err := resource.Merge(resource.Default(), resource.NewSchemaless(attribute.String("service.name", "order")))
	if err != nil {
		return nil, err
	}
	return &telemetry{
		// Spans that wait to be exported are lost with the process: a short wait loses few.
		spans:   sdktrace.NewTracerProvider(sdktrace.WithBatcher(spans, sdktrace.WithBatchTimeout(200*time.Millisecond)), sdktrace.WithResource(about)),
		metrics: metric.NewMeterProvider(metric.WithReader(metric.NewPeriodicReader(points)), metric.WithResource(about)),
	}, nil
}

// close exports what is left, within some seconds.
func (t *telemetry) close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return errors.Join(t.spans.Shutdown(ctx), t.metrics.Shutdown(ctx))
}
