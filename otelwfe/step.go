package otelwfe

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"go.opentelemetry.io/otel/trace"

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
}

// step is a wfe.StepMiddleware.
func (o observer) step(next wfe.StepFunc) wfe.StepFunc {
	return func(ctx wfe.StepContext) (r wfe.Result, err error) {
		began := time.Now()
		inner, span := o.spans.step(ctx)
		ctx.Context = inner
		returned := false
		defer func() {
			var v any
			if !returned {
				v = recover() // nil: the body ended its goroutine
			}
			outcome := ended(span, ctx, r, err, returned, v)
			o.ran(ctx, outcome, time.Since(began))
			span.End()
			if v != nil {
				panic(v) // on top of the body's frames: its stack is still there
			}
		}()
		r, err = next(ctx)
		returned = true
		return r, err
	}
}

// ended sets on the span how a body has ended, and returns its outcome.
func ended(span trace.Span, ctx wfe.StepContext, r wfe.Result, err error, returned bool, panicked any) string {
	recording := span.IsRecording()
	if recording {
		describe(span, ctx)
	}
	outcome, result := "", ""
	switch {
	case !returned:
		outcome = outcomePanic
		if recording {
			text := "the body ended its goroutine (runtime.Goexit)"
			if panicked != nil {
				text = fmt.Sprintf("panic: %v", panicked)
			}
			fail(span, outcomePanic, ctx.Redact(text))
		}
	case err != nil:
		outcome = outcomeError
		if recording {
			fail(span, errorType(err), ctx.Redact(err.Error()))
		}
	default:
		result = r.String()
		outcome, _, _ = strings.Cut(result, " ")
	}
	if recording {
		span.SetAttributes(keyOutcome.String(outcome))
		if result != "" && result != outcome {
			span.SetAttributes(keyResult.String(bounded(ctx.Redact(result))))
		}
	}
	return outcome
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
