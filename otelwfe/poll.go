package otelwfe

import (
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/trace"

	wfe "github.com/wfegen/wfe/runtime"
)

// poll is a wfe.PollMiddleware: a span for each request. That an answer is not the one
// that is waited for is no error. The URL, headers and bodies may hold secrets.
func (o *observer) poll(next wfe.PollFunc) wfe.PollFunc {
	return func(ctx wfe.StepContext, r wfe.PollRequest) (wfe.Response, error) {
		if o.spans.off() {
			return next(ctx, r)
		}
		return o.request(ctx, r, next)
	}
}

func (o *observer) request(ctx wfe.StepContext, r wfe.PollRequest, next wfe.PollFunc) (wfe.Response, error) {
	n := o.nodes.at(&ctx, spanPoll)
	inside, span := o.tracer.Start(ctx.Context, n.span, trace.WithSpanKind(trace.SpanKindClient))
	defer span.End()
	ctx.Context = inside
	otel.GetTextMapPropagator().Inject(inside, headers{&r})
	answer, err := next(ctx, r)
	if !span.IsRecording() {
		return answer, err
	}
	span.SetAttributes(n.attrs...)
	span.SetAttributes(facts(&ctx)...)
	span.SetAttributes(keyMethod.String(r.Method))
	if err != nil {
		fail(span, errorType(err), ctx.Redact(err.Error()))
	} else {
		span.SetAttributes(keyAnswer.Int(answer.Status))
	}
	return answer, err
}

// headers are where a propagator writes the context of a span.
type headers struct{ *wfe.PollRequest }

func (headers) Get(string) string       { return "" }
func (headers) Keys() []string          { return nil }
func (h headers) Set(name, text string) { *h.PollRequest = h.With(name, text) }
