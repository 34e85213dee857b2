package wfe

import (
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/wfegen/wfe/runtime/internal/host"
	"github.com/wfegen/wfe/runtime/internal/tracing"
)

// Notice tells a listener of Config.Listeners what has happened to an instance. It
// is durable by then. Each listener gets the notices of one instance in order, in a
// goroutine of its own; it holds nothing up. One that is slower than what happens,
// by more than some thousand notices, misses some; one that panics goes on with the
// next. A notice is lost with the process: what must be done once an instance has
// ended belongs in an EndMiddleware.
type Notice struct {
	Workflow string // id of the workflow
	Version  int
	Instance string
	Began    time.Time // when the instance was started
	Record
	// Trace is the span context in which the instance was started: its own trace.
	// Caller is, of RecordEventTaken, the one in which the event was published, and of
	// RecordCommand the one in which the command was given. Either may be invalid.
	Trace, Caller trace.SpanContext
	Missed        uint64 // notices just before this one that the listener was too slow for
}

// Sample is a measurement of what a host does: one of SampleCommit is a batch of N
// transitions, events and answers that took Took to commit, one of SampleTimers N
// timers that fired together, the first of them late by Took. Samples are handed on ten
// times a second.
type Sample = host.Sample

// SampleKind is the sort of a Sample.
type SampleKind = host.SampleKind

// The kinds of samples.
const (
	SampleCommit = host.SampleCommit
	SampleTimers = host.SampleTimers
)

// hostListeners are the listeners as the host calls them.
func hostListeners(all []func(Notice)) []func(host.Notice) {
	out := make([]func(host.Notice), len(all))
	for i, f := range all {
		out[i] = func(n host.Notice) {
			d := n.Workflow.Definition
			f(Notice{Workflow: d.Name, Version: d.Version, Instance: n.Instance, Began: n.Began.Time(), Record: record(d, n.Record),
				Trace: tracing.SpanContext(n.Trace), Caller: tracing.SpanContext(n.Record.Trace), Missed: n.Missed})
		}
	}
	return out
}
