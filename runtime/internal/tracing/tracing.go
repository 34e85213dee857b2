// Package tracing makes bytes of the OpenTelemetry span context that a context
// carries, to be stored, and gives them back to another one, maybe in another
// process. Baggage is not kept: it comes from whoever called, and would go to
// whomever a step calls.
package tracing

import (
	"context"

	"go.opentelemetry.io/otel/trace"
)

// The parts of the bytes: the trace, the span in it, its flags, then the trace state
// as text.
const (
	spanAt  = 16
	flagsAt = spanAt + 8
	stateAt = flagsAt + 1
)

// maxState is the bound in bytes of a trace state. The field's own standard asks for
// so much to be passed on; a longer one is dropped.
const maxState = 512

// Of returns the span context of ctx; nil if it has none.
func Of(ctx context.Context) []byte {
	sc := trace.SpanContextFromContext(ctx)
	if !sc.IsValid() {
		return nil
	}
	id, span := sc.TraceID(), sc.SpanID()
	b := make([]byte, 0, stateAt)
	b = append(b, id[:]...)
	b = append(b, span[:]...)
	b = append(b, byte(sc.TraceFlags()))
	if state := sc.TraceState().String(); len(state) <= maxState {
		b = append(b, state...)
	}
	return b
}

// SpanContext returns what b was made of. It is invalid for nil, and for bytes that
// are none of this package's.
func SpanContext(b []byte) trace.SpanContext {
	if len(b) < stateAt || len(b) > stateAt+maxState {
		return trace.SpanContext{}
	}
	c := trace.SpanContextConfig{TraceID: trace.TraceID(b[:spanAt]), SpanID: trace.SpanID(b[spanAt:flagsAt]),
		TraceFlags: trace.TraceFlags(b[flagsAt]), Remote: true}
	if len(b) > stateAt {
		c.TraceState, _ = trace.ParseTraceState(string(b[stateAt:]))
	}
	return trace.NewSpanContext(c)
}

// With returns ctx with the span context of b in place of its own; ctx as it is if
// b is of none.
func With(ctx context.Context, b []byte) context.Context {
	sc := SpanContext(b)
	if !sc.IsValid() {
		return ctx
	}
	return trace.ContextWithRemoteSpanContext(ctx, sc)
}

// ID returns the id of the trace as text; "" for nil.
func ID(b []byte) string {
	if sc := SpanContext(b); sc.IsValid() {
		return sc.TraceID().String()
	}
	return ""
}
