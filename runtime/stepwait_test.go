package wfe_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/codec"
	"github.com/wfegen/wfe/runtime/store/memory"
)

func TestStepWait_ReadsTheEventInItsNextRun(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var keys []string
		r := rig{build: func(b *builder) { b.task("a") }}
		r.do = func(ctx wfe.StepContext, s *task) (wfe.Result, error) {
			keys = append(keys, ctx.IdempotencyKey)
			var got []string
			if _, err := ctx.Persisted(&got); err != nil {
				return ctx.Next(), err
			}
			var n note
			if ok, err := ctx.Event(&n); err != nil {
				return ctx.Next(), err
			} else if ok {
				got = append(got, n.Text)
			}
			if len(got) < 3 {
				return ctx.WaitFor(n, "k").Keep(got), nil
			}
			s.Out = strings.Join(got, " ")
			return ctx.Next(), nil
		}
		st := memory.New()
		h := r.host(t, st, wfe.Config{})
		publish(t, h, "k", "before the start")
		synctest.Wait()
		i := begin(t, h, "i", data{})
		synctest.Wait()
		now := status(t, i)
		require.Equal(t, []wfe.Waiting{{Node: "a", Event: "note", Key: "k"}}, now.Waiting)
		d, err := wfe.Describe(t.Context(), h, "i")
		require.NoError(t, err)
		require.Equal(t, []string{"waiting", "note", "k"}, []string{d.Positions[0].Does, d.Positions[0].Event, d.Positions[0].Key})
		publish(t, h, "other", "of another key")
		publish(t, h, "k", "one")
		publish(t, h, "k", "two")
		synctest.Wait()
		st.Crash()
		h = r.host(t, st, wfe.Config{})
		i = wfe.Get(h, ref, "i")
		require.NoError(t, wfe.Signal(t.Context(), h, noteEvent, "i", &note{"signal"}))
		require.Equal(t, []string{"one two signal"}, completes(t, i))
		require.Len(t, keys, 4)
		require.Equal(t, keys[0], keys[3])
	})
}

func TestStepWait_IsOverAfterItsTimeUnlessTheEventIsThere(t *testing.T) {
	const limit = time.Hour
	for name, at := range map[string]time.Duration{"before": limit - time.Millisecond, "after": limit + time.Second} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				x := newTimes()
				r := rig{build: func(b *builder) { b.task("a") }}
				r.do = func(ctx wfe.StepContext, s *task) (wfe.Result, error) {
					x.note()
					var n note
					switch ok, err := ctx.Event(&n); {
					case err != nil:
						return ctx.Next(), err
					case ok:
						s.Out = n.Text
						return ctx.Next(), nil
					case ctx.TimedOut():
						s.Out = "timed out"
						return ctx.Next(), nil
					}
					return ctx.WaitFor(&n, "k").Within(limit), nil
				}
				h := r.host(t, memory.New(), wfe.Config{Poll: 24 * time.Hour}) // it looks for events of others at the deadline alone
				i := begin(t, h, "i", data{})
				time.AfterFunc(at, func() { _ = wfe.Publish(t.Context(), h, noteEvent, "k", &note{"event"}) })
				if name == "before" {
					require.Equal(t, []string{"event"}, completes(t, i))
					x.on(t, 0, at)
				} else {
					require.Equal(t, []string{"timed out"}, completes(t, i))
					x.on(t, 0, limit)
				}
			})
		})
	}
}

// What another process published before the deadline is taken, also when the host
// has not looked for it since.
func TestStepWait_TakesAnEventThatTheHostHasNotSeenAtItsDeadline(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := rig{build: func(b *builder) { b.task("a") }}
		r.do = func(ctx wfe.StepContext, s *task) (wfe.Result, error) {
			var n note
			if ok, err := ctx.Event(&n); ok || err != nil || ctx.TimedOut() {
				s.Out = fmt.Sprint(n.Text, ctx.TimedOut())
				return ctx.Next(), err
			}
			return ctx.WaitFor(n, "k").Within(time.Second), nil
		}
		st := memory.New()
		h := r.host(t, st, wfe.Config{Poll: time.Hour})
		i := begin(t, h, "i", data{})
		synctest.Wait()
		publish(t, wfe.NewClient(st), "k", "x")
		require.Equal(t, []string{"xfalse"}, completes(t, i))
	})
}

func TestStepWait_WhatIsWrongWithItIsAnErrorOfTheStepWithoutARetry(t *testing.T) {
	t.Parallel()
	type stranger struct{}
	for want, result := range map[string]func(ctx wfe.StepContext) wfe.Result{
		"the step waits for an event of type wfe_test.stranger, which is not among the events given to Register or Add": func(ctx wfe.StepContext) wfe.Result { return ctx.WaitFor(stranger{}, "k") },
		"the step waits for an event of type <nil>, which":                                                              func(ctx wfe.StepContext) wfe.Result { return ctx.WaitFor(nil, "k") },
		"it waits for event note, whose key is empty":                                                                   func(ctx wfe.StepContext) wfe.Result { return ctx.WaitFor(note{}, "") },
		"the step waits for an event within 0s":                                                                         func(ctx wfe.StepContext) wfe.Result { return ctx.WaitFor(note{}, "k").Within(0) },
		"Within is for a step that waits for an event":                                                                  func(ctx wfe.StepContext) wfe.Result { return ctx.Sleep(time.Hour).Within(time.Hour) },
		"encoding persistence data: json: unsupported type: func":                                                       func(ctx wfe.StepContext) wfe.Result { return ctx.WaitFor(note{}, "k").Keep(func() {}) },
	} {
		bad := rig{build: func(b *builder) { b.task("a") }, retry: &wfe.RetryPolicy{MaxRetries: 5, Interval: time.Millisecond, Then: wfe.Terminate}}
		bad.do = func(ctx wfe.StepContext, _ *task) (wfe.Result, error) { return result(ctx), nil }
		h := bad.host(t, memory.New(), wfe.Config{})
		_, err := begin(t, h, "i", data{}).Wait(t.Context())
		require.ErrorContains(t, err, want)
		failures, err := wfe.Failures(t.Context(), h, "i")
		require.NoError(t, err)
		require.Len(t, failures, 1)
	}
}

func TestStepWait_AnEventThatDoesNotDecodeIsKeptAndTheRetryWaitsForTheNext(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := rig{build: func(b *builder) { b.task("a") }}
		r.do = func(ctx wfe.StepContext, s *task) (wfe.Result, error) {
			var n note
			if ok, err := ctx.Event(&n); ok || err != nil {
				s.Out = n.Text
				return ctx.Next(), err
			}
			return ctx.WaitFor(n, "k"), nil
		}
		h := r.host(t, memory.New(), wfe.Config{})
		i := begin(t, h, "i", data{})
		type other struct{ Text int }
		require.NoError(t, wfe.Publish(t.Context(), h, wfe.Event[other]{Name: "note", Codec: codec.JSON[other]()}, "k", &other{5}))
		publish(t, h, "k", "right")
		require.Equal(t, []string{"right"}, completes(t, i))
		unusable, err := wfe.Unusable(t.Context(), h, 0, 0)
		require.NoError(t, err)
		require.Len(t, unusable, 1)
		failures, err := wfe.Failures(t.Context(), h, "i")
		require.NoError(t, err)
		require.Len(t, failures, 1)
		require.Contains(t, failures[0].Message, `event note, key "k", number 1: `)
	})
}

func TestStepWait_ReadsTheEventIntoItsTypeAlone(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := rig{build: func(b *builder) { b.task("a") }, retry: &wfe.RetryPolicy{MaxRetries: 5, Then: wfe.Terminate}}
		runs := 0
		r.do = func(ctx wfe.StepContext, _ *task) (wfe.Result, error) {
			if runs++; runs > 1 {
				var n struct{ Text string }
				_, err := ctx.Event(&n)
				return ctx.Next(), err
			}
			return ctx.WaitFor(note{}, "k"), nil
		}
		h := r.host(t, memory.New(), wfe.Config{})
		i := begin(t, h, "i", data{})
		publish(t, h, "k", "x")
		_, err := i.Wait(t.Context())
		require.ErrorContains(t, err, "the step has taken event note, and reads it into a *struct { Text string }; give a *wfe_test.note that is not nil")
		require.Equal(t, 2, runs)
	})
}

func TestStepWait_LosesNoEventThatIsPublishedWhileItBegins(t *testing.T) {
	t.Parallel()
	st := memory.New()
	r := rig{build: func(b *builder) { b.task("a"); b.await("wait"); b.task("b") }}
	r.do = func(ctx wfe.StepContext, s *task) (wfe.Result, error) {
		var n note
		taken, err := ctx.Event(&n)
		if s.Out = n.Text; taken || err != nil {
			return ctx.Next(), err
		}
		return ctx.WaitFor(n, fmt.Sprint("key", len(ctx.Instance)%7)), nil
	}
	h := r.host(t, st, wfe.Config{Poll: time.Millisecond})
	outside := wfe.NewClient(st)
	var all sync.WaitGroup
	for n := range 200 {
		id := strings.Repeat("i", n+1)
		key := fmt.Sprint("key", len(id)%7)
		i := begin(t, h, id, data{Key: key})
		all.Go(func() {
			for _, c := range []wfe.Client{h, outside, h} {
				publish(t, c, key, "x")
			}
		})
		all.Go(func() { require.Equal(t, []string{"x", "x", "x"}, completes(t, i)) })
	}
	all.Wait()
}

// waits is a step without generated code that waits.
type waits struct {
	Text string `wfe:"out"`
}

func (w *waits) Run(ctx wfe.StepContext) (wfe.Result, error) {
	var s signature
	ok, err := ctx.Event(&s)
	if w.Text = fmt.Sprint(s); ok || err != nil {
		return ctx.Next(), err
	}
	return ctx.WaitFor(s, "k"), nil
}

func TestStepWait_WorksWithoutGeneratedCodeAndInAFunc(t *testing.T) {
	bubble(t, func(t *testing.T) {
		type texts struct{ Text, Second string }
		w := wfe.NewWorkflow("w", 1, func(b *wfe.Generic[texts]) {
			b.Step("waits")
			b.Func("f", func(ctx wfe.StepContext, d *texts) (wfe.Result, error) {
				var s signature
				if ok, err := ctx.Event(&s); ok || err != nil {
					d.Second = fmt.Sprint(s)
					return ctx.Next(), err
				}
				return ctx.WaitFor(s, "k"), nil
			})
		})
		h := added(t, w, &waits{}, signed)
		i, err := w.Start(t.Context(), h, texts{})
		require.NoError(t, err)
		require.NoError(t, signed.Publish(t.Context(), h, "k", signature{"ann"}))
		require.NoError(t, signed.Publish(t.Context(), h, "k", signature{"bob"}))
		d, err := i.Wait(t.Context())
		require.NoError(t, err)
		require.Equal(t, texts{"{ann}", "{bob}"}, d)
	})
}

// A step can be tested without a host.
func TestStepWait_ResultSaysForWhat(t *testing.T) {
	t.Parallel()
	r, err := new(waits).Run(wfe.StepContext{Context: context.Background()})
	require.NoError(t, err)
	require.Equal(t, "wait for wfe_test.signature", r.String())
}
