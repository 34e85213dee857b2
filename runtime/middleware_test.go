package wfe_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/store/memory"
)

// notes collects lines in order.
type notes struct {
	mu    sync.Mutex
	lines []string
}

func (n *notes) add(line string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.lines = append(n.lines, line)
}

type tenant struct{}

func TestStepMiddleware_WrapsBodiesInOrder(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var n notes
		around := func(name string) wfe.StepMiddleware {
			return func(next wfe.StepFunc) wfe.StepFunc {
				return func(ctx wfe.StepContext) (wfe.Result, error) {
					n.add(name + " in " + ctx.Node + " of " + ctx.Step)
					ctx.Context = context.WithValue(ctx.Context, tenant{}, name)
					defer n.add(name + " out")
					return next(ctx)
				}
			}
		}
		r := rig{retry: &wfe.RetryPolicy{}, build: func(b *builder) {
			b.Saga("s", func(b *builder) {
				b.task("a")
				b.Func("f", func(ctx wfe.StepContext, _ *data) (wfe.Result, error) {
					n.add("f for " + ctx.Value(tenant{}).(string))
					return ctx.Next(), wfe.Permanent(errTask)
				}).OnError(wfe.RetryPolicy{})
			})
		}}
		r.do = func(ctx wfe.StepContext, _ *task) (wfe.Result, error) {
			n.add("a for " + ctx.Value(tenant{}).(string) + " " + wfe.Info(ctx).Node)
			return ctx.Next(), nil
		}
		r.undo = func(ctx context.Context, _ *task) error {
			n.add("undo for " + ctx.Value(tenant{}).(string))
			return nil
		}
		h := r.host(t, memory.New(), wfe.Config{StepMiddleware: []wfe.StepMiddleware{around("1"), around("2")}})
		_, err := begin(t, h, "x", data{}).Wait(t.Context())
		require.ErrorContains(t, err, errTask.Error())
		require.Equal(t, []string{
			"1 in s/a of task", "2 in s/a of task", "a for 2 s/a", "2 out", "1 out",
			"1 in s/f of f", "2 in s/f of f", "f for 2", "2 out", "1 out",
			"1 in s/a of task", "2 in s/a of task", "undo for 2", "2 out", "1 out",
		}, n.lines)
	})
}

func TestStepMiddleware_FailsTheStep(t *testing.T) {
	for name, mw := range map[string]wfe.StepMiddleware{
		"error": func(wfe.StepFunc) wfe.StepFunc {
			return func(ctx wfe.StepContext) (wfe.Result, error) { return ctx.Next(), errors.New("not today") }
		},
		"panic": func(wfe.StepFunc) wfe.StepFunc {
			return func(wfe.StepContext) (wfe.Result, error) { panic("not today") }
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				r := rig{retry: &wfe.RetryPolicy{Then: wfe.Terminate}, build: func(b *builder) { b.task("a") }}
				h := r.host(t, memory.New(), wfe.Config{StepMiddleware: []wfe.StepMiddleware{mw}})
				_, err := begin(t, h, "x", data{}).Wait(t.Context())
				require.ErrorContains(t, err, "not today")
			})
		})
	}
}

func TestStepMiddleware_IsCalledOnceForAHost(t *testing.T) {
	bubble(t, func(t *testing.T) {
		made := 0
		h := rig{build: func(b *builder) { b.task("a"); b.task("b") }}.host(t, memory.New(), wfe.Config{StepMiddleware: []wfe.StepMiddleware{func(next wfe.StepFunc) wfe.StepFunc {
			made++
			return next
		}}})
		completes(t, begin(t, h, "x", data{}))
		require.Equal(t, 1, made)
	})
}

func TestStepMiddleware_ThatMakesAStepContextFailsTheStep(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := rig{retry: &wfe.RetryPolicy{Then: wfe.Terminate}, build: func(b *builder) { b.task("a") }}
		h := r.host(t, memory.New(), wfe.Config{StepMiddleware: []wfe.StepMiddleware{func(next wfe.StepFunc) wfe.StepFunc {
			return func(ctx wfe.StepContext) (wfe.Result, error) {
				return next(wfe.StepContext{Context: ctx, StepInfo: ctx.StepInfo})
			}
		}}})
		_, err := begin(t, h, "x", data{}).Wait(t.Context())
		require.ErrorContains(t, err, "hand on the one that it was given")
	})
}

func TestStartMiddleware_WrapsStartsInOrderAndMayRefuse(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var n notes
		around := func(name string) wfe.StartMiddleware {
			return func(next wfe.StartFunc) wfe.StartFunc {
				return func(ctx context.Context, s wfe.StartInfo) error {
					n.add(name + " in " + s.Workflow + " " + s.ID + " " + string(s.Data))
					if s.ID == "no" && name == "2" {
						return errTask
					}
					err := next(ctx, s)
					n.add(name + " out")
					return err
				}
			}
		}
		st := memory.New()
		h := rig{build: func(b *builder) { b.task("a") }}.host(t, st, wfe.Config{StartMiddleware: []wfe.StartMiddleware{around("1"), around("2")}})
		completes(t, begin(t, h, "yes", data{Key: "k"}))
		d := `{"Key":"k","Items":null,"Log":null}`
		require.Equal(t, []string{"1 in flow yes " + d, "2 in flow yes " + d, "2 out", "1 out"}, n.lines)

		_, err := wfe.Start(t.Context(), h, ref, &data{}, wfe.ID("no"))
		require.ErrorIs(t, err, errTask)
		_, err = wfe.Start(t.Context(), wfe.NewClient(st), ref, &data{}, wfe.ID("no"))
		require.ErrorContains(t, err, errTask.Error(), "a start that another process asked for")
		_, err = wfe.Get(h, ref, "no").Get(t.Context())
		require.ErrorIs(t, err, wfe.ErrNotFound)
	})
}

func TestStartMiddleware_APanicIsAnErrorForTheProcessThatAsked(t *testing.T) {
	bubble(t, func(t *testing.T) {
		st := memory.New()
		panics := func(next wfe.StartFunc) wfe.StartFunc {
			return func(ctx context.Context, s wfe.StartInfo) error {
				if s.ID == "bad" {
					panic("poisonous")
				}
				return next(ctx, s)
			}
		}
		rig{build: func(*builder) {}}.host(t, st, wfe.Config{StartMiddleware: []wfe.StartMiddleware{panics}})
		c := wfe.NewClient(st)
		_, err := wfe.Start(t.Context(), c, ref, &data{}, wfe.ID("bad"))
		require.ErrorContains(t, err, "panicked: poisonous")
		completes(t, begin(t, c, "good", data{}))
	})
}

func TestStartMiddleware_AnErrorBehindTheStartComesTooLateForAnotherProcess(t *testing.T) {
	bubble(t, func(t *testing.T) {
		st := memory.New()
		late := func(next wfe.StartFunc) wfe.StartFunc {
			return func(ctx context.Context, s wfe.StartInfo) error { return errors.Join(next(ctx, s), errTask) }
		}
		var log strings.Builder
		h := rig{build: func(*builder) {}}.host(t, st, wfe.Config{StartMiddleware: []wfe.StartMiddleware{late}, Logger: slog.New(slog.NewTextHandler(&log, nil))})
		completes(t, begin(t, wfe.NewClient(st), "remote", data{}))
		synctest.Wait()
		require.Contains(t, log.String(), errTask.Error())
		_, err := wfe.Start(t.Context(), h, ref, &data{}, wfe.ID("here"))
		require.ErrorIs(t, err, errTask)
		completes(t, wfe.Get(h, ref, "here"))
	})
}
