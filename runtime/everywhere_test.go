package wfe_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/wfetest"
)

// crashed is a scenario that must come to the same end wherever its host crashes.
// What a task does is in its label: see world.run and world.undo.
type crashed struct {
	build, sub func(b *builder) // the workflow, and that of its children
	plain      func(b *plain)   // in place of build
	timeout    time.Duration    // of tasks
	drive      func(w *world)   // what happens to the instance; nil is nothing

	log    string // the result, in any order
	undone string // in this order
	end    string // "complete" if it is empty
}

// world is one run of a scenario.
type world struct {
	*wfetest.Rig
	*wfetest.Instance[data]
	client *wfe.Host
	open   atomic.Bool // tasks that are locked do not fail any more
}

// has reports whether a label says word.
func (t *task) has(word string) bool { return slices.Contains(strings.Split(t.Label, "-"), word) }

func (w *world) run(ctx wfe.StepContext, s *task) (wfe.Result, error) {
	w.Effect(ctx, "%s %d, attempt %d", s.Label, s.Item, ctx.Attempt)
	if s.has("slow") {
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return ctx.Next(), ctx.Err()
		}
	}
	var again bool
	if _, err := ctx.Persisted(&again); err != nil {
		return ctx.Next(), err
	}
	switch {
	case s.has("hang"):
		<-ctx.Done()
		return ctx.Next(), ctx.Err()
	case s.has("fail"), s.has("locked") && !w.open.Load(), s.has("flaky") && ctx.Attempt < 3:
		return ctx.Next(), errTask
	case s.has("bad"):
		return ctx.Next(), wfe.Permanent(errTask)
	case s.has("later") && ctx.Attempt < 2:
		return ctx.Next(), wfe.RetryAfter(errTask, 24*time.Hour)
	case s.has("sleep") && !again:
		return ctx.Sleep(time.Hour).Keep(true), nil
	case s.has("persist") && !again:
		return ctx.Persist(true), nil
	case s.has("left"):
		return ctx.Outcome("left"), nil
	}
	s.Out = s.Label
	return ctx.Next(), nil
}

func (w *world) undo(ctx context.Context, s *task) error {
	if s.has("stuck") && !w.open.Load() || s.has("unruly") && wfe.Info(ctx).Attempt < 2 {
		return errTask
	}
	w.Effect(ctx, "undo %s", s.Label)
	return nil
}

// undone is what was undone, in that order.
func (w *world) undone() string {
	var labels []string
	for _, e := range w.Effects() {
		if label, ok := strings.CutPrefix(e.What, "undo "); ok {
			labels = append(labels, label)
		}
	}
	return strings.Join(labels, " ")
}

// command is what does something with the instance.
func (w *world) command(f func(h wfe.Handle[data], ctx context.Context) error) {
	w.Instance.Do(func(ctx context.Context, h wfe.Handle[data]) error { return f(h, ctx) })
}

func (w *world) publish(text string) {
	wfetest.Publish(w.Rig, func(ctx context.Context, c wfe.Client, key string, n note, opts ...wfe.PublishOption) error {
		return wfe.Publish(ctx, c, noteEvent, key, &n, opts...)
	}, "k", note{text})
}

// mended waits until the instance is suspended, unlocks what is locked, and goes on.
func mended(resume func(h wfe.Handle[data], ctx context.Context) error) func(w *world) {
	return func(w *world) {
		w.UntilSuspended()
		w.open.Store(true)
		w.command(resume)
	}
}

// begun gives a command when a step has begun.
func begun(label string, command func(h wfe.Handle[data], ctx context.Context) error) func(w *world) {
	return func(w *world) {
		w.UntilBegun(label)
		w.command(command)
	}
}

func terminate(h wfe.Handle[data], ctx context.Context) error { return h.Terminate(ctx, "enough") }

// play runs a scenario.
func (c crashed) play(r *wfetest.Rig) {
	w := &world{Rig: r}
	g := rig{build: c.build, plain: c.plain, do: w.run, undo: w.undo, timeout: c.timeout, retry: &wfe.RetryPolicy{MaxRetries: 2, Interval: time.Minute, Factor: 1}}
	r.Config.PollAllow = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	r.Host(func(h *wfe.Host) error {
		w.client = h
		if c.sub != nil {
			if err := g.registerAs(h, "sub", 1, c.sub); err != nil {
				return err
			}
		}
		return g.register(h)
	})
	w.Instance = wfetest.Start(r, func(ctx context.Context, c wfe.Client, d data, opts ...wfe.StartOption) (wfe.Handle[data], error) {
		return wfe.Start(ctx, c, ref, &d, opts...)
	}, data{Key: "k", Items: []int{1, 2, 3}})
	if c.drive != nil {
		c.drive(w)
	}
	now := w.UntilEnded()
	end := strings.TrimSpace(fmt.Sprint(now.Status, " ", now.Reason))
	if c.end == "" {
		c.end = "complete"
	}
	require.Equal(r.T, c.end, end, "%v", now.Failure)
	require.ElementsMatch(r.T, strings.Fields(c.log), now.Data.Log)
	require.Equal(r.T, c.undone, w.undone())
}

// crashEverywhere runs a table of scenarios.
func crashEverywhere(t *testing.T, table map[string]crashed) {
	t.Helper()
	t.Parallel()
	for name, c := range table {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wfetest.CrashEverywhere(t, c.play)
		})
	}
}

func (w *world) signal(text string) {
	w.Do(func(ctx context.Context, h wfe.Handle[data]) error {
		return wfe.Signal(ctx, w.client, noteEvent, h.ID(), &note{text}, wfe.Dedup(text))
	})
}

func hello(w *world) {
	w.UntilAwaiting("note")
	w.publish("hello")
}

func withdraw(w *world) {
	w.UntilBegun("hang")
	w.publish("withdrawn")
}

// goesOn requires that a task of a child runs after the end of the parent.
func goesOn(label string) func(w *world) {
	return func(w *world) {
		w.UntilEnded()
		w.Advance(24 * time.Hour)
		require.True(w.T, slices.ContainsFunc(w.Effects(), func(e wfetest.Effect) bool { return e.Node == label }))
	}
}

// everySecond is a server whose every second answer is "done". It is outside of
// the time of the scenarios.
func everySecond(t *testing.T) string {
	t.Helper()
	asked := new(atomic.Int32)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if asked.Add(1)%2 == 0 {
			_, _ = fmt.Fprint(w, "done")
		}
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func items(d *data) []int                    { return d.Items }
func thrice(d *data) bool                    { return len(d.Log) == 3 }
func day3(*data) time.Time                   { return time.Date(2000, 1, 3, 0, 0, 0, 0, time.UTC) }
func atOnce(then wfe.Action) wfe.RetryPolicy { return wfe.RetryPolicy{Then: then} }

func (b *builder) decide() *builder {
	return b.Decide("which").
		When("one", func(d *data) bool { return len(d.Items) > 0 }, tasks("one")).
		When("two", func(d *data) bool { return len(d.Items) > 1 }, tasks("two")).
		Default(tasks("other"))
}

func (b *builder) unpack(label string) {
	wfe.ThenBranch(b, func(d *data, s *unpack) { s.Items = d.Items }, func(b *builder, it *int) { b.taskOf(label, it) })
}

func (b *builder) poll(url string) {
	b.Poll("ask", wfe.Endpoint{URL: url, Interval: time.Hour, Timeout: 24 * time.Hour, Until: wfe.Condition{Contains: "done"}},
		func(d *data, r *wfe.Response) { d.Log = append(d.Log, string(r.Body)) })
}

// suddenly is a task of that label that ends the instance when it fails.
func suddenly(label string) func(b *builder) {
	return func(b *builder) { b.task(label).OnError(atOnce(wfe.Terminate)) }
}

// cancelled has a saga that is cancelled when something is withdrawn.
func (b *builder) cancelled(opts ...wfe.CancelOption) {
	b.Parallel("both", func(b *builder) { b.await("wait") }, func(b *builder) {
		b.Saga("order", tasks("reserve", "hang", "never")).CancelWhen(logged("withdrawn"), opts...)
		b.task("tell")
	})
}

// tasks adds one task after the other.
func tasks(labels ...string) func(b *builder) {
	return func(b *builder) {
		for _, l := range labels {
			b.task(l)
		}
	}
}

// suspendedForAnHour suspends when a step has begun, and goes on later.
func suspendedForAnHour(label string) func(w *world) {
	return func(w *world) {
		w.UntilBegun(label)
		w.command(wfe.Handle[data].Suspend)
		w.Advance(time.Hour)
		w.command(wfe.Handle[data].Resume)
	}
}
