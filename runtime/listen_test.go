package wfe_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/store"
	"github.com/wfegen/wfe/runtime/store/memory"
)

// What a listener hears is what the history keeps, in its order.
func TestListener_HearsWhatHappensInOrder(t *testing.T) {
	bubble(t, func(t *testing.T) {
		heard := map[string][]wfe.Record{}
		listen := func(n wfe.Notice) {
			require.Zero(t, n.Missed)
			require.Equal(t, "flow", n.Workflow)
			heard[n.Instance] = append(heard[n.Instance], n.Record)
		}
		r := rig{retry: &wfe.RetryPolicy{MaxRetries: 1, Interval: time.Second}, build: func(b *builder) {
			b.task("a")
			b.await("wait")
			b.Saga("s", func(b *builder) { b.task("b"); b.task("bad") })
		}, undo: func(context.Context, *task) error { return nil }}
		r.do = func(ctx wfe.StepContext, s *task) (wfe.Result, error) {
			if s.Label == "bad" {
				return ctx.Next(), errTask
			}
			return ctx.Next(), nil
		}
		h := r.host(t, memory.New(), wfe.Config{Listeners: []func(wfe.Notice){listen}})
		i := begin(t, h, "i", data{Key: "k"})
		synctest.Wait()
		require.NoError(t, i.Suspend(t.Context()))
		require.NoError(t, i.Resume(t.Context()))
		publish(t, h, "k", "x")
		_, err := i.Wait(t.Context())
		require.Error(t, err)
		synctest.Wait()
		kept, err := wfe.History(t.Context(), h, "i")
		require.NoError(t, err)
		require.Equal(t, kept, heard["i"])
		kinds := map[wfe.RecordKind]bool{}
		for _, r := range kept {
			kinds[r.Kind] = true
		}
		for _, k := range []wfe.RecordKind{wfe.RecordStarted, wfe.RecordStepStarted, wfe.RecordStepCompleted, wfe.RecordStepFailed,
			wfe.RecordSuspended, wfe.RecordResumed, wfe.RecordTerminated} {
			require.True(t, kinds[k], "%v", k)
		}
	})
}

func TestListener_CannotHoldUpOrBreakTheEngine(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var logs hoard
		release := make(chan struct{})
		var missed uint64
		var got int
		slow := func(n wfe.Notice) {
			<-release
			got++
			missed += n.Missed
		}
		panics := 0
		broken := func(wfe.Notice) { panics++; panic("ouch") }
		r := rig{build: func(b *builder) { b.each("a") }}
		h := r.host(t, memory.New(), wfe.Config{Listeners: []func(wfe.Notice){slow, broken}, Logger: slog.New(slog.NewTextHandler(&logs, nil))})
		completes(t, begin(t, h, "i", data{Items: make([]int, 5000)}))
		close(release)
		synctest.Wait()
		completes(t, begin(t, h, "last", data{}))
		synctest.Wait()
		require.Positive(t, missed, "it was too slow")
		kept, err := wfe.History(t.Context(), h, "last")
		require.NoError(t, err)
		all, err := wfe.History(t.Context(), h, "i")
		require.NoError(t, err)
		require.Equal(t, int(all[len(all)-1].N)+len(kept), got+int(missed), "it is told how many")
		require.Positive(t, panics)
		require.Contains(t, logs.String(), "ouch")
	})
}

func TestListener_HearsTheRestWhenTheHostStops(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var n notes
		h := rig{build: func(b *builder) { b.task("a") }}.host(t, memory.New(), wfe.Config{Listeners: []func(wfe.Notice){func(x wfe.Notice) {
			time.Sleep(time.Second)
			n.add(fmt.Sprint(x.Kind))
		}}})
		completes(t, begin(t, h, "i", data{}))
		require.NoError(t, h.Stop(t.Context()))
		require.Equal(t, fmt.Sprint(wfe.RecordCompleted), n.lines[len(n.lines)-1])
	})
}

func TestEndMiddleware_RunsInOrderOnceTheEndIsDurable(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var n notes
		around := func(name string) wfe.EndMiddleware {
			return func(next wfe.EndFunc) wfe.EndFunc {
				return func(ctx context.Context, e wfe.EndInfo) error {
					n.add(fmt.Sprintf("%s in %s %d %s %s%s %s", name, e.Workflow, e.Version, e.ID, e.Status, e.Reason, e.Data))
					defer n.add(name + " out")
					return next(ctx, e)
				}
			}
		}
		r := rig{retry: &wfe.RetryPolicy{Then: wfe.Terminate}, build: func(b *builder) { b.task("a") }}
		r.do = func(ctx wfe.StepContext, s *task) (wfe.Result, error) {
			if s.Out = "done"; ctx.Instance == "bad" {
				return ctx.Next(), errTask
			}
			return ctx.Next(), nil
		}
		h := r.host(t, memory.New(), wfe.Config{EndMiddleware: []wfe.EndMiddleware{around("1"), around("2")}})
		completes(t, begin(t, h, "good", data{}))
		synctest.Wait()
		d := `{"Key":"","Items":null,"Log":["done"]}`
		require.Equal(t, []string{"1 in flow 1 good complete " + d, "2 in flow 1 good complete " + d, "2 out", "1 out"}, n.lines)
		_, err := begin(t, h, "bad", data{}).Wait(t.Context())
		require.Error(t, err)
		synctest.Wait()
		require.Equal(t, `1 in flow 1 bad terminatedfailed {"Key":"","Items":null,"Log":null}`, n.lines[4])
	})
}

// A crash at any commit loses no end: the next host is told of it.
func TestEndMiddleware_RunsAtLeastOnceWhateverCrashes(t *testing.T) {
	for fault, name := range map[memory.Fault]string{memory.CrashBefore: "before", memory.CrashAfter: "after"} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				at, most := 1, 0
				for met := true; met; at++ {
					met = false
					ends := 0
					count := func(wfe.EndFunc) wfe.EndFunc {
						return func(_ context.Context, e wfe.EndInfo) error { ends++; return nil }
					}
					st := memory.New()
					st.Inject(func(n int, _ store.Batch) memory.Fault {
						if n == at {
							met = true
							return fault
						}
						return memory.None
					})
					r := rig{build: func(b *builder) { b.task("a") }}
					for done := false; !done; {
						h := wfe.NewHost(st, wfe.Config{EndMiddleware: []wfe.EndMiddleware{count}})
						require.NoError(t, r.register(h))
						if err := h.Start(t.Context()); err == nil {
							if i, err := wfe.Start(t.Context(), h, ref, &data{}, wfe.ID("i")); err == nil {
								_, _ = i.Wait(t.Context())
							}
							time.Sleep(time.Minute)
							done = h.Err() == nil
						}
						_ = h.Stop(now())
					}
					require.Positive(t, ends, "commit %d", at)
					most = max(most, ends)
					left, err := st.Inbox(t.Context(), 0, 10)
					require.NoError(t, err)
					require.Empty(t, left)
				}
				require.Greater(t, at, 3)
				if fault == memory.CrashBefore {
					require.Equal(t, 2, most, "a crash before it is noted runs it again")
				}
			})
		})
	}
}

func TestEndMiddleware_ThatFailsIsLoggedAndNotRepeated(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var logs hoard
		calls := 0
		fail := func(wfe.EndFunc) wfe.EndFunc {
			return func(_ context.Context, e wfe.EndInfo) error {
				if calls++; e.ID == "panics" {
					panic("ouch")
				}
				return errTask
			}
		}
		h := rig{build: func(b *builder) { b.task("a") }}.host(t, memory.New(), wfe.Config{EndMiddleware: []wfe.EndMiddleware{fail}, Logger: slog.New(slog.NewTextHandler(&logs, nil))})
		completes(t, begin(t, h, "panics", data{}))
		completes(t, begin(t, h, "fails", data{}))
		time.Sleep(time.Hour)
		require.Equal(t, 2, calls)
		require.Equal(t, 2, strings.Count(logs.String(), "what follows the end of an instance failed"), logs.String())
	})
}

func TestRecordKind_HasANameForPeople(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for k := wfe.RecordStarted; k <= wfe.RecordTerminated; k++ {
		require.NotContains(t, k.String(), "record kind")
		names[k.String()] = true
	}
	require.Len(t, names, int(wfe.RecordTerminated))
	require.Equal(t, "record kind 0", wfe.RecordKind(0).String())
}

func TestInfo_HasTheIndexOfTheElement(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := rig{build: func(b *builder) { b.each("a", wfe.Sequential()) }}
		r.do = func(ctx wfe.StepContext, s *task) (wfe.Result, error) {
			s.Out = fmt.Sprint(s.Item, " at ", wfe.Info(ctx).Index)
			return ctx.Next(), nil
		}
		require.Equal(t, []string{"7 at 0", "8 at 1"}, completes(t, begin(t, r.host(t, memory.New(), wfe.Config{}), "i", data{Items: []int{7, 8}})))
	})
}
