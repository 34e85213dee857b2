package wfetest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/wfetest"
)

// Ask steers by what it has kept.
type Ask struct {
	How  string
	Runs int `wfe:"out"`
}

func (s *Ask) Run(ctx wfe.StepContext) (wfe.Result, error) {
	var runs int
	if _, err := ctx.Persisted(&runs); err != nil {
		return ctx.Next(), err
	}
	s.Runs = runs + 1
	if s.How == "event" {
		var a answer
		switch ok, err := ctx.Event(&a); {
		case err != nil:
			return ctx.Next(), err
		case ok:
			return ctx.Outcome(a.Text), nil
		case ctx.TimedOut():
			return ctx.Outcome("silence"), nil
		}
		return ctx.WaitFor(a, "k").Within(time.Hour), nil
	}
	if s.Runs < 3 {
		if s.How == "sleep" {
			return ctx.Sleep(1000 * time.Hour).Keep(s.Runs), nil
		}
		return ctx.Persist(s.Runs), nil
	}
	return ctx.Outcome(42), nil
}

func TestRun_ASteeringStepRunsUntilItEnds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		how, outcome, ran string
		parts             []any
	}{
		{"persist", "42", "ask persist, ask persist, ask outcome 42", nil},
		{"sleep", "42", "ask sleep, ask sleep, ask outcome 42", nil},
		{"event", "yes", "ask wait for answer, ask outcome yes", []any{wfetest.Event("other", answer{"no"}), wfetest.Event("k", answer{"yes"})}},
		{"event", "silence", "ask wait for answer, ask outcome silence", []any{wfetest.Event("k", answer{"yes"}), wfetest.Timeout("ask")}},
		{"event", "silence", "ask wait for answer, ask outcome silence", []any{wfe.NewEvent[answer]("answer")}},
	} {
		var b basket
		out := wfetest.Run(t, func(w *wfe.Flow, b *basket) {
			s, outcome := wfe.Steer(w, Ask{How: c.how})
			b.Notes, b.Sum = []string{outcome}, s.Runs
		}, &b, append(c.parts, Ask{})...)
		require.NoError(t, out.Err())
		require.Equal(t, []string{c.outcome}, b.Notes)
		var ran []wfetest.Expected
		for s := range strings.SplitSeq(c.ran, ", ") {
			ran = append(ran, s)
		}
		out.Ran(ran...)
		require.Equal(t, c.how != "event", b.Sum == 3)
	}
}

func TestRun_EventsAreTakenOnceInTheirOrder(t *testing.T) {
	t.Parallel()
	fn := func(w *wfe.Flow, b *basket) {
		for range 2 {
			b.Notes = append(b.Notes, wfe.WaitFor[answer](w, "k").Text)
		}
		a, ok := wfe.WaitForWithin[answer](w, b.ID, time.Hour, wfe.Name("last"))
		b.Notes = append(b.Notes, fmt.Sprint(a.Text, ok))
	}
	one, two, own := wfetest.Event("k", answer{"one"}), wfetest.Event("k", answer{"two"}), wfetest.Event("b1", answer{"own"})
	out, b := direct(t, &script{}, fn, own, one, two)
	require.NoError(t, out.Err())
	require.Equal(t, []string{"one", "two", "owntrue"}, b.Notes)

	out, b = direct(t, &script{}, fn, own, one, two, wfetest.Timeout("last"))
	require.NoError(t, out.Err())
	require.Equal(t, []string{"one", "two", "false"}, b.Notes)

	out, b = direct(t, &script{}, fn, one)
	require.Equal(t, wfe.Runnable, out.Status)
	require.Equal(t, []wfe.Waiting{{Node: "answer", Event: "answer", Key: "k"}}, out.Waiting)
	require.ErrorContains(t, out.Err(), `node answer awaits event answer with key "k", and no event of that name and key is left`)
	require.Equal(t, []string{"one"}, b.Notes)
}

func TestRun_AKeyThatIsNoneIsAnErrorOfTheWait(t *testing.T) {
	t.Parallel()
	out, _ := direct(t, &script{}, func(w *wfe.Flow, b *basket) {
		f := wfe.Try(w, func() { wfe.WaitFor[answer](w, "") })
		tell(w, f.Message)
		wfe.WaitFor[answer](w, "", then(wfe.Terminate))
	})
	require.Equal(t, wfe.Terminated, out.Status)
	require.Contains(t, out.Failure.Message, `the key "" of event answer`)
	require.Len(t, out.Runs, 1)
}

func TestRun_BranchRunsItsBodyForEachItem(t *testing.T) {
	t.Parallel()
	var b basket
	out := wfetest.Run(t, func(w *wfe.Flow, b *basket) {
		wfe.Branch(w, Pack{}, func(it bag) { b.Sum += it.Size }, wfe.Limit(2))
		wfe.Branch(w, Pack{}, func(it bag) { b.Sum *= it.Size }, wfe.Sequential(), wfe.Name("again"))
	}, &b, Pack{}, wfetest.DoubleBranching(func(ctx wfe.BranchContext[bag], _ *Pack) (wfe.Result, error) {
		return ctx.Branch([]bag{{2}, {3}}), nil
	}))
	require.NoError(t, out.Err())
	require.Equal(t, 30, b.Sum)
	out.Ran("pack branch 2", "again branch 2")
}

func TestRun_TheIndexIsThatOfTheInnermostElement(t *testing.T) {
	t.Parallel()
	var at []string
	out, _ := direct(t, &script{}, func(w *wfe.Flow, b *basket) {
		wfe.ForEach(w, b.Items[:2], func(int) {
			wfe.ForEach(w, []string{"x", "y"}, func(s string) { tell(w, s) }, wfe.Sequential())
			tell(w, "z")
		})
	}, wfetest.Double(func(ctx context.Context, s *Tell) error {
		at = append(at, fmt.Sprint(s.Label, wfe.Info(ctx).Index))
		return nil
	}))
	require.NoError(t, out.Err())
	require.Equal(t, []string{"x0", "y1", "z0", "x0", "y1", "z1"}, at)
}

func pack(w *wfe.Flow, b *basket) {
	tell(w, "pack "+b.ID)
	b.Sum, b.Items[0] = 5, 100
	if b.ID == "bad" {
		wfe.Fail(w, errors.New("no box"))
	}
	if b.ID == "worse" {
		tell(w, "broken")
	}
}

func TestRun_AChildHasDataOfItsOwn(t *testing.T) {
	t.Parallel()
	out, b := direct(t, &script{}, func(w *wfe.Flow, b *basket) {
		child := wfe.SubWorkflow(w, pack, *b, wfe.Version(1))
		b.Notes = append(b.Notes, fmt.Sprint(b.Items[0], child.Items[0], child.Sum))
	})
	require.NoError(t, out.Err())
	require.Equal(t, []string{"1 100 5"}, b.Notes)
	out.Ran("tell")
	require.NotEqual(t, "1", out.Runs[0].Instance)
}

func TestRun_AChildThatFailsIsAnErrorOfItsNode(t *testing.T) {
	t.Parallel()
	s := &script{}
	out, b := direct(t, s, func(w *wfe.Flow, b *basket) {
		b.ID = "bad"
		f := wfe.Try(w, func() {
			act(w, "a")
			wfe.SubWorkflow(w, pack, *b, wfe.OnError(wfe.Retry(1, time.Hour)))
		})
		b.Notes = append(b.Notes, f.Node, f.Message)
	})
	require.NoError(t, out.Err())
	require.Equal(t, []string{"a", "pack bad", "pack bad", "undo a!"}, s.log)
	require.Equal(t, "try/pack", b.Notes[0])
	require.Contains(t, b.Notes[1], "of workflow pack is terminated (failed): node fail: no box")

	out, _ = direct(t, s, func(w *wfe.Flow, b *basket) { b.ID = "bad"; wfe.SubWorkflow(w, pack, *b) })
	require.Equal(t, wfe.Suspended, out.Status)

	out, _ = direct(t, &script{fails: map[string]int{"broken": -1}}, func(w *wfe.Flow, b *basket) {
		b.ID = "worse"
		wfe.Try(w, func() { wfe.SubWorkflow(w, pack, *b) })
	})
	require.Equal(t, wfe.Runnable, out.Status, "it waits for the child")
	require.Contains(t, out.Stuck, "which is suspended: node tell: broken is broken")
}

func endless(w *wfe.Flow, b *basket) { wfe.SubWorkflow(w, endless, *b, then(wfe.Terminate)) }

func TestRun_ChildrenGoSoDeepAndNoDeeper(t *testing.T) {
	t.Parallel()
	out, _ := direct(t, &script{}, endless)
	require.Equal(t, wfe.Terminated, out.Status)
	require.Contains(t, out.Failure.Message, "there are 33 instances above it, and at most 32 are allowed")
}

func TestRun_AStandInForABuilderWorkflow(t *testing.T) {
	t.Parallel()
	fn := func(w *wfe.Flow, b *basket) {
		trip := wfe.SubWorkflowOf(w, travel.Ref(), trip{Name: b.ID}, then(wfe.Terminate))
		b.Notes = append(b.Notes, trip.Hotel)
	}
	out, b := direct(t, &script{}, fn, wfetest.Child(travel.Ref(), func(t *trip) error { t.Hotel = "the " + t.Name; return nil }))
	require.NoError(t, out.Err())
	require.Equal(t, []string{"the b1"}, b.Notes)
	out, _ = direct(t, &script{}, fn, wfetest.Child(travel.Ref(), func(*trip) error { return errors.New("full") }))
	require.ErrorContains(t, out.Err(), "step travel: child 1/1.1 of workflow travel is terminated (failed): node fail: full")
}

func TestRun_RecurHasItsRoundsOnTheGrid(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // so the time is known: midnight
		began := time.Now()
		out, _ := direct(t, &script{}, func(w *wfe.Flow, b *basket) {
			wfe.Recur(w, wfe.Every(time.Hour), func() bool {
				tell(w, "every")
				b.Sum++
				if b.Sum == 2 {
					wfe.Sleep(w, 150*time.Minute) // over two rounds
				}
				return b.Sum < 4
			})
			wfe.Recur(w, wfe.Cron("30 6 * * *", "UTC"), func() bool {
				tell(w, "cron")
				b.Sum++
				return b.Sum < 6
			}, wfe.Name("daily"))
		})
		require.NoError(t, out.Err())
		var at []time.Duration
		for _, r := range out.Runs {
			at = append(at, r.Began.Sub(began))
		}
		require.Equal(t, []time.Duration{0, time.Hour, 3*time.Hour + 30*time.Minute, 4 * time.Hour, 6*time.Hour + 30*time.Minute, 30*time.Hour + 30*time.Minute}, at)
		out.Ran("recur/tell", "recur/tell", "recur/tell", "recur/tell", "daily/tell", "daily/tell")
		require.Equal(t, began, time.Now(), "and the machine's stood still")
	})
}

func TestRun_PollGetsTheAnswersOfTheTest(t *testing.T) {
	t.Parallel()
	fn := func(w *wfe.Flow, b *basket) {
		r := wfe.Poll(w, wfe.Endpoint{URL: "https://example.com/{ID}", Until: wfe.Condition{Path: "state", Equals: "done"}, Interval: time.Hour, Timeout: 150 * time.Minute},
			wfe.Name("ship"), then(wfe.Terminate))
		b.Notes = append(b.Notes, string(r.Body))
	}
	not, yes := wfetest.Answer("ship", wfe.Response{Status: 200, Body: []byte(`{"state":"new"}`)}), wfetest.Answer("ship", wfe.Response{Status: 200, Body: []byte(`{"state":"done"}`)})
	out, b := direct(t, &script{}, fn, not, not, yes)
	require.NoError(t, out.Err())
	require.Equal(t, []string{`{"state":"done"}`}, b.Notes)
	out, _ = direct(t, &script{}, fn, not, not)
	require.Equal(t, wfe.Terminated, out.Status)
	require.Equal(t, "the answer did not come within 2h30m0s and 3 requests; the last one: no answer is left", out.Failure.Message)
}

func TestRun_PollWithoutAnswersAsksForReal(t *testing.T) {
	t.Parallel()
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked++; asked < 3 {
			w.WriteHeader(http.StatusAccepted)
		}
		fmt.Fprint(w, r.URL.Path)
	}))
	defer server.Close()
	out, b := direct(t, &script{}, func(w *wfe.Flow, b *basket) {
		r := wfe.Poll(w, wfe.Endpoint{URL: server.URL + "/{ID}", Until: wfe.Condition{Status: 200}, Timeout: time.Hour})
		b.Notes = []string{string(r.Body)}
	})
	require.NoError(t, out.Err())
	require.Equal(t, []string{"/b1"}, b.Notes)
	require.Equal(t, 3, asked)
}

func TestRun_CancelWhen(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fn  func(w *wfe.Flow, b *basket)
		did string
	}{
		"a saga is rolled back, then the flow goes on with Proceed": {did: "a undo a! z", fn: func(w *wfe.Flow, b *basket) {
			wfe.Saga(w, func() { act(w, "a"); b.Sum = 1; tell(w, "b") }, wfe.CancelWhen(func() bool { return b.Sum == 1 }, wfe.Proceed()))
			tell(w, "z")
		}},
		"without it the block around has ended": {did: "a undo a! z", fn: func(w *wfe.Flow, b *basket) {
			wfe.Parallel(w, func() {
				wfe.Saga(w, func() { act(w, "a"); b.Sum = 1; tell(w, "b") }, wfe.CancelWhen(func() bool { return b.Sum == 1 }))
				tell(w, "not reached")
			})
			tell(w, "z")
		}},
		"it is asked before anything begins": {did: "z", fn: func(w *wfe.Flow, b *basket) {
			tell(w, "a", wfe.CancelWhen(func() bool { return b.ID == "b1" }, wfe.Proceed()))
			tell(w, "z")
		}},
		"a node that ended with the change is not asked any more": {did: "a z", fn: func(w *wfe.Flow, b *basket) {
			wfe.Saga(w, func() { act(w, "a") }, wfe.CancelWhen(func() bool { return b.Sum == 1 }))
			b.Sum = 1
			tell(w, "z")
		}},
		"sagas inside are rolled back, other steps stay to be undone": {did: "a b undo b! x undo x undo a!", fn: func(w *wfe.Flow, b *basket) {
			wfe.Try(w, func() {
				wfe.ForEach(w, b.Items[:1], func(int) {
					act(w, "a")
					wfe.Saga(w, func() { act(w, "b"); b.Sum = 1; tell(w, "c") })
				}, wfe.CancelWhen(func() bool { return b.Sum == 1 }, wfe.Proceed()))
				act(w, "x")
			})
		}},
		"at the top the instance is complete": {did: "a", fn: func(w *wfe.Flow, b *basket) {
			tell(w, "a")
			wfe.Sleep(w, time.Hour, wfe.CancelWhen(func() bool { return true }))
			tell(w, "z")
		}},
		"one that panics fails its node": {did: "z", fn: func(w *wfe.Flow, b *basket) {
			f := wfe.Try(w, func() {
				tell(w, "a", wfe.CancelWhen(func() bool { return b.Items[7] == 1 }))
			})
			if strings.HasPrefix(f.Message, "the condition that cancels it: panic: runtime error: index") && f.Node == "try/tell" {
				tell(w, "z")
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &script{fails: map[string]int{"x": -1}}
			out, _ := direct(t, s, c.fn)
			require.NoError(t, out.Err())
			require.Equal(t, strings.Fields(c.did), strings.Fields(strings.Join(s.log, " ")))
		})
	}
}

// Hang waits for the end of its time.
type Hang struct{}

func (s *Hang) Run(ctx context.Context) error {
	<-ctx.Done()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}

// Deaf does not come back.
type Deaf struct{}

func (s *Deaf) Run(context.Context) error {
	time.Sleep(time.Hour)
	return nil
}

func TestRun_ATimeoutCountsFromTheStart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		set := wfe.NewStepSet("wfetest_test",
			wfe.Step[Hang]{Name: "hang", Codec: jsonOf[Hang](), Run: (*Hang).Run, Retry: &wfe.RetryPolicy{MaxRetries: 1}, Timeout: time.Minute},
			wfe.Step[Deaf]{Name: "deaf", Codec: jsonOf[Deaf](), Run: (*Deaf).Run, Retry: &wfe.RetryPolicy{}, Timeout: time.Minute})
		var b basket
		began := time.Now()
		out := wfetest.Run(t, func(w *wfe.Flow, b *basket) {
			f := wfe.Try(w, func() { wfe.Do(w, Hang{}) })
			b.Notes = append(b.Notes, f.Step, f.Message)
			f = wfe.Try(w, func() { wfe.Do(w, Deaf{}) })
			b.Notes = append(b.Notes, f.Message)
		}, &b, set)
		require.NoError(t, out.Err())
		require.Equal(t, []string{"hang", "timed out after 1m0s: the step's timeout is over", "timed out after 1m0s: it did not return"}, b.Notes)
		require.Equal(t, 3*time.Minute+10*time.Second, time.Since(began))
		time.Sleep(time.Hour) // Deaf returns
	})
}

// Pay is undone by another step.
type Pay struct {
	Cents   int
	Receipt string `wfe:"out"`
}

func (s *Pay) Run(context.Context) error { s.Receipt = fmt.Sprint("R", s.Cents); return nil }

// Refund reads the receipt from the run that it undoes and the rest from the data.
type Refund struct {
	Receipt string
	ID      string
	Sum     int `wfe:"out"`
}

func (s *Refund) Run(ctx context.Context) error {
	if s.Receipt != "R7" || s.ID != "b1" || wfe.Info(ctx).Undoes == "" {
		return fmt.Errorf("wrong: %+v", s)
	}
	s.Sum = -7
	return nil
}

func TestRun_AnotherStepUndoes(t *testing.T) {
	t.Parallel()
	set := wfe.NewStepSet("wfetest_test",
		wfe.Step[Pay]{Name: "pay", Codec: jsonOf[Pay](), Run: (*Pay).Run, UndoneBy: typeOf[Refund]()},
		wfe.Step[Refund]{Name: "refund", Codec: jsonOf[Refund](), Run: (*Refund).Run})
	out, b := direct(t, &script{}, func(w *wfe.Flow, b *basket) {
		wfe.Try(w, func() { wfe.Do(w, Pay{Cents: 7}); wfe.Fail(w, errors.New("no")) })
	}, set)
	require.NoError(t, out.Err())
	require.Equal(t, -7, b.Sum)
	out.Ran("pay", "undo pay")
}

// Guard has a secret.
type Guard struct {
	Word string `wfe:"secret"`
}

func (s *Guard) Run(context.Context) error { return wfe.Permanent(errors.New("wrong word " + s.Word)) }

type vault struct {
	Code string `wfe:"secret"`
}

func TestRun_SecretsAreNotInErrors(t *testing.T) {
	t.Parallel()
	v := vault{Code: "sesame"}
	out := wfetest.Run(t, func(w *wfe.Flow, v *vault) {
		f := wfe.Try(w, func() { wfe.Do(w, Guard{Word: "xyzzy"}) })
		wfe.Fail(w, errors.New(f.Message+" for "+v.Code))
	}, &v, Guard{})
	require.Equal(t, "wrong word [secret] for [secret]", out.Failure.Message)
}

func TestRun_TooMuchIsRefusedWhereItEnters(t *testing.T) {
	t.Parallel()
	out, _ := direct(t, &script{}, func(w *wfe.Flow, b *basket) {
		for _, body := range []func(){
			func() { tell(w, strings.Repeat("x", wfe.MaxPayload)) },
			func() { wfe.ForEach(w, make([]int, 100_001), func(int) {}) },
			func() { b.ID = strings.Repeat("x", wfe.MaxPayload); tell(w, "a") },
		} {
			f := wfe.Try(w, body)
			b.Notes = append(b.Notes, f.Message)
		}
		require.Equal(t, []string{"its inputs are 1048597 bytes; at most 1048576 are allowed", "the collection has 100001 elements; at most 100000 are allowed"}, b.Notes[:2])
		require.Contains(t, b.Notes[2], "the data would be 104")
		require.Equal(t, "b1", b.ID, "they are as before")
	})
	require.NoError(t, out.Err())
	out.Ran()
}

func TestRun_IdsThatTheSourceGivesAreThoseOfNodes(t *testing.T) {
	t.Parallel()
	out, _ := direct(t, &script{}, func(w *wfe.Flow, b *basket) {
		//wfe:id payment
		wfe.Saga(w, func() {
			//wfe:id first
			b.Notes = append(b.Notes, wfe.Do(w, Act{Label: "a"}).Done)
			wfe.Do(w, Act{Label: "b"}, wfe.Name("second"))
		})
		//wfe:id both
		wfe.Parallel(w, func() { wfe.Do(w, Tell{Label: "c"}) })
		//wfe:id money
		_, ok := wfe.WaitForWithin[answer](w, b.ID, time.Hour)
		if !ok {
			//wfe:id broke
			wfe.Fail(w, errors.New("no money"))
		}
	}, wfetest.Event("b1", answer{}), wfetest.Timeout("money"))
	out.Ran("payment/first", "payment/second", "both/tell")
	require.Equal(t, "broke", out.Failure.Node)
}
