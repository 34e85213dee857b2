package wfe_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/trace"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/codec"
	"github.com/wfegen/wfe/runtime/store/memory"
)

// span is a context with the span of that number.
func span(ctx context.Context, n byte) context.Context {
	return trace.ContextWithSpanContext(ctx, trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID{n}, SpanID: trace.SpanID{n}, TraceFlags: trace.FlagsSampled}))
}

// number is that of the span that ctx carries; 0 is none.
func number(ctx context.Context) byte {
	sc := trace.SpanContextFromContext(ctx)
	if id := sc.SpanID(); sc.IsValid() && trace.TraceID([16]byte{id[0]}) == sc.TraceID() {
		return id[0]
	}
	return 0
}

// spans notes which spans bodies have seen.
type spans struct {
	mu   sync.Mutex
	seen []string
}

func (s *spans) do(ctx wfe.StepContext, t *task) (wfe.Result, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = append(s.seen, fmt.Sprint(t.Label, " ", number(ctx)))
	return ctx.Next(), nil
}

func TestTrace_OfTheCallerIsThatOfEachBodyOverRestarts(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var s spans
		st := memory.New()
		r := rig{do: s.do, build: func(b *builder) {
			b.task("before")
			b.Delay("night", 10*time.Hour)
			b.task("after")
		}}
		first := r.host(t, st, wfe.Config{})
		_, err := wfe.Start(span(t.Context(), 7), first, ref, &data{}, wfe.ID("i"))
		require.NoError(t, err)
		synctest.Wait()
		require.NoError(t, first.Stop(t.Context()))
		second := r.host(t, st, wfe.Config{})
		completes(t, wfe.Get(second, ref, "i"))
		require.Equal(t, []string{"before 7", "after 7"}, s.seen)
	})
}

func TestTrace_OfACallerInAnotherProcessIsThatOfTheInstance(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var s spans
		st := memory.New()
		h := rig{do: s.do, build: func(b *builder) { b.task("a") }}.host(t, st, wfe.Config{})
		_, err := wfe.Start(span(t.Context(), 8), wfe.NewClient(st), ref, &data{}, wfe.ID("i"))
		require.NoError(t, err)
		completes(t, wfe.Get(h, ref, "i"))
		require.Equal(t, []string{"a 8"}, s.seen)
	})
}

func TestTrace_WithoutACallersSpanThereIsNone(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var s spans
		h := rig{do: s.do, build: func(b *builder) { b.task("a") }}.host(t, memory.New(), wfe.Config{})
		completes(t, begin(t, h, "i", data{}))
		require.Equal(t, []string{"a 0"}, s.seen)
	})
}

// A child is in its parent's trace; what a StartMiddleware begins for it is where
// its own part begins.
func TestTrace_OfAChildIsThatOfItsParent(t *testing.T) {
	for name, want := range map[string]string{"plain": "pack 7", "middleware": "pack 9"} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				var s spans
				var parents []byte
				c := wfe.Config{}
				if name == "middleware" {
					c.StartMiddleware = []wfe.StartMiddleware{func(next wfe.StartFunc) wfe.StartFunc {
						return func(ctx context.Context, info wfe.StartInfo) error {
							if parents = append(parents, number(ctx)); info.Parent != "" {
								require.Equal(t, "p", info.Parent)
								ctx = span(ctx, 9)
							}
							return next(ctx, info)
						}
					}}
				}
				h := family{rig: rig{build: func(b *builder) { b.child("ship").task("after") }, do: s.do},
					sub: func(b *builder) { b.task("pack") }}.host(t, memory.New(), c)
				_, err := wfe.Start(span(t.Context(), 7), h, ref, &data{}, wfe.ID("p"))
				require.NoError(t, err)
				completes(t, wfe.Get(h, ref, "p"))
				require.Equal(t, []string{want, "after 7"}, s.seen)
				if name == "middleware" {
					require.Equal(t, []byte{7, 7}, parents)
				}
			})
		})
	}
}

func TestStartMiddleware_ThatRefusesAChildFailsItsNode(t *testing.T) {
	for name, refuse := range map[string]wfe.StartFunc{
		"panicked: ouch": func(context.Context, wfe.StartInfo) error { panic("ouch") },
		"gave no error":  func(context.Context, wfe.StartInfo) error { return nil },
		errTask.Error():  func(context.Context, wfe.StartInfo) error { return errTask },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				c := wfe.Config{StartMiddleware: []wfe.StartMiddleware{func(next wfe.StartFunc) wfe.StartFunc {
					return func(ctx context.Context, info wfe.StartInfo) error {
						if info.Parent != "" {
							return refuse(ctx, info)
						}
						return next(ctx, info)
					}
				}}}
				h := family{rig: rig{build: func(b *builder) { b.child("ship").OnError(wfe.RetryPolicy{Then: wfe.Terminate}) }},
					sub: func(b *builder) { b.task("pack") }}.host(t, memory.New(), c)
				_, err := begin(t, h, "p", data{}).Wait(t.Context())
				var ended *wfe.EndedError
				require.ErrorAs(t, err, &ended)
				require.Equal(t, "ship", ended.Step)
				require.Contains(t, ended.Message, name)
			})
		})
	}
}

// A listener is told who has given a command, in this process or in another one.
func TestNotice_OfACommandHasTheSpanOfItsCaller(t *testing.T) {
	bubble(t, func(t *testing.T) {
		st := memory.New()
		var n notes
		h := rig{build: func(b *builder) { b.Delay("d", time.Hour) }}.host(t, st, wfe.Config{Listeners: []func(wfe.Notice){func(got wfe.Notice) {
			if got.Kind == wfe.RecordCommand || got.Caller.IsValid() {
				n.add(got.Text + " " + got.Caller.SpanID().String())
			}
		}}})
		i := begin(t, h, "i", data{})
		other := wfe.Get(wfe.NewClient(st), ref, "i")
		require.NoError(t, i.Suspend(span(t.Context(), 1)))
		require.NoError(t, i.Resume(t.Context()))
		require.NoError(t, other.Suspend(span(t.Context(), 2)))
		require.NoError(t, other.Resume(t.Context()))
		require.NoError(t, other.Cancel(span(t.Context(), 3)))
		synctest.Wait()
		require.Equal(t, []string{"suspend 0100000000000000", "resume 0000000000000000",
			"suspend 0200000000000000", "resume 0000000000000000", "cancel 0300000000000000"}, n.lines)
	})
}

// A listener is told in which trace an instance is, and who has published what it took.
func TestNotice_HasTheTraceAndThePublisher(t *testing.T) {
	for name, held := range map[string]bool{"at once": false, "after a suspension and a restart": true} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				st := memory.New()
				taken := 0
				c := wfe.Config{Listeners: []func(wfe.Notice){func(n wfe.Notice) {
					require.Equal(t, trace.TraceID{7}, n.Trace.TraceID())
					require.False(t, n.Began.IsZero())
					if n.Kind == wfe.RecordEventTaken {
						taken++
						require.Equal(t, trace.SpanID{3}, n.Caller.SpanID())
						return
					}
					require.False(t, n.Caller.IsValid())
				}}}
				r := rig{build: func(b *builder) { b.await("wait") }}
				h := r.host(t, st, c)
				i, err := wfe.Start(span(t.Context(), 7), h, ref, &data{Key: "k"}, wfe.ID("i"))
				require.NoError(t, err)
				if held {
					require.NoError(t, i.Suspend(t.Context()))
				}
				require.NoError(t, wfe.Publish(span(t.Context(), 3), h, noteEvent, "k", &note{"x"}))
				synctest.Wait()
				if held {
					require.Zero(t, taken)
					require.NoError(t, h.Stop(t.Context()))
					h = r.host(t, st, c)
					i = wfe.Get(h, ref, "i")
					require.NoError(t, i.Resume(t.Context()))
				}
				completes(t, i)
				synctest.Wait()
				require.Equal(t, 1, taken)
			})
		})
	}
}

func TestEndMiddleware_IsInTheTraceOfTheInstance(t *testing.T) {
	bubble(t, func(t *testing.T) {
		got := byte(0)
		h := rig{build: func(b *builder) { b.task("a") }}.host(t, memory.New(), wfe.Config{EndMiddleware: []wfe.EndMiddleware{
			func(next wfe.EndFunc) wfe.EndFunc {
				return func(ctx context.Context, e wfe.EndInfo) error {
					got = number(ctx)
					return next(ctx, e)
				}
			}}})
		_, err := wfe.Start(span(t.Context(), 5), h, ref, &data{}, wfe.ID("i"))
		require.NoError(t, err)
		synctest.Wait()
		require.Equal(t, byte(5), got)
	})
}

func TestLog_LinesOfAnInstanceHaveItsTrace(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var logs hoard
		h := rig{retry: &wfe.RetryPolicy{}, build: func(b *builder) { b.task("a") }, do: func(ctx wfe.StepContext, _ *task) (wfe.Result, error) {
			ctx.Logger().Info("at work")
			return ctx.Next(), errTask
		}}.host(t, memory.New(), wfe.Config{Logger: slog.New(slog.NewTextHandler(&logs, nil))})
		_, err := wfe.Start(span(t.Context(), 7), h, ref, &data{}, wfe.ID("i"))
		require.NoError(t, err)
		synctest.Wait()
		id := trace.TraceID{7}.String()
		for _, what := range []string{"at work", "instance suspended"} {
			line := ""
			for l := range strings.Lines(logs.String()) {
				if strings.Contains(l, what) {
					line = l
				}
			}
			require.Contains(t, line, "trace_id="+id, what)
			require.Contains(t, line, "instance=i", what)
			require.Contains(t, line, "node=a", what)
		}
	})
}

// What of the data is secret is so for middleware too, in whatever field of a step
// it comes by, and in a Func.
func TestRedact_TakesSecretsOfTheDataOutOfWhatMiddlewareSees(t *testing.T) {
	type open struct{ Mode, Plain string }
	bubble(t, func(t *testing.T) {
		var seen notes
		h := wfe.NewHost(memory.New(), wfe.Config{StepMiddleware: []wfe.StepMiddleware{func(next wfe.StepFunc) wfe.StepFunc {
			return func(ctx wfe.StepContext) (r wfe.Result, err error) {
				r, err = next(ctx)
				seen.add(ctx.Redact(err.Error()))
				return r, err
			}
		}}})
		step := wfe.Step[open]{Name: "open", Codec: codec.JSON[open](), Retry: &wfe.RetryPolicy{MaxRetries: 1, Then: wfe.Terminate},
			Run: func(s *open, _ context.Context) error { return fmt.Errorf("no %s for %s", s.Mode, s.Plain) }}
		ref := wfe.Ref[safe]{ID: "safe", Data: codec.JSON[safe]()}
		require.NoError(t, h.Register(wfe.NewStepSet("test", step), nil, wfe.Workflow[safe, *safeBuilder]{ID: "safe", Version: 1, Data: ref.Data,
			New: func(b wfe.Block[safe, *safeBuilder]) *safeBuilder { return &safeBuilder{b} },
			Build: func(b *safeBuilder) {
				b.If("typed", func(d *safe) bool { return d.Mode == "step" }, func(b *safeBuilder) {
					wfe.Then(b, func(d *safe, s *open) { s.Plain, s.Mode = d.Token, d.Mode })
				})
				b.Func("f", func(ctx wfe.StepContext, d *safe) (wfe.Result, error) {
					return ctx.Next(), wfe.Permanent(fmt.Errorf("no %s for %s", d.Mode, d.Token))
				}).OnError(wfe.RetryPolicy{Then: wfe.Terminate})
			}}))
		require.NoError(t, h.Start(t.Context()))
		t.Cleanup(func() { _ = h.Stop(now()) })
		for _, mode := range []string{"step", "func"} {
			run, err := wfe.Start(t.Context(), h, ref, &safe{Token: "canary-token", Mode: mode})
			require.NoError(t, err)
			_, err = run.Wait(t.Context())
			require.Error(t, err)
		}
		require.Equal(t, []string{"no step for [secret]", "no step for [secret]", "no func for [secret]"}, seen.lines)
	})
}

func TestStepInfo_SaysWhereTheNodeStandsInTheSource(t *testing.T) {
	bubble(t, func(t *testing.T) {
		got := map[string]string{}
		var mu sync.Mutex
		r := rig{do: func(ctx wfe.StepContext, s *task) (wfe.Result, error) {
			mu.Lock()
			defer mu.Unlock()
			got[s.Label] = filepath.Base(wfe.Info(ctx).Position)
			return ctx.Next(), nil
		}}
		r.build = func(b *builder) {
			wfe.Then(b, func(_ *data, s *task) { s.Label = "a" })
			b.If("if", func(*data) bool { return true }, func(b *builder) {
				wfe.Then(b, func(_ *data, s *task) { s.Label = "b" }).Name("b")
			})
		}
		completes(t, begin(t, r.host(t, memory.New(), wfe.Config{}), "i", data{}))
		line := func(of string) int {
			var n int
			_, err := fmt.Sscanf(got[of], "trace_test.go:%d", &n)
			require.NoError(t, err, got)
			return n
		}
		require.Equal(t, line("a")+2, line("b"))
	})
}

func TestTraceListener_HearsOfInstancesInATraceButNotOfAttempts(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var n notes
		r := rig{retry: &wfe.RetryPolicy{MaxRetries: 1, Then: wfe.Terminate}, build: func(b *builder) { b.await("wait"); b.task("a") },
			do: func(ctx wfe.StepContext, _ *task) (wfe.Result, error) { return ctx.Next(), errTask }}
		h := r.host(t, memory.New(), wfe.Config{TraceListeners: []func(wfe.Notice){func(x wfe.Notice) { n.add(x.Instance + " " + x.Kind.String()) }}})
		_, err := wfe.Start(span(t.Context(), 7), h, ref, &data{Key: "k"}, wfe.ID("traced"))
		require.NoError(t, err)
		begin(t, h, "plain", data{Key: "k"})
		publish(t, h, "k", "x")
		_, err = wfe.Get(h, ref, "traced").Wait(t.Context())
		require.Error(t, err)
		synctest.Wait()
		require.Equal(t, []string{"traced started", "traced waiting", "traced event taken", "traced terminated"}, n.lines)
	})
}
