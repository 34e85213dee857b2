package wfetest_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/wfetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// trip is the data of the workflows here.
type trip struct {
	Name   string
	Hotel  string
	Stops  []string
	Seen   []string
	Answer string
}

// BookHotel needs the outside world, so tests replace it.
type BookHotel struct {
	Name  string
	Hotel string `wfe:"out"`
}

func (s *BookHotel) Run(context.Context) error  { return errors.New("there is no network here") }
func (s *BookHotel) Undo(context.Context) error { return errors.New("there is no network here") }

// Visit steers.
type Visit struct {
	Stop string
}

func (s *Visit) Run(ctx wfe.StepContext) (wfe.Result, error) {
	if again, err := ctx.Persisted(new(bool)); err != nil || again {
		return ctx.Next(), err
	}
	return ctx.Sleep(time.Hour).Keep(true), nil
}

type answer struct{ Text string }

var answered = wfe.NewEvent[answer]("answered")

// travel is a workflow with a long delay, a saga, parallel elements and an event.
var travel = wfe.NewWorkflow("travel", 1, func(b *wfe.Generic[trip]) {
	b.Delay("vacation-is-far", 90*24*time.Hour)
	b.Saga("book", func(b *wfe.Generic[trip]) {
		b.Step("book-hotel").OnError(wfe.Retry(2, time.Minute))
		b.If("nowhere", func(t *trip) bool { return len(t.Stops) == 0 }, func(b *wfe.Generic[trip]) {
			b.Func("refuse", func(ctx wfe.StepContext, _ *trip) (wfe.Result, error) {
				return ctx.Next(), wfe.Permanent(errors.New("there is nothing to see"))
			})
		})
	})
	wfe.Each(b, "stops", func(t *trip) []string { return t.Stops }, func(b *wfe.Generic[trip], stop *string) {
		wfe.Then(b, func(_ *trip, s *Visit) { s.Stop = *stop }).
			Out(func(t *trip, s *Visit) { t.Seen = append(t.Seen, s.Stop) })
	})
	wfe.Await(b, "ask", func(t *trip) string { return t.Name }, func(t *trip, a *answer) { t.Answer = a.Text }).
		Timeout(24*time.Hour, func(b *wfe.Generic[trip]) { b.End() })
})

func register(h *wfe.Host) error { return h.Add(travel, BookHotel{}, Visit{}, answered) }

// book stands in for BookHotel; it fails as often as is said.
func book(r *wfetest.Rig, failures int) wfetest.Stand {
	return wfetest.Double(func(ctx context.Context, s *BookHotel) error {
		r.Effect(ctx, "ask for %s", s.Name)
		if wfe.Info(ctx).Attempt <= failures {
			return errors.New("the line is busy")
		}
		s.Hotel = "the " + s.Name
		return nil
	})
}

func cancel(r *wfetest.Rig) wfetest.Stand {
	return wfetest.DoubleUndo(func(ctx context.Context, s *BookHotel) error {
		r.Effect(ctx, "cancel %s", s.Hotel)
		return nil
	})
}

func TestTest_TimePassesByItself(t *testing.T) {
	t.Parallel()
	began := time.Now()
	wfetest.Test(t, func(r *wfetest.Rig) {
		r.Host(register, book(r, 1))
		start := r.Now()
		i := wfetest.Start(r, travel.Start, trip{Name: "ritz", Stops: []string{"a", "b"}})
		w := i.UntilAwaiting("answered")
		require.Equal(t, "ritz", w.Key)
		require.GreaterOrEqual(t, r.Now().Sub(start), 90*24*time.Hour+time.Hour)
		require.Less(t, r.Now().Sub(start), 90*24*time.Hour+time.Hour+time.Minute)
		wfetest.Publish(r, answered.Publish, "ritz", answer{"lovely"})
		done := i.UntilComplete()
		require.ElementsMatch(t, []string{"a", "b"}, done.Seen)
		done.Seen = nil
		require.Equal(t, trip{Name: "ritz", Stops: []string{"a", "b"}, Hotel: "the ritz", Answer: "lovely"}, done)
		visit := wfetest.Sequence("stops/visit sleep", "visit")
		i.Ran("book-hotel failed", "book/book-hotel#2", wfetest.Parallel(visit, visit))
	})
	require.Less(t, time.Since(began), 5*time.Second)
}

func TestTest_ATimeoutOfAWaitFires(t *testing.T) {
	t.Parallel()
	wfetest.Test(t, func(r *wfetest.Rig) {
		r.Host(register, book(r, 0))
		i := wfetest.Start(r, travel.Start, trip{Name: "ritz", Stops: []string{"a"}}, wfe.ID("mine"))
		require.Equal(t, "mine", i.ID())
		i.UntilAwaiting("answered")
		r.Advance(24*time.Hour - time.Second)
		require.True(t, i.Get().Ended.IsZero())
		r.Advance(time.Second)
		require.Equal(t, wfe.Complete, i.Get().Status)
	})
}

func TestDouble_StandsInForRunAndUndo(t *testing.T) {
	t.Parallel()
	wfetest.Test(t, func(r *wfetest.Rig) {
		r.Host(register, book(r, 0), cancel(r))
		now := wfetest.Start(r, travel.Start, trip{Name: "ritz"}).UntilEnded()
		require.Equal(t, wfe.Terminated, now.Status)
		require.Equal(t, "there is nothing to see", now.Failure.Message)
		require.Equal(t, []string{"book/book-hotel: ask for ritz", "book/book-hotel: cancel the ritz"}, texts(r.Effects()))
		i := wfetest.Get(r, func(c wfe.Client, id string) wfe.Handle[trip] { return wfe.Get(c, travel.Ref(), id) }, "1")
		i.Ran("book-hotel", "book/nowhere/then/refuse failed", "undo book-hotel")
	})
}

func TestDouble_CanSteer(t *testing.T) {
	t.Parallel()
	wfetest.Test(t, func(r *wfetest.Rig) {
		r.Host(register, book(r, 0), wfetest.DoubleSteering(func(ctx wfe.StepContext, s *Visit) (wfe.Result, error) {
			return ctx.Outcome("seen"), nil
		}))
		i := wfetest.Start(r, travel.Start, trip{Name: "k", Stops: []string{"a"}})
		i.UntilAwaiting("answered")
		i.Ran("book-hotel", "visit outcome seen")
	})
}

// Pack branches into bags.
type Pack struct{}

type bag struct{ Size int }

func (s *Pack) Run(ctx wfe.BranchContext[bag]) (wfe.Result, error) {
	return ctx.Next(), errors.New("there are no bags here")
}

func TestDouble_CanBranch(t *testing.T) {
	t.Parallel()
	packing := wfe.NewWorkflow("packing", 1, func(b *wfe.Generic[trip]) {
		wfe.ThenBranch(b, func(*trip, *Pack) {}, func(b *wfe.Generic[trip], it *bag) {
			b.Set("fill", func(t *trip) { t.Seen = append(t.Seen, strings.Repeat("x", it.Size)) })
		}, wfe.Sequential())
	})
	wfetest.Test(t, func(r *wfetest.Rig) {
		r.Host(func(h *wfe.Host) error { return h.Add(packing, &Pack{}) }, wfetest.DoubleBranching(func(ctx wfe.BranchContext[bag], _ *Pack) (wfe.Result, error) {
			return ctx.Branch([]bag{{1}, {3}}), nil
		}))
		i := wfetest.Start(r, packing.Start, trip{Name: "k"})
		require.Equal(t, []string{"x", "xxx"}, i.UntilComplete().Seen)
		i.Ran("pack branch 2")
	})
	wfetest.Test(t, func(r *wfetest.Rig) { // one that only steers
		r.Host(func(h *wfe.Host) error { return h.Add(packing, &Pack{}) }, wfetest.DoubleSteering(func(ctx wfe.StepContext, _ *Pack) (wfe.Result, error) {
			return ctx.Next(), nil
		}))
		require.Empty(t, wfetest.Start(r, packing.Start, trip{Name: "k"}).UntilComplete().Seen)
	})
}

func TestInstance_WaitsForStepsThatRun(t *testing.T) {
	t.Parallel()
	wfetest.Test(t, func(r *wfetest.Rig) {
		gate := make(chan struct{})
		r.Host(register, wfetest.Double(func(ctx context.Context, s *BookHotel) error {
			select {
			case <-gate:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}))
		i := wfetest.Start(r, travel.Start, trip{Name: "k", Stops: []string{"a"}})
		require.Equal(t, 1, i.UntilBegun("book-hotel").Attempt)
		i.Ran() // nothing has ended
		r.Crash()
		require.Equal(t, 1, i.UntilBegun("book-hotel").Attempt)
		close(gate)
		require.Equal(t, "sleep", i.UntilRan("visit").Result)
		i.UntilAwaiting("answered")
	})
}

func texts(all []wfetest.Effect) (out []string) {
	for _, e := range all {
		out = append(out, e.String())
	}
	return out
}

func TestCrashEverywhere_ComesToTheSameEnd(t *testing.T) {
	t.Parallel()
	wfetest.CrashEverywhere(t, func(r *wfetest.Rig) {
		r.Host(register, book(r, 1), cancel(r))
		fine := wfetest.Start(r, travel.Start, trip{Name: "ritz", Stops: []string{"a", "b", "c"}})
		bad := wfetest.Start(r, travel.Start, trip{Name: "savoy"})
		fine.UntilAwaiting("answered")
		wfetest.Publish(r, answered.Publish, "ritz", answer{"lovely"})
		require.Equal(r.T, "lovely", fine.UntilComplete().Answer)
		require.Equal(r.T, wfe.Terminated, bad.UntilEnded().Status)
		bad.Ran("book-hotel failed", "book-hotel#2", "refuse failed", "undo book-hotel")
	})
}

// TestFails is run by TestAScenarioThatFailsSaysWhy, in a process of its own.
func TestFails(t *testing.T) {
	switch os.Getenv("WFETEST_FAILS") {
	default:
		t.Skip("for TestAScenarioThatFailsSaysWhy")
	case "nothing can happen":
		wfetest.Test(t, func(r *wfetest.Rig) {
			w := wfe.NewWorkflow("wait", 1, func(b *wfe.Generic[trip]) {
				wfe.Await(b, "ask", func(t *trip) string { return t.Name }, func(*trip, *answer) {})
			})
			r.Host(func(h *wfe.Host) error { return h.Add(w, answered) })
			wfetest.Start(r, w.Start, trip{Name: "k"}).UntilComplete()
		})
	case "suspended":
		wfetest.Test(t, func(r *wfetest.Rig) {
			w := wfe.NewWorkflow("flow", 1, func(b *wfe.Generic[trip]) { b.Step("book-hotel") })
			r.Host(func(h *wfe.Host) error { return h.Add(w, BookHotel{}) })
			wfetest.Start(r, w.Start, trip{Name: "k"}).UntilComplete()
		})
	case "a step that hangs":
		wfetest.Test(t, func(r *wfetest.Rig) {
			r.Host(register, wfetest.Double(func(ctx context.Context, s *BookHotel) error { <-ctx.Done(); return ctx.Err() }))
			wfetest.Start(r, travel.Start, trip{Name: "k"}).UntilComplete()
		})
	case "another order":
		wfetest.Test(t, func(r *wfetest.Rig) {
			r.Host(register, book(r, 0))
			i := wfetest.Start(r, travel.Start, trip{Name: "k", Stops: []string{"a"}})
			i.UntilAwaiting("answered")
			i.Ran("book-hotel", "visit", "visit sleep")
		})
	case "a loop":
		wfetest.Test(t, func(r *wfetest.Rig) {
			w := wfe.NewWorkflow("loop", 1, func(b *wfe.Generic[trip]) {
				b.While("loop", func(*trip) bool { return true }, func(b *wfe.Generic[trip]) {
					b.Func("nothing", func(ctx wfe.StepContext, _ *trip) (wfe.Result, error) { return ctx.Next(), nil })
				})
			})
			r.Host(func(h *wfe.Host) error { return h.Add(w) })
			wfetest.Start(r, w.Start, trip{}).UntilComplete()
		})
	case "no such step":
		wfetest.Test(t, func(r *wfetest.Rig) {
			r.Host(register, wfetest.Double(func(context.Context, *trip) error { return nil }))
		})
	case "no undo":
		wfetest.Test(t, func(r *wfetest.Rig) {
			r.Host(register, wfetest.DoubleUndo(func(context.Context, *Visit) error { return nil }))
		})
	case "not idempotent":
		wfetest.CrashEverywhere(t, func(r *wfetest.Rig) {
			calls := 0
			r.Host(register, wfetest.Double(func(ctx context.Context, s *BookHotel) error {
				calls++
				r.Effect(ctx, "call %d", calls) // another one each time
				return nil
			}))
			wfetest.Start(r, travel.Start, trip{Name: "k", Stops: []string{"a"}}).UntilComplete()
		})
	}
}

func TestAScenarioThatFailsSaysWhy(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]string{
		"nothing can happen": {"waiting until instance 1 is complete; it is runnable, node ask awaits event answered with key \"k\": nothing can happen any more."},
		"suspended": {"waiting until instance 1 is complete; it is suspended, node book-hotel failed in attempt 4: there is no network here: it will not be",
			"instance 1: book-hotel#4 failed: there is no network here"},
		"a step that hangs": {"nothing can happen any more.", "step book/book-hotel of instance 1 has begun and not returned"},
		"another order":     {"  > 2. stops/visit sleep", "  expected there: visit\n", "wfetest: the runs of steps:\n"},
		"a loop":            {"runs of steps and ", "runs before these", " commits it has not happened; the last step was loop/nothing"},
		"no such step":      {"there is a double of step wfetest_test.trip, which is not registered"},
		"no undo":           {"step visit has no Undo that a double could stand in for"},
		"not idempotent": {"with a crash before commit", "one effect more: instance 1: book/book-hotel: call 2",
			"to run this alone: go test -count=1 -run '^TestFails$/^before_commit_"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := exec.Command(os.Args[0], "-test.run=^TestFails$")
			c.Env = append(os.Environ(), "WFETEST_FAILS="+name)
			out, err := c.CombinedOutput()
			require.Error(t, err, "it must fail: %s", out)
			for _, w := range want {
				require.Contains(t, string(out), w)
			}
			require.NotContains(t, string(out), "deadlock")
		})
	}
}
