package otelwfe

import (
	"context"
	"errors"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	wfe "github.com/wfegen/wfe/runtime"
)

// spans makes the spans of a host.
type spans struct {
	tracer trace.Tracer
	own    bool
	long   time.Duration
	off    func() bool // nobody takes spans
}

// start is a wfe.StartMiddleware: its span is where the trace of the instance begins.
func (s *spans) start(next wfe.StartFunc) wfe.StartFunc {
	return func(ctx context.Context, i wfe.StartInfo) (err error) {
		if s.off() {
			return next(ctx, i)
		}
		attrs := []attribute.KeyValue{keyWorkflow.String(i.Workflow), keyInstance.String(i.ID)}
		if i.Version != 0 {
			attrs = append(attrs, keyVersion.Int(i.Version))
		}
		if i.Parent != "" {
			attrs = append(attrs, keyParent.String(i.Parent))
		}
		opts := []trace.SpanStartOption{trace.WithSpanKind(trace.SpanKindProducer), trace.WithAttributes(attrs...)}
		if s.own {
			opts = append(opts, trace.WithNewRoot(), trace.WithLinks(trace.Link{SpanContext: trace.SpanContextFromContext(ctx)}))
		}
		ctx, span := s.tracer.Start(ctx, spanStart+" "+i.Workflow, opts...)
		defer span.End()
		if err = next(ctx, i); err != nil && span.IsRecording() {
			span.SetAttributes(keyErrorType.String(errorType(err)))
			span.SetStatus(codes.Error, whyNot(err))
		}
		return err
	}
}

// whyNot says why an instance was not started. Other texts may hold what is secret in
// the data, which is not decoded here.
func whyNot(err error) string {
	for _, known := range []error{wfe.ErrAlreadyExists, wfe.ErrReferenceTaken, wfe.ErrNotRegistered, wfe.ErrOverloaded, wfe.ErrUnhealthy, wfe.ErrStopped} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	return "the instance was not started"
}

// describe adds what an exported span of a body says of the run.
func describe(span trace.Span, n *node, ctx *wfe.StepContext, outcome string) {
	span.SetAttributes(n.attrs...)
	span.SetAttributes(append(facts(ctx), keyOutcome.String(outcome))...)
}

// facts are the attributes of a single run.
func facts(ctx *wfe.StepContext) []attribute.KeyValue {
	return []attribute.KeyValue{keyInstance.String(ctx.Instance), keyAttempt.Int(ctx.Attempt), keyPointer.Int64(int64(ctx.Pointer)), keyIndex.Int(ctx.Index)}
}

// fail marks a span as failed. text has no secrets any more.
func fail(span trace.Span, kind, text string) {
	text = bounded(text)
	span.SetStatus(codes.Error, text)
	span.SetAttributes(keyErrorType.String(kind))
	span.AddEvent("exception", trace.WithAttributes(keyExcType.String(kind), keyExcText.String(text)))
}

// notice is a listener: it makes spans of what no middleware sees. They are over at
// once, since none may be open when the process ends.
func (s *spans) notice(n wfe.Notice) {
	if !n.Trace.IsValid() || s.off() {
		return
	}
	name, ok := noticed(n)
	if !ok {
		return
	}
	attrs := []attribute.KeyValue{keyWorkflow.String(n.Workflow), keyVersion.Int(n.Version), keyInstance.String(n.Instance)}
	if n.Node != "" {
		attrs = append(attrs, keyNode.String(n.Node), keyPointer.Int64(int64(n.Pointer)))
	}
	if n.Missed > 0 {
		attrs = append(attrs, keyMissed.Int64(int64(n.Missed)))
	}
	began := n.At
	opts := []trace.SpanStartOption{trace.WithAttributes(attrs...)}
	switch n.Kind {
	case wfe.RecordEventTaken:
		opts = append(opts, trace.WithSpanKind(trace.SpanKindConsumer), trace.WithAttributes(keySystem.String("wfe"), keyOperation.String("receive"),
			keyTopic.String(n.Text), keyMessage.String(strconv.FormatUint(n.Event, 10))))
	case wfe.RecordCompleted, wfe.RecordTerminated:
		lived := n.At.Sub(n.Began)
		if lived <= s.long {
			began = n.Began
		}
		opts = append(opts, trace.WithAttributes(keyDuration.Float64(lived.Seconds())))
	case wfe.RecordCommand:
		opts = append(opts, trace.WithAttributes(keyCommand.String(n.Text)))
	}
	if n.Caller.IsValid() {
		opts = append(opts, trace.WithLinks(trace.Link{SpanContext: n.Caller}))
	}
	ctx := trace.ContextWithRemoteSpanContext(context.Background(), n.Trace)
	_, span := s.tracer.Start(ctx, name, append(opts, trace.WithTimestamp(began))...)
	result(span, n)
	span.End(trace.WithTimestamp(n.At))
}

// result sets how what a notice tells has ended.
func result(span trace.Span, n wfe.Notice) {
	switch n.Kind {
	case wfe.RecordStepFailed, wfe.RecordRollback:
		span.SetStatus(codes.Error, bounded(n.Text))
	case wfe.RecordSuspended:
		if n.Text != "" {
			span.SetStatus(codes.Error, bounded(n.Text))
		}
	case wfe.RecordCompleted:
		span.SetAttributes(keyStatus.String(string(wfe.Complete)))
	case wfe.RecordTerminated:
		span.SetAttributes(keyStatus.String(string(wfe.Terminated)), keyReason.String(n.Text))
		if n.Text == string(wfe.ReasonFailed) {
			span.SetStatus(codes.Error, "failed")
		}
	}
}

// noticed is the name of the span of a notice; false for one that has none.
func noticed(n wfe.Notice) (string, bool) {
	switch n.Kind {
	case wfe.RecordEventTaken:
		return spanReceive + " " + n.Text, true
	case wfe.RecordTimedOut:
		return spanTimeout + " " + n.Node, true
	case wfe.RecordStepFailed:
		return spanFail + " " + n.Node, n.Step == "" // a step's attempt has a span of its own
	case wfe.RecordRollback:
		return spanRollback + " " + n.Node, true
	case wfe.RecordRolledBack:
		return spanRolledBack + " " + n.Node, true
	case wfe.RecordCommand:
		return spanCommand + " " + n.Workflow, true
	case wfe.RecordSuspended:
		return spanSuspend + " " + n.Workflow, true
	case wfe.RecordResumed:
		return spanResume + " " + n.Workflow, true
	case wfe.RecordCompleted, wfe.RecordTerminated:
		return spanRun + " " + n.Workflow, true
	}
	return "", false
}
