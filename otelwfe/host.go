package otelwfe

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/store"
)

// scope is the name under which spans and metrics are made.
const scope = "github.com/wfegen/wfe/otelwfe"

// Config says where spans and metrics go. The zero value of a field is its default.
type Config struct {
	TracerProvider trace.TracerProvider // default: otel.GetTracerProvider
	MeterProvider  metric.MeterProvider // default: otel.GetMeterProvider

	// OwnTraces begins a new trace for each instance, with a link to the span of its
	// caller: where callers are not trusted with ids of traces and the decision what
	// is sampled, or where instances live for so long that they would keep the
	// caller's trace open.
	OwnTraces bool

	// LongSpan is how long an instance may have lived for its span "run" to begin
	// where the instance began; that of an older one is where it ended. Default 1 h.
	LongSpan time.Duration
}

// NewHost returns a host as wfe.NewHost does, with spans and metrics of what it does.
// Its middleware is outside of that of c, whose spans are so inside of the steps'.
func NewHost(st store.Store, c wfe.Config, o Config) (*wfe.Host, error) {
	if o.TracerProvider == nil {
		o.TracerProvider = otel.GetTracerProvider()
	}
	if o.MeterProvider == nil {
		o.MeterProvider = otel.GetMeterProvider()
	}
	s := &spans{tracer: o.TracerProvider.Tracer(scope), own: o.OwnTraces, long: cmp.Or(o.LongSpan, time.Hour), off: tracesOff(o.TracerProvider)}
	m, err := newMeters(o.MeterProvider.Meter(scope))
	if err != nil {
		return nil, fmt.Errorf("otelwfe: making the instruments: %w", err)
	}
	c.StartMiddleware = append([]wfe.StartMiddleware{s.start}, c.StartMiddleware...)
	bodies := &observer{spans: s, meters: m, nodes: nodes{of: map[activity]*node{}}}
	c.StepMiddleware = append([]wfe.StepMiddleware{bodies.step}, c.StepMiddleware...)
	c.PollMiddleware = append([]wfe.PollMiddleware{bodies.poll}, c.PollMiddleware...)
	c.TraceListeners = append(slices.Clone(c.TraceListeners), s.notice)
	c.Samplers = append(slices.Clone(c.Samplers), m.sample)
	h := wfe.NewHost(st, c)
	if err := m.observe(h); err != nil {
		return nil, fmt.Errorf("otelwfe: observing the host: %w", err)
	}
	return h, nil
}
