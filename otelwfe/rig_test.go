package otelwfe_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/goleak"

	"github.com/wfegen/wfe/otelwfe"
	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// bubble runs f where time passes by itself when nothing else can happen.
func bubble(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, f)
}

// sink is where spans and metrics of a test go.
type sink struct {
	exporter *tracetest.InMemoryExporter
	tracers  *sdktrace.TracerProvider
	reader   *metric.ManualReader
	meters   *metric.MeterProvider
}

func newSink() *sink {
	s := &sink{exporter: tracetest.NewInMemoryExporter(), reader: metric.NewManualReader()}
	s.tracers = sdktrace.NewTracerProvider(sdktrace.WithSyncer(s.exporter))
	s.meters = metric.NewMeterProvider(metric.WithReader(s.reader))
	return s
}

func (s *sink) config() otelwfe.Config {
	return otelwfe.Config{TracerProvider: s.tracers, MeterProvider: s.meters}
}

func (s *sink) spans() tracetest.SpanStubs { return s.exporter.GetSpans() }

// caller begins a span of somebody who calls.
func (s *sink) caller(ctx context.Context, name string) (context.Context, trace.Span) {
	return s.tracers.Tracer("test").Start(ctx, name)
}

// metrics are all data points by "name{attributes}": values of counters and gauges,
// counts of histograms.
func (s *sink) metrics(t *testing.T) map[string]float64 {
	t.Helper()
	var all metricdata.ResourceMetrics
	require.NoError(t, s.reader.Collect(context.Background(), &all))
	out := map[string]float64{}
	for _, scope := range all.ScopeMetrics {
		for _, m := range scope.Metrics {
			see := func(set attribute.Set, v float64) {
				out[m.Name+"{"+set.Encoded(attribute.DefaultEncoder())+"}"] += v
			}
			switch d := m.Data.(type) {
			case metricdata.Sum[int64]:
				for _, p := range d.DataPoints {
					see(p.Attributes, float64(p.Value))
				}
			case metricdata.Gauge[float64]:
				for _, p := range d.DataPoints {
					see(p.Attributes, p.Value)
				}
			case metricdata.Histogram[float64]:
				for _, p := range d.DataPoints {
					see(p.Attributes, float64(p.Count))
				}
			default:
				require.Fail(t, "unknown data", "%s: %T", m.Name, d)
			}
		}
	}
	return out
}

// host starts a host with telemetry, with the given workflows.
func (s *sink) host(t *testing.T, st store.Store, c wfe.Config, o otelwfe.Config, register ...func(h *wfe.Host) error) *wfe.Host {
	t.Helper()
	h, err := otelwfe.NewHost(st, c, o)
	require.NoError(t, err)
	for _, r := range register {
		require.NoError(t, r(h))
	}
	require.NoError(t, h.Start(t.Context()))
	t.Cleanup(func() { _ = h.Stop(done()) })
	return h
}

// done is a context that is over.
func done() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

// tree draws spans: those with an indent are children of the one above. Siblings
// stand by name, equal ones once.
func tree(spans tracetest.SpanStubs) string {
	children := map[trace.SpanID][]tracetest.SpanStub{}
	known := map[trace.SpanID]bool{}
	for _, s := range spans {
		known[s.SpanContext.SpanID()] = true
	}
	var roots []tracetest.SpanStub
	for _, s := range spans {
		if p := s.Parent.SpanID(); known[p] {
			children[p] = append(children[p], s)
		} else {
			roots = append(roots, s)
		}
	}
	var draw func(list []tracetest.SpanStub, indent string) string
	draw = func(list []tracetest.SpanStub, indent string) string {
		count := map[string]int{}
		for _, s := range list {
			line := indent + s.Name
			if s.Status.Code == codes.Error {
				line += " !"
			}
			if len(s.Links) > 0 {
				line += " ~"
			}
			count[line+"\n"+draw(children[s.SpanContext.SpanID()], indent+"  ")]++
		}
		var b strings.Builder
		for _, text := range slices.Sorted(maps.Keys(count)) {
			first, rest, _ := strings.Cut(text, "\n")
			if n := count[text]; n > 1 {
				first += fmt.Sprintf(" x%d", n)
			}
			b.WriteString(first + "\n" + rest)
		}
		return b.String()
	}
	return draw(roots, "")
}

// named returns the only span of that name.
func named(t *testing.T, spans tracetest.SpanStubs, name string) tracetest.SpanStub {
	t.Helper()
	all := allNamed(spans, name)
	require.Len(t, all, 1, "%s in\n%s", name, tree(spans))
	return all[0]
}

func allNamed(spans tracetest.SpanStubs, name string) (out []tracetest.SpanStub) {
	for _, s := range spans {
		if s.Name == name {
			out = append(out, s)
		}
	}
	return out
}

// attrs are the attributes of a span as text.
func attrs(s tracetest.SpanStub) map[string]string {
	out := map[string]string{}
	for _, a := range s.Attributes {
		out[string(a.Key)] = a.Value.Emit()
	}
	return out
}

// traces are the ids of the traces of spans.
func traces(spans tracetest.SpanStubs) map[trace.TraceID]int {
	out := map[trace.TraceID]int{}
	for _, s := range spans {
		out[s.SpanContext.TraceID()]++
	}
	return out
}

// flow is data of the workflows of these tests.
type flow struct {
	Key   string
	Items []int
	Item  int
	Out   string
}

// work is a step that does what Do says.
type work struct {
	Do   func(ctx wfe.StepContext, item int) (wfe.Result, error) `wfe:"inject"`
	Item int
}

func (w *work) Run(ctx wfe.StepContext) (wfe.Result, error) {
	if w.Do == nil {
		return ctx.Next(), nil
	}
	return w.Do(ctx, w.Item)
}

// note is an event.
type note struct{ Text string }

var noteEvent = wfe.NewEvent[note]("note")

var errWork = errors.New("work failed")

// one is a workflow of that id that does what build and do say.
func one(id string, do func(ctx wfe.StepContext, item int) (wfe.Result, error), build func(b *wfe.Generic[flow])) (wfe.Workflow[flow, *wfe.Generic[flow]], func(h *wfe.Host) error) {
	w := wfe.NewWorkflow(id, 1, build)
	return w, func(h *wfe.Host) error { return h.Add(w, &work{Do: do}, noteEvent) }
}

// lines collects lines.
type lines struct {
	mu  sync.Mutex
	all []string
}

func (l *lines) add(s string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, s)
}

func ends(t *testing.T, h wfe.Handle[flow]) error {
	t.Helper()
	_, err := h.Wait(t.Context())
	return err
}
