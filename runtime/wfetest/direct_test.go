package wfetest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/wfetest"
)

// basket is the data of the workflows here.
type basket struct {
	ID    string
	Items []int
	Notes []string
	Sum   int
	lost  int
}

// script says what becomes of the steps of a test.
type script struct {
	fails     map[string]int // how often a label fails; below 0 for good, without a retry
	undoFails map[string]int
	log       []string
	keys      map[string][]string // idempotency keys by label
}

func (s *script) run(ctx context.Context, what, label string, fails map[string]int) error {
	s.log = append(s.log, what+label)
	if s.keys == nil {
		s.keys = map[string][]string{}
	}
	s.keys[what+label] = append(s.keys[what+label], wfe.Info(ctx).IdempotencyKey)
	switch n := fails[label]; {
	case n < 0:
		return wfe.Permanent(errors.New(label + " is broken"))
	case n > 0:
		fails[label]--
		return errors.New(label + " is down")
	}
	return nil
}

// Act can be undone.
type Act struct {
	script *script `wfe:"inject"`
	Label  string
	Done   string `wfe:"out"`
}

func (s *Act) Run(ctx context.Context) error {
	if err := s.script.run(ctx, "", s.Label, s.script.fails); err != nil {
		return err
	}
	s.Done = "!"
	return nil
}

func (s *Act) Undo(ctx context.Context) error {
	return s.script.run(ctx, "undo ", s.Label+s.Done, s.script.undoFails)
}

// Tell cannot.
type Tell struct {
	script *script `wfe:"inject"`
	Label  string
}

func (s *Tell) Run(ctx context.Context) error { return s.script.run(ctx, "", s.Label, s.script.fails) }

// direct runs a workflow on steps that do as the script says.
func direct(t testing.TB, s *script, fn func(w *wfe.Flow, b *basket), parts ...any) (wfetest.Outcome, basket) {
	t.Helper()
	b := basket{ID: "b1", Items: []int{1, 2, 3}}
	out := wfetest.Run(t, fn, &b, append(parts, &Act{script: s}, &Tell{script: s})...)
	return out, b
}

func act(w *wfe.Flow, label string, opts ...wfe.Option) string {
	return wfe.Do(w, Act{Label: label}, opts...).Done
}

func tell(w *wfe.Flow, label string, opts ...wfe.Option) { wfe.Do(w, Tell{Label: label}, opts...) }

var never = wfe.OnError(wfe.RetryPolicy{})

func then(a wfe.Action) wfe.Option { return wfe.OnError(wfe.RetryPolicy{Then: a}) }

// TestRun_Rules runs small workflows that may do something wrong, and holds what the
// steps did and how it ended.
func TestRun_Rules(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fails, undoFails map[string]int
		fn               func(w *wfe.Flow, b *basket)
		did              string // labels
		status           wfe.Status
		message          string
		notes            string
	}{
		"A step gives its outputs to what follows": {did: "a b", status: wfe.Complete, notes: "!",
			fn: func(w *wfe.Flow, b *basket) {
				tell(w, "a")
				b.Notes = append(b.Notes, act(w, "b"))
			}},
		"A step is retried 3 times by default": {fails: map[string]int{"a": 3}, did: "a a a a b", status: wfe.Complete,
			fn: func(w *wfe.Flow, b *basket) { tell(w, "a"); tell(w, "b") }},
		"Outside of a saga a failure suspends": {fails: map[string]int{"a": 9}, did: "a a a a", status: wfe.Suspended, message: "a is down",
			fn: func(w *wfe.Flow, b *basket) { tell(w, "a"); tell(w, "b") }},
		"A permanent error is not retried": {fails: map[string]int{"a": -1}, did: "a", status: wfe.Suspended, message: "a is broken",
			fn: func(w *wfe.Flow, b *basket) { tell(w, "a"); tell(w, "b") }},
		"A policy of the call counts": {fails: map[string]int{"a": 9}, did: "a a", status: wfe.Terminated, message: "a is down",
			fn: func(w *wfe.Flow, b *basket) {
				tell(w, "a", wfe.OnError(wfe.RetryPolicy{MaxRetries: 1, Then: wfe.Terminate}))
			}},
		"A saga undoes first what failed, in part, then the newest": {fails: map[string]int{"c": -1}, did: "a b t c undo c undo b! undo a!", status: wfe.Terminated, message: "c is broken",
			fn: func(w *wfe.Flow, b *basket) {
				wfe.Saga(w, func() { act(w, "a"); act(w, "b"); tell(w, "t"); act(w, "c") })
				tell(w, "not reached")
			}},
		"A Try hands its failure on": {fails: map[string]int{"b": -1}, did: "a b undo b undo a! z", status: wfe.Complete, notes: "act: b is broken",
			fn: func(w *wfe.Flow, b *basket) {
				if f := wfe.Try(w, func() { act(w, "a"); act(w, "b") }); f != nil {
					b.Notes = append(b.Notes, f.Step+": "+f.Message)
				}
				tell(w, "z")
			}},
		"A Try that ran to its end has no failure": {did: "a", status: wfe.Complete, notes: "true",
			fn: func(w *wfe.Flow, b *basket) {
				b.Notes = append(b.Notes, fmt.Sprint(wfe.Try(w, func() { act(w, "a") }) == nil))
			}},
		"A saga that completed is undone with the one around it": {fails: map[string]int{"z": -1}, did: "a b c z undo z undo c! undo b! undo a!", status: wfe.Terminated, message: "z is broken",
			fn: func(w *wfe.Flow, b *basket) {
				wfe.Saga(w, func() {
					act(w, "a")
					wfe.Saga(w, func() { act(w, "b") })
					wfe.Try(w, func() { act(w, "c") })
					act(w, "z")
				})
			}},
		"A saga that failed is a failed step of the one around it, and leaves it nothing": {fails: map[string]int{"b": -1}, did: "a b undo b undo a!", status: wfe.Terminated, message: "b is broken",
			fn: func(w *wfe.Flow, b *basket) {
				wfe.Saga(w, func() {
					act(w, "a")
					wfe.Saga(w, func() { act(w, "b") })
				})
			}},
		"A Try inside of a saga settles what failed in it": {fails: map[string]int{"b": -1, "z": -1}, did: "a b undo b z undo z undo a!", status: wfe.Terminated, message: "z is broken",
			fn: func(w *wfe.Flow, b *basket) {
				wfe.Saga(w, func() {
					act(w, "a")
					wfe.Try(w, func() { act(w, "b") })
					act(w, "z")
				})
			}},
		"The policy of a saga runs all of it again": {fails: map[string]int{"b": 2}, did: "a b undo b undo a! a b undo b undo a! a b", status: wfe.Complete,
			fn: func(w *wfe.Flow, b *basket) {
				wfe.Saga(w, func() { act(w, "a"); act(w, "b", never) }, wfe.OnError(wfe.Retry(2, time.Minute)))
			}},
		"When the retries of a Try are used up it hands the failure on": {fails: map[string]int{"b": 9}, did: "b undo b b undo b", status: wfe.Complete, notes: "b is down",
			fn: func(w *wfe.Flow, b *basket) {
				f := wfe.Try(w, func() { act(w, "b", never) }, wfe.OnError(wfe.Retry(1, time.Minute)))
				b.Notes = append(b.Notes, f.Message)
			}},
		"A saga whose policy suspends is undone first": {fails: map[string]int{"b": -1}, did: "a b undo b undo a!", status: wfe.Suspended, message: "b is broken",
			fn: func(w *wfe.Flow, b *basket) {
				wfe.Saga(w, func() { act(w, "a"); act(w, "b") }, then(wfe.CompensateThenSuspend))
			}},
		"A step whose policy suspends settles that in a saga too": {fails: map[string]int{"b": -1}, did: "a b", status: wfe.Suspended, message: "b is broken",
			fn: func(w *wfe.Flow, b *basket) {
				wfe.Try(w, func() { act(w, "a"); act(w, "b", then(wfe.Suspend)) })
			}},
		"A step whose policy terminates rolls back every saga around, and no Try catches it": {fails: map[string]int{"c": -1}, did: "a b c undo c undo b! undo a!", status: wfe.Terminated, message: "c is broken",
			fn: func(w *wfe.Flow, b *basket) {
				wfe.Try(w, func() {
					act(w, "a")
					wfe.Try(w, func() { act(w, "b"); act(w, "c", then(wfe.Terminate)) })
				})
				tell(w, "not reached")
			}},
		"Compensate undoes the step and goes on, with zero outputs": {fails: map[string]int{"b": -1, "z": -1}, did: "a b undo b z undo z undo a!", status: wfe.Terminated, message: "z is broken", notes: "",
			fn: func(w *wfe.Flow, b *basket) {
				wfe.Saga(w, func() {
					act(w, "a")
					if act(w, "b", then(wfe.Compensate)) != "" {
						tell(w, "not reached")
					}
					act(w, "z")
				})
			}},
		"CompensateThenRetry undoes each failed attempt that another one follows": {fails: map[string]int{"b": 9}, did: "b undo b b undo b b", status: wfe.Suspended, message: "b is down",
			fn: func(w *wfe.Flow, b *basket) {
				act(w, "b", wfe.OnError(wfe.RetryPolicy{MaxRetries: 2, Then: wfe.CompensateThenRetry}))
			}},
		"CompensateThenSuspend undoes the step and suspends": {fails: map[string]int{"b": -1}, did: "b undo b", status: wfe.Suspended, message: "b is broken",
			fn: func(w *wfe.Flow, b *basket) { act(w, "b", then(wfe.CompensateThenSuspend)) }},
		"A compensation is retried": {fails: map[string]int{"b": -1}, undoFails: map[string]int{"a!": 2}, did: "a b undo b undo a! undo a! undo a!", status: wfe.Terminated, message: "b is broken",
			fn: func(w *wfe.Flow, b *basket) { wfe.Saga(w, func() { act(w, "a"); act(w, "b") }) }},
		"A compensation is never skipped": {fails: map[string]int{"b": -1}, undoFails: map[string]int{"a!": -1}, did: "o a b undo b undo a!", status: wfe.Suspended, message: "a! is broken",
			fn: func(w *wfe.Flow, b *basket) { wfe.Saga(w, func() { act(w, "o"); act(w, "a"); act(w, "b") }) }},
		"Undo has its place among the steps": {fails: map[string]int{"z": -1}, did: "a b z undo z undo b! x undo a!", status: wfe.Terminated, message: "z is broken", notes: "1 late",
			fn: func(w *wfe.Flow, b *basket) {
				wfe.Saga(w, func() {
					act(w, "a")
					n := 1
					wfe.Undo(w, func() { b.Notes = append(b.Notes, fmt.Sprint(n, " ", b.ID)); tell(w, "x") })
					act(w, "b")
					b.ID = "late"
					act(w, "z")
				})
			}},
		"Undo sees the variables of its own round": {fails: map[string]int{"z": -1}, did: "z undo z x3 x2 x1", status: wfe.Terminated, message: "z is broken",
			fn: func(w *wfe.Flow, b *basket) {
				wfe.Saga(w, func() {
					for _, it := range b.Items {
						wfe.Undo(w, func() { tell(w, fmt.Sprint("x", it)) })
					}
					act(w, "z")
				})
			}},
		"What fails in an Undo suspends": {fails: map[string]int{"z": -1, "x": -1}, did: "a z undo z x", status: wfe.Suspended, message: "x is broken",
			fn: func(w *wfe.Flow, b *basket) {
				wfe.Try(w, func() {
					act(w, "a")
					wfe.Undo(w, func() { act(w, "x") })
					act(w, "z")
				})
			}},
		"Nothing is undone when nothing fails": {did: "a", status: wfe.Complete,
			fn: func(w *wfe.Flow, b *basket) {
				wfe.Saga(w, func() { act(w, "a"); wfe.Undo(w, func() { tell(w, "x") }) })
			}},
		"Fail outside of a saga terminates": {did: "a", status: wfe.Terminated, message: "no more",
			fn: func(w *wfe.Flow, b *basket) { act(w, "a"); wfe.Fail(w, errors.New("no more")); tell(w, "z") }},
		"Fail in a saga rolls it back": {did: "a undo a! z", status: wfe.Complete, notes: "no more",
			fn: func(w *wfe.Flow, b *basket) {
				f := wfe.Try(w, func() { act(w, "a"); wfe.Fail(w, errors.New("no more")) })
				b.Notes = append(b.Notes, f.Message)
				tell(w, "z")
			}},
		"End ends from anywhere and keeps what was done": {did: "a b", status: wfe.Complete, notes: "x",
			fn: func(w *wfe.Flow, b *basket) {
				wfe.Saga(w, func() {
					act(w, "a")
					wfe.Parallel(w, func() { act(w, "b"); b.Notes = append(b.Notes, "x"); wfe.End(w) }, func() { tell(w, "c") })
				})
				tell(w, "z")
			}},
		"A return in a closure ends that block": {did: "a z", status: wfe.Complete,
			fn: func(w *wfe.Flow, b *basket) {
				wfe.Saga(w, func() {
					if act(w, "a") != "" {
						return
					}
					tell(w, "b")
				})
				tell(w, "z")
			}},
		"A return of the function ends the workflow": {did: "a", status: wfe.Complete,
			fn: func(w *wfe.Flow, b *basket) {
				if act(w, "a") != "" {
					return
				}
				tell(w, "z")
			}},
		"Branches of Parallel each run, in a saga of one roll back": {fails: map[string]int{"c": -1}, did: "a b c undo c undo b! undo a!", status: wfe.Terminated, message: "c is broken",
			fn: func(w *wfe.Flow, b *basket) {
				wfe.Saga(w, func() {
					wfe.Parallel(w, func() { act(w, "a") }, func() { act(w, "b"); act(w, "c") })
				})
			}},
		"ForEach takes the elements once": {did: "t1 t2 t3", status: wfe.Complete, notes: "3",
			fn: func(w *wfe.Flow, b *basket) {
				wfe.ForEach(w, b.Items, func(it int) {
					b.Items = nil
					tell(w, fmt.Sprint("t", it))
					b.Sum++
				})
				b.Notes = append(b.Notes, fmt.Sprint(b.Sum))
			}},
		"A panic in plain code is an error without a retry that names the place": {did: "a", status: wfe.Suspended, message: "panic: runtime error: index out of range [7] with length 3 (direct_test.go:290)",
			fn: func(w *wfe.Flow, b *basket) {
				act(w, "a")
				b.Sum = b.Items[b.Sum+7]
			}},
		"A panic in a saga rolls it back, and what was written by then is kept": {did: "a undo a!", status: wfe.Complete, notes: "seen,act: panic: oh (direct_test.go:297)",
			fn: func(w *wfe.Flow, b *basket) {
				f := wfe.Try(w, func() {
					act(w, "a")
					b.Notes = append(b.Notes, "seen")
					panic("oh")
				})
				b.Notes = append(b.Notes, f.Node[len("try/"):]+": "+f.Message)
			}},
		"A panic in an Undo suspends": {fails: map[string]int{"a": -1}, did: "a", status: wfe.Suspended, message: "panic: oh",
			fn: func(w *wfe.Flow, b *basket) {
				wfe.Saga(w, func() { wfe.Undo(w, func() { panic("oh") }); tell(w, "a") })
			}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &script{fails: c.fails, undoFails: c.undoFails}
			out, b := direct(t, s, c.fn)
			require.Equal(t, strings.Fields(c.did), strings.Fields(strings.Join(s.log, " ")))
			require.Equal(t, c.status, out.Status, "%v", out.Err())
			require.Equal(t, c.notes, strings.Join(b.Notes, ","))
			if c.message == "" {
				require.NoError(t, out.Err())
				return
			}
			require.True(t, strings.HasPrefix(out.Failure.Message, c.message), "%s", out.Failure.Message)
			var e *wfe.EndedError
			require.ErrorAs(t, out.Err(), &e)
			require.Equal(t, c.status == wfe.Terminated, e.Reason == wfe.ReasonFailed)
		})
	}
}

func TestRun_TheTraceHasStepsWithTheirInputs(t *testing.T) {
	t.Parallel()
	out, _ := direct(t, &script{fails: map[string]int{"b": 1, "c": -1}}, func(w *wfe.Flow, b *basket) {
		wfe.Saga(w, func() {
			act(w, "a")
			act(w, "b", wfe.Name("second"))
			wfe.ForEach(w, b.Items[:1], func(it int) { act(w, "c", wfe.Name("third")) })
		}, wfe.Name("all"))
	})
	out.Ran("act", "second failed", "all/second#2", "all/for-items/third failed", "undo third", "undo all/second", "undo all/act")
	require.Equal(t, "act", out.Runs[0].Step)
	require.Equal(t, `{"Label":"a","Done":""}`, out.Runs[0].Inputs)
	require.Equal(t, `{"Label":"c","Done":""}`, out.Runs[4].Inputs, "zero outputs of what was done in part")
	require.Equal(t, `{"Label":"a","Done":"!"}`, out.Runs[6].Inputs)
	require.Equal(t, "all/for-items/third", out.Failure.Node)
	require.Equal(t, 1, out.Failure.Attempt)
}

func TestRun_TheKeyIsThatOfTheActivation(t *testing.T) {
	t.Parallel()
	s := &script{fails: map[string]int{"a": 1, "b": 1, "c": 1}}
	direct(t, s, func(w *wfe.Flow, b *basket) {
		tell(w, "a")
		wfe.Try(w, func() { act(w, "b", never) }, wfe.OnError(wfe.Retry(1, 0)))
		act(w, "c", wfe.OnError(wfe.RetryPolicy{MaxRetries: 1, Then: wfe.CompensateThenRetry}))
	})
	require.Equal(t, s.keys["a"][0], s.keys["a"][1])
	require.NotEqual(t, s.keys["b"][0], s.keys["b"][1])
	require.NotEqual(t, s.keys["c"][0], s.keys["c"][1])
}

// TestRun_MemoryThatACrashWouldNotShareIsNotShared writes through pointers and slices
// that were taken before a call.
func TestRun_MemoryThatACrashWouldNotShareIsNotShared(t *testing.T) {
	t.Parallel()
	_, b := direct(t, &script{}, func(w *wfe.Flow, b *basket) {
		b.lost = 7
		items, first := b.Items, &b.Items[0]
		tell(w, "a")
		items[1], *first = 20, 10
		require.Equal(t, []int{1, 2, 3}, b.Items)
		require.Zero(t, b.lost, "what is not saved is lost")
		var inner *int
		wfe.Saga(w, func() { tell(w, "b"); inner = &b.Items[2] })
		*inner = 30
	})
	require.Equal(t, []int{1, 2, 3}, b.Items)
}

func TestRun_NoTimePasses(t *testing.T) {
	t.Parallel()
	began := time.Now()
	out, _ := direct(t, &script{fails: map[string]int{"a": 3}}, func(w *wfe.Flow, b *basket) {
		tell(w, "a", wfe.OnError(wfe.RetryPolicy{MaxRetries: 3, Interval: 24 * time.Hour}))
		wfe.Parallel(w, func() { wfe.Sleep(w, 48*time.Hour); tell(w, "b") }, func() { wfe.Sleep(w, 24*time.Hour); tell(w, "c") })
		tell(w, "d")
		wfe.SleepUntil(w, began.Add(1000*time.Hour))
		wfe.SleepUntil(w, began) // is over
		wfe.Sleep(w, -time.Hour)
		tell(w, "e")
		_, ok := wfe.WaitForWithin[answer](w, "k", 500*time.Hour)
		require.False(t, ok)
		tell(w, "f")
	})
	require.NoError(t, out.Err())
	require.Less(t, time.Since(began), 10*time.Second)
	var at []int
	for _, r := range out.Runs[3:] {
		at = append(at, int(r.Began.Sub(began).Round(time.Hour).Hours()))
	}
	require.Equal(t, []int{72, 72 + 48, 72 + 24, 72 + 48, 1000, 1500}, at)
}
