package otelwfe

import (
	"context"
	"errors"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	wfe "github.com/wfegen/wfe/runtime"
)

// instrument is a metric.
type instrument struct {
	name, kind, unit, on, doc string
	bounds                    []float64                                                               // of a histogram's buckets
	read                      func(s wfe.Stats, see func(value float64, attrs ...attribute.KeyValue)) // of one that is read from Host.Stats
}

// The kinds of instruments.
const (
	kindCounter   = "counter"
	kindGauge     = "gauge"
	kindUpDown    = "up-down counter"
	kindHistogram = "histogram"
)

// The histograms, which are recorded as things happen.
const (
	stepDuration  = "wfe.step.duration"
	stepAttempts  = "wfe.step.attempts"
	commitLatency = "wfe.commit.duration"
	commitSize    = "wfe.commit.size"
	timerLateness = "wfe.timer.lateness"
)

// instruments are all metrics. The unit s is seconds.
var instruments = []instrument{
	{name: stepDuration, kind: kindHistogram, unit: "s", on: "workflow, node, outcome, undo", doc: "how long a body ran, each attempt by itself",
		bounds: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 1800}},
	{name: stepAttempts, kind: kindHistogram, unit: "{attempt}", on: "workflow, node, undo", doc: "how many attempts a body took until it succeeded",
		bounds: []float64{1, 2, 3, 4, 5, 7, 10, 20, 50, 100}},
	{name: commitLatency, kind: kindHistogram, unit: "s", doc: "how long a transaction took, repetitions after an error included",
		bounds: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}},
	{name: commitSize, kind: kindHistogram, unit: "{item}", doc: "transitions, events and answers in a transaction",
		bounds: []float64{1, 2, 4, 8, 16, 32, 64, 128, 256, 512}},
	{name: timerLateness, kind: kindHistogram, unit: "s", doc: "of timers that fired together, how late the first was",
		bounds: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 60, 600, 3600, 86400}},

	{name: "wfe.instance.started", kind: kindCounter, unit: "{instance}", on: "workflow", doc: "instances that were started, children too",
		read: perWorkflow(func(w wfe.WorkflowStats) uint64 { return w.Started })},
	{name: "wfe.instance.suspended", kind: kindCounter, unit: "{instance}", on: "workflow", doc: "how often an instance was suspended",
		read: perWorkflow(func(w wfe.WorkflowStats) uint64 { return w.Suspended })},
	{name: "wfe.instance.completed", kind: kindCounter, unit: "{instance}", on: "workflow", doc: "instances that are complete",
		read: perWorkflow(func(w wfe.WorkflowStats) uint64 { return w.Completed })},
	{name: "wfe.instance.terminated", kind: kindCounter, unit: "{instance}", on: "workflow, outcome", doc: "instances that ended otherwise: `failed`, `cancelled`, `terminated` (by an operator)",
		read: func(s wfe.Stats, see func(float64, ...attribute.KeyValue)) {
			as := func(outcome string, value func(wfe.WorkflowStats) uint64) {
				perWorkflow(value)(s, func(v float64, attrs ...attribute.KeyValue) { see(v, append(attrs, keyOutcome.String(outcome))...) })
			}
			as("failed", func(w wfe.WorkflowStats) uint64 { return w.Failed })
			as("cancelled", func(w wfe.WorkflowStats) uint64 { return w.Cancelled })
			as("terminated", func(w wfe.WorkflowStats) uint64 { return w.Terminated })
		}},

	{name: "wfe.host.instances", kind: kindUpDown, unit: "{instance}", doc: "instances in memory: they move, or have bodies that are queued or run",
		read: one(func(s wfe.Stats) float64 { return float64(s.Instances) })},
	{name: "wfe.host.inbox.depth", kind: kindUpDown, unit: "{input}", doc: "results, timers, events and commands that wait for an instance",
		read: one(func(s wfe.Stats) float64 { return float64(s.Inputs) })},
	{name: "wfe.host.messages", kind: kindUpDown, unit: "{message}", doc: "messages from one instance to another that are on their way",
		read: one(func(s wfe.Stats) float64 { return float64(s.Messages) })},
	{name: "wfe.host.queue.depth", kind: kindUpDown, unit: "{item}", doc: "transitions, events and answers that wait for a commit",
		read: one(func(s wfe.Stats) float64 { return float64(s.Queue) })},
	{name: "wfe.host.timers", kind: kindUpDown, unit: "{timer}", doc: "timers due within about a minute",
		read: one(func(s wfe.Stats) float64 { return float64(s.Timers) })},
	{name: "wfe.host.blocked", kind: kindUpDown, unit: "{instance}", doc: "instances that this program cannot carry on",
		read: one(func(s wfe.Stats) float64 { return float64(s.Blocked) })},
	{name: "wfe.host.bodies", kind: kindUpDown, unit: "{body}", on: "state", doc: "bodies that run, or wait for a place",
		read: func(s wfe.Stats, see func(float64, ...attribute.KeyValue)) {
			see(float64(s.Running), keyBodies.String("running"))
			see(float64(s.Waiting), keyBodies.String("waiting"))
		}},
	{name: "wfe.host.bodies.leaked", kind: kindCounter, unit: "{body}", doc: "bodies that did not return when their context was cancelled, and were left behind",
		read: one(func(s wfe.Stats) float64 { return float64(s.Leaked) })},
	{name: "wfe.host.lease.age", kind: kindGauge, unit: "s", doc: "how long ago the host has proved last that it owns the store",
		read: one(func(s wfe.Stats) float64 { return s.LeaseAge.Seconds() })},
	{name: "wfe.host.commit.failing", kind: kindUpDown, unit: "{commit}", doc: "commits in a row that have failed just now",
		read: one(func(s wfe.Stats) float64 { return float64(s.Failing) })},
	{name: "wfe.host.missed", kind: kindCounter, unit: "{notice}", doc: "notices and samples that were dropped because a listener was too slow",
		read: one(func(s wfe.Stats) float64 { return float64(s.Missed) })},
}

func one(value func(wfe.Stats) float64) func(wfe.Stats, func(float64, ...attribute.KeyValue)) {
	return func(s wfe.Stats, see func(float64, ...attribute.KeyValue)) { see(value(s)) }
}

// perWorkflow reads a number of each workflow, all versions together.
func perWorkflow(value func(wfe.WorkflowStats) uint64) func(wfe.Stats, func(float64, ...attribute.KeyValue)) {
	return func(s wfe.Stats, see func(float64, ...attribute.KeyValue)) {
		for i := 0; i < len(s.Workflows); { // they are sorted
			name, sum := s.Workflows[i].Workflow, uint64(0)
			for ; i < len(s.Workflows) && s.Workflows[i].Workflow == name; i++ {
				sum += value(s.Workflows[i])
			}
			see(float64(sum), keyWorkflow.String(name))
		}
	}
}

// meters records what a host does.
type meters struct {
	meter              metric.Meter
	duration, attempts metric.Float64Histogram // of bodies
	latency, size      metric.Float64Histogram // of commits
	lateness           metric.Float64Histogram // of timers
}

func newMeters(meter metric.Meter) (*meters, error) {
	m := &meters{meter: meter}
	histograms := map[string]*metric.Float64Histogram{stepDuration: &m.duration, stepAttempts: &m.attempts,
		commitLatency: &m.latency, commitSize: &m.size, timerLateness: &m.lateness}
	var errs []error
	for _, i := range instruments {
		if i.kind == kindHistogram {
			h, err := meter.Float64Histogram(i.name, metric.WithUnit(i.unit), metric.WithDescription(i.doc), metric.WithExplicitBucketBoundaries(i.bounds...))
			*histograms[i.name] = h
			errs = append(errs, err)
		}
	}
	return m, errors.Join(errs...)
}

// off reports whether nobody takes metrics of bodies, at the moment.
func (m *meters) off(ctx context.Context) bool {
	return !m.duration.Enabled(ctx) && !m.attempts.Enabled(ctx)
}

// ran records the run of a body. The context is that of its span: it is an exemplar.
func (m *meters) ran(ctx context.Context, n *node, attempt int, outcome string, took time.Duration) {
	m.duration.Record(ctx, took.Seconds(), n.ended(outcome)...)
	switch outcome {
	case "next", "outcome", "branch":
		m.attempts.Record(ctx, float64(attempt), n.attempts...)
	}
}

// sample is a sampler of wfe.Config.
func (m *meters) sample(s wfe.Sample) {
	ctx := context.Background()
	switch s.Kind {
	case wfe.SampleCommit:
		m.latency.Record(ctx, s.Took.Seconds())
		m.size.Record(ctx, float64(s.N))
	case wfe.SampleTimers:
		m.lateness.Record(ctx, s.Took.Seconds())
	}
}

// observe reads the other metrics from the host whenever they are collected. When
// the host has ended they are read a last time.
func (m *meters) observe(h *wfe.Host) error {
	var all []metric.Observable
	var reads []func(wfe.Stats, metric.Observer)
	var errs []error
	for _, i := range instruments {
		if i.read == nil {
			continue
		}
		observed, err := m.observable(i)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		all = append(all, observed)
		reads = append(reads, func(s wfe.Stats, o metric.Observer) {
			i.read(s, func(v float64, attrs ...attribute.KeyValue) {
				with := metric.WithAttributes(attrs...)
				if f, ok := observed.(metric.Float64Observable); ok {
					o.ObserveFloat64(f, v, with)
				} else {
					o.ObserveInt64(observed.(metric.Int64Observable), int64(v), with)
				}
			})
		})
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	var registration metric.Registration
	var over sync.Once
	var known sync.Mutex // of registration, which a collection may want while it is made
	known.Lock()
	defer known.Unlock()
	registration, err := m.meter.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		s := h.Stats()
		for _, read := range reads {
			read(s, o)
		}
		select {
		case <-h.Done(): // nil before the start
			over.Do(func() {
				go func() { // not from inside of a collection
					known.Lock()
					defer known.Unlock()
					_ = registration.Unregister()
				}()
			})
		default:
		}
		return nil
	}, all...)
	return err
}

// observable makes the instrument of i.
func (m *meters) observable(i instrument) (metric.Observable, error) {
	unit, doc := metric.WithUnit(i.unit), metric.WithDescription(i.doc)
	switch {
	case i.kind == kindCounter:
		return m.meter.Int64ObservableCounter(i.name, unit, doc)
	case i.kind == kindUpDown:
		return m.meter.Int64ObservableUpDownCounter(i.name, unit, doc)
	}
	return m.meter.Float64ObservableGauge(i.name, unit, doc)
}
