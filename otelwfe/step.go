package otelwfe

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	wfe "github.com/wfegen/wfe/runtime"
)

// The outcomes of a body that did not return a result; the others are the first
// words of what wfe.Result says of itself.
const (
	outcomeError = "error"
	outcomePanic = "panic"
)

// observer watches the runs of bodies.
type observer struct {
	*spans
	*meters
	nodes nodes
}

// step is a wfe.StepMiddleware.
func (o *observer) step(next wfe.StepFunc) wfe.StepFunc {
	return func(ctx wfe.StepContext) (wfe.Result, error) {
		traced := !o.spans.off()
		if !traced && o.meters.off(ctx.Context) {
			return next(ctx)
		}
		return o.run(ctx, next, traced)
	}
}

// run runs a body and watches it. It is a function of its own so that ctx stays on
// the stack where nobody watches.
func (o *observer) run(ctx wfe.StepContext, next wfe.StepFunc, traced bool) (r wfe.Result, err error) {
	began := time.Now()
	what := spanStep
	if ctx.Undoes != "" {
		what = spanUndo
	}
	n := o.nodes.at(&ctx, what)
	var span trace.Span = noop.Span{}
	if traced {
		ctx.Context, span = o.tracer.Start(ctx.Context, n.span, consumer...)
	}
	e := end{}
	defer func() {
		if e.panicked = !e.returned; e.panicked {
			e.value = recover() // nil: the body ended its goroutine
		}
		e.result, e.err = r, err
		outcome := e.outcome()
		if span.IsRecording() {
			describe(span, n, &ctx, outcome)
			e.show(span, &ctx, outcome)
		}
		o.ran(ctx.Context, n, ctx.Attempt, outcome, time.Since(began))
		span.End()
		if e.value != nil {
			panic(e.value) // on top of the body's frames: its stack is still there
		}
	}()
	r, err = next(ctx)
	e.returned = true
	return r, err
}

// end is how a body has ended.
type end struct {
	returned, panicked bool
	value              any // of a panic
	result             wfe.Result
	err                error
}

func (e *end) outcome() string {
	switch {
	case e.panicked:
		return outcomePanic
	case e.err != nil:
		return outcomeError
	}
	outcome, _, _ := strings.Cut(e.result.String(), " ")
	return outcome
}

// show sets on a span that is exported how the body has ended.
func (e *end) show(span trace.Span, ctx *wfe.StepContext, outcome string) {
	switch {
	case e.value != nil:
		fail(span, outcomePanic, ctx.Redact(fmt.Sprintf("panic: %v", e.value)))
	case e.panicked:
		fail(span, outcomePanic, "the body ended its goroutine (runtime.Goexit)")
	case e.err != nil:
		fail(span, errorType(e.err), ctx.Redact(e.err.Error()))
	default:
		if result := e.result.String(); result != outcome {
			span.SetAttributes(keyResult.String(bounded(ctx.Redact(result))))
		}
	}
}

// errorType is the Go type of the innermost error: wrappers say nothing of what went
// wrong.
func errorType(err error) string {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return fmt.Sprintf("%T", err)
		}
		err = inner
	}
}

// maxText is the bound in bytes of a text on a span.
const maxText = 4 << 10

// bounded cuts a text that is too long. Secrets are out of it by then: a part of one
// would not be found.
func bounded(text string) string {
	if len(text) <= maxText {
		return strings.ToValidUTF8(text, "\uFFFD")
	}
	return strings.ToValidUTF8(text[:maxText], "") + " ..."
}
