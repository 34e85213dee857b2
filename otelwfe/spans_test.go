package otelwfe_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/store/memory"
)

func TestSpan_OfAStepHasItsFactsOfEachAttempt(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newSink()
		w, add := one("flow", func(ctx wfe.StepContext, _ int) (wfe.Result, error) {
			if ctx.Attempt == 1 {
				return ctx.Next(), fmt.Errorf("first: %w", errWork)
			}
			return ctx.Outcome("left"), nil
		}, func(b *wfe.Generic[flow]) {
			b.Step("work").Name("a").OnError(wfe.RetryPolicy{MaxRetries: 1, Interval: time.Second})
		})
		h := s.host(t, memory.New(), wfe.Config{}, s.config(), add)
		ctx, span := s.caller(t.Context(), "request")
		i, err := w.Start(ctx, h, flow{}, wfe.ID("i"))
		span.End()
		require.NoError(t, err)
		require.NoError(t, ends(t, i))
		synctest.Wait()
		require.Equal(t, strings.Join([]string{"request", "  start flow", "    run flow", "    step a", "    step a !", ""}, "\n"), tree(s.spans()))

		start := named(t, s.spans(), "start flow")
		require.Equal(t, trace.SpanKindProducer, start.SpanKind)
		require.Equal(t, map[string]string{"wfe.workflow.name": "flow", "wfe.workflow.version": "1", "wfe.instance.id": "i"}, attrs(start))
		steps := allNamed(s.spans(), "step a")
		_, file, _, _ := runtime.Caller(0)
		want := map[string]string{"wfe.workflow.name": "flow", "wfe.workflow.version": "1", "wfe.instance.id": "i", "wfe.node.id": "a", "wfe.step.name": "work",
			"wfe.step.attempt": "1", "wfe.step.index": "0", "wfe.step.pointer": "1", "wfe.outcome": "error", "error.type": "*errors.errorString",
			"code.file.path": file, "code.line.number": attrs(steps[0])["code.line.number"]}
		require.Equal(t, want, attrs(steps[0]))
		require.NotEmpty(t, want["code.line.number"])
		require.Equal(t, codes.Error, steps[0].Status.Code)
		require.Equal(t, "first: work failed", steps[0].Status.Description)
		require.Len(t, steps[0].Events, 1)
		require.Equal(t, "exception", steps[0].Events[0].Name)
		require.Equal(t, trace.SpanKindConsumer, steps[0].SpanKind)
		second := attrs(steps[1])
		require.Equal(t, []string{"2", "outcome", "outcome left"}, []string{second["wfe.step.attempt"], second["wfe.outcome"], second["wfe.result"]})
		require.Equal(t, codes.Unset, steps[1].Status.Code)
		run := named(t, s.spans(), "run flow")
		require.Equal(t, "complete", attrs(run)["wfe.instance.status"])
		require.Equal(t, "1", attrs(run)["wfe.instance.duration"][:1])
		require.GreaterOrEqual(t, run.EndTime.Sub(run.StartTime), time.Second, "it covers the life of the instance")
	})
}

// The spans that a body begins, and the calls that it makes, are below its own.
func TestSpan_OfAStepIsInTheContextOfItsBody(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newSink()
		w, add := one("flow", func(ctx wfe.StepContext, _ int) (wfe.Result, error) {
			_, span := s.caller(ctx, "query")
			span.End()
			return ctx.Next(), nil
		}, func(b *wfe.Generic[flow]) { b.Step("work") })
		h := s.host(t, memory.New(), wfe.Config{}, s.config(), add)
		i, err := w.Start(t.Context(), h, flow{})
		require.NoError(t, err)
		require.NoError(t, ends(t, i))
		synctest.Wait()
		require.Equal(t, "start flow\n  run flow\n  step work\n    query\n", tree(s.spans()))
	})
}

func TestSpan_OfABodyThatDoesNotReturnIsEnded(t *testing.T) {
	for name, c := range map[string]struct {
		do   func()
		text string
	}{
		"panic":  {func() { panic("ouch") }, "panic: ouch"},
		"error":  {func() { panic(errWork) }, "panic: work failed"},
		"goexit": {func() { runtime.Goexit() }, "the body ended its goroutine (runtime.Goexit)"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				s := newSink()
				w, add := one("flow", func(ctx wfe.StepContext, _ int) (wfe.Result, error) {
					c.do()
					return ctx.Next(), nil
				}, func(b *wfe.Generic[flow]) { b.Step("work").OnError(wfe.RetryPolicy{Then: wfe.Terminate}) })
				h := s.host(t, memory.New(), wfe.Config{}, s.config(), add)
				i, err := w.Start(t.Context(), h, flow{}, wfe.ID("i"))
				require.NoError(t, err)
				var ended *wfe.EndedError
				require.ErrorAs(t, ends(t, i), &ended)
				require.Contains(t, ended.Message, strings.TrimPrefix(c.text, "panic: "))
				if name != "goexit" {
					failures, err := wfe.Failures(t.Context(), h, "i")
					require.NoError(t, err)
					require.Contains(t, failures[0].Message, "TestSpan_OfABodyThatDoesNotReturnIsEnded", "the stack of the body is still there")
				}
				synctest.Wait()
				span := named(t, s.spans(), "step work")
				require.Equal(t, "panic", attrs(span)["error.type"])
				require.Equal(t, "panic", attrs(span)["wfe.outcome"])
				require.Equal(t, c.text, span.Status.Description)
				require.Equal(t, codes.Error, named(t, s.spans(), "run flow").Status.Code)
			})
		})
	}
}

func TestSpan_OfAChildIsInTheTraceOfItsParent(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newSink()
		sub, addSub := one("sub", nil, func(b *wfe.Generic[flow]) { b.Step("work").Name("pack") })
		w, add := one("flow", nil, func(b *wfe.Generic[flow]) {
			wfe.Child(b, "ship", sub.Ref(), func(d *flow) flow { return *d }, func(d, r *flow) { d.Out = r.Out })
		})
		h := s.host(t, memory.New(), wfe.Config{}, s.config(), add, addSub)
		i, err := w.Start(t.Context(), h, flow{}, wfe.ID("p"))
		require.NoError(t, err)
		require.NoError(t, ends(t, i))
		synctest.Wait()
		require.Equal(t, "start flow\n  run flow\n  start sub\n    run sub\n    step pack\n", tree(s.spans()))
		require.Equal(t, "p", attrs(named(t, s.spans(), "start sub"))["wfe.parent.id"])
	})
}

func TestSpan_OfAnEventIsLinkedWithItsPublisher(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newSink()
		w, add := one("flow", nil, func(b *wfe.Generic[flow]) {
			wfe.Await(b, "wait", func(d *flow) string { return d.Key }, func(d *flow, n *note) { d.Out = n.Text })
			wfe.Await(b, "never", func(d *flow) string { return "x" }, func(*flow, *note) {}).Timeout(time.Minute, func(b *wfe.Generic[flow]) { b.End() })
		})
		h := s.host(t, memory.New(), wfe.Config{}, s.config(), add)
		i, err := w.Start(t.Context(), h, flow{Key: "k"})
		require.NoError(t, err)
		ctx, span := s.caller(t.Context(), "webhook")
		require.NoError(t, noteEvent.Publish(ctx, h, "k", note{"hello"}))
		span.End()
		require.NoError(t, ends(t, i))
		synctest.Wait()
		require.Equal(t, "start flow\n  receive note ~\n  run flow\n  timeout never\nwebhook\n", tree(s.spans()))
		receive := named(t, s.spans(), "receive note")
		require.Equal(t, named(t, s.spans(), "webhook").SpanContext.SpanID(), receive.Links[0].SpanContext.SpanID())
		require.Equal(t, "note", attrs(receive)["messaging.destination.name"])
		require.Equal(t, "wait", attrs(receive)["wfe.node.id"])
		require.NotContains(t, fmt.Sprint(attrs(receive)), "hello", "what is in it is not telemetry")
	})
}

func TestSpan_OfCommandsAndSuspensions(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newSink()
		w, add := one("flow", func(ctx wfe.StepContext, _ int) (wfe.Result, error) { return ctx.Next(), errWork },
			func(b *wfe.Generic[flow]) { b.Step("work").OnError(wfe.RetryPolicy{Then: wfe.Suspend}) })
		h := s.host(t, memory.New(), wfe.Config{}, s.config(), add)
		i, err := w.Start(t.Context(), h, flow{})
		require.NoError(t, err)
		synctest.Wait()
		ctx, operator := s.caller(t.Context(), "operator")
		require.NoError(t, i.Resume(ctx))
		operator.End()
		synctest.Wait()
		require.NoError(t, i.Terminate(t.Context(), "enough"))
		synctest.Wait()
		require.Equal(t, "operator\nstart flow\n  command flow\n  command flow ~\n  resume flow\n  run flow\n  step work ! x2\n  suspend flow ! x2\n", tree(s.spans()))
		require.Equal(t, operator.SpanContext().SpanID(), allNamed(s.spans(), "command flow")[0].Links[0].SpanContext.SpanID())
		require.Equal(t, "resume", attrs(allNamed(s.spans(), "command flow")[0])["wfe.command"])
		run := attrs(named(t, s.spans(), "run flow"))
		require.Equal(t, []string{"terminated", "operator"}, []string{run["wfe.instance.status"], run["wfe.instance.reason"]})
	})
}

// One that lives for long has no span that is as long.
func TestSpan_OfARunThatTookLongIsShort(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newSink()
		w, add := one("flow", nil, func(b *wfe.Generic[flow]) { b.Delay("long", 2*time.Hour); b.Step("work") })
		h := s.host(t, memory.New(), wfe.Config{Poll: 10 * time.Minute}, s.config(), add)
		i, err := w.Start(t.Context(), h, flow{})
		require.NoError(t, err)
		require.NoError(t, ends(t, i))
		synctest.Wait()
		require.Len(t, traces(s.spans()), 1)
		run := named(t, s.spans(), "run flow")
		require.Equal(t, run.StartTime, run.EndTime)
		require.Equal(t, "7200", attrs(run)["wfe.instance.duration"][:4])
	})
}

// The caller's trace goes on, from another process too; its baggage does not.
func TestTrace_OfACallerInAnotherProcessGoesOnWithoutBaggage(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newSink()
		st := memory.New()
		w, add := one("flow", func(ctx wfe.StepContext, _ int) (wfe.Result, error) {
			require.Zero(t, baggage.FromContext(ctx).Len())
			return ctx.Next(), nil
		}, func(b *wfe.Generic[flow]) { b.Step("work") })
		h := s.host(t, st, wfe.Config{}, s.config(), add)
		member, err := baggage.NewMember("user", "eve")
		require.NoError(t, err)
		bag, err := baggage.New(member)
		require.NoError(t, err)
		for _, c := range []wfe.Client{h, wfe.NewClient(st)} {
			s.exporter.Reset()
			ctx, span := s.caller(baggage.ContextWithBaggage(t.Context(), bag), "request")
			i, err := w.Start(ctx, c, flow{})
			span.End()
			require.NoError(t, err)
			require.NoError(t, ends(t, wfe.Get(h, w.Ref(), i.ID())))
			synctest.Wait()
			require.Equal(t, "request\n  start flow\n    run flow\n    step work\n", tree(s.spans()))
		}
	})
}

func TestOwnTraces_BeginEachInstanceWithALinkToItsCaller(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newSink()
		c := s.config()
		c.OwnTraces = true
		w, add := one("flow", nil, func(b *wfe.Generic[flow]) { b.Step("work") })
		h := s.host(t, memory.New(), wfe.Config{}, c, add)
		ctx, span := s.caller(t.Context(), "request")
		for range 2 {
			i, err := w.Start(ctx, h, flow{})
			require.NoError(t, err)
			require.NoError(t, ends(t, i))
		}
		span.End()
		synctest.Wait()
		require.Equal(t, "request\nstart flow ~ x2\n  run flow\n  step work\n", tree(s.spans()))
		require.Len(t, traces(s.spans()), 3)
	})
}

func TestStart_ThatIsRefusedIsAnErrorOfItsSpan(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newSink()
		w, add := one("flow", nil, func(b *wfe.Generic[flow]) { b.Step("work") })
		refuse := func(wfe.StartFunc) wfe.StartFunc {
			return func(context.Context, wfe.StartInfo) error { return errors.New("not today, s3cret") }
		}
		h := s.host(t, memory.New(), wfe.Config{StartMiddleware: []wfe.StartMiddleware{refuse}}, s.config(), add)
		_, err := w.Start(t.Context(), h, flow{})
		require.ErrorContains(t, err, "not today")
		span := named(t, s.spans(), "start flow")
		require.Equal(t, "the instance was not started", span.Status.Description)
		require.Equal(t, "*errors.errorString", attrs(span)["error.type"])
	})
}

// An instance that began without telemetry has spans of its steps all the same.
func TestSpan_OfAnInstanceThatBeganWithoutTelemetry(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newSink()
		st := memory.New()
		w, add := one("flow", nil, func(b *wfe.Generic[flow]) { b.Delay("d", time.Minute); b.Step("work") })
		plain := wfe.NewHost(st, wfe.Config{})
		require.NoError(t, add(plain))
		require.NoError(t, plain.Start(t.Context()))
		_, err := w.Start(t.Context(), plain, flow{}, wfe.ID("i"))
		require.NoError(t, err)
		require.NoError(t, plain.Stop(t.Context()))
		h := s.host(t, st, wfe.Config{}, s.config(), add)
		require.NoError(t, ends(t, wfe.Get(h, w.Ref(), "i")))
		synctest.Wait()
		require.Equal(t, "step work\n", tree(s.spans()))
		require.Equal(t, "spans_test.go", filepath.Base(attrs(s.spans()[0])["code.file.path"]))
	})
}
