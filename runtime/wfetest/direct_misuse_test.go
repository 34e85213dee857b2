package wfetest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/codec"
	"github.com/wfegen/wfe/runtime/wfetest"
)

func jsonOf[T any]() codec.Codec[T] { return codec.JSON[T]() }

func typeOf[T any]() reflect.Type { return reflect.TypeFor[T]() }

// failing is a test that fails without ending the one that it is in.
type failing struct {
	testing.TB
	said string
}

func (f *failing) Helper()        {}
func (f *failing) Cleanup(func()) {}
func (f *failing) Errorf(format string, args ...any) {
	f.said += fmt.Sprintf(format, args...)
}
func (f *failing) Fatalf(format string, args ...any) {
	f.Errorf(format, args...)
	runtime.Goexit()
}

// said is what a direct run says that is not used as it has to be.
func said(t *testing.T, fn func(w *wfe.Flow, b *basket), parts ...any) string {
	f := &failing{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		wfetest.Run(f, fn, &basket{Items: []int{1}}, append(parts, &Tell{script: &script{}}, Ask{})...)
	}()
	<-done
	return f.said
}

func TestRun_WhatIsMisusedFailsTheTest(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fn    func(w *wfe.Flow, b *basket)
		parts []any
		want  string
	}{
		"a step that is not given": {func(w *wfe.Flow, b *basket) { act(w, "a") }, nil,
			"wfetest: step type wfetest_test.Act is not among the parts: give what NewSteps of its package returns, or a wfetest_test.Act with its dependencies"},
		"what is no part":            {func(w *wfe.Flow, b *basket) {}, []any{7}, "wfetest: part 1: int is no step"},
		"a step that is given twice": {func(w *wfe.Flow, b *basket) {}, []any{Ask{}}, "is given twice"},
		"Undo outside of a saga":     {func(w *wfe.Flow, b *basket) { wfe.Undo(w, func() {}) }, nil, `node "undo": wfe.Undo stands outside of wfe.Saga and wfe.Try`},
		"an option that does not fit": {func(w *wfe.Flow, b *basket) { tell(w, "a", wfe.Limit(3)) }, nil,
			"wfe.Do takes no option wfe.Limit; its options are: Name, OnError, CancelWhen"},
		"an option twice": {func(w *wfe.Flow, b *basket) { tell(w, "a", never, never) }, nil, "wfe.Do is given one option twice"},
		"a limit":         {func(w *wfe.Flow, b *basket) { wfe.ForEach(w, b.Items, func(int) {}, wfe.Limit(1001)) }, nil, "a limit is 1 to 1000; it is 1001"},
		"a name":          {func(w *wfe.Flow, b *basket) { tell(w, "a", wfe.Name("a/b")) }, nil, `node "a/b": segment "a/b"`},
		"an interval": {func(w *wfe.Flow, b *basket) { wfe.Recur(w, wfe.Every(0), func() bool { return false }) }, nil,
			`node "recur": its interval is 0s; it must be longer than 0`},
		"a cron expression": {func(w *wfe.Flow, b *basket) {
			wfe.Recur(w, wfe.Cron("x", "UTC"), func() bool { return false })
		}, nil, `node "recur": `},
		"an endpoint": {func(w *wfe.Flow, b *basket) {
			wfe.Poll(w, wfe.Endpoint{URL: "https://x/{Nothing}", Timeout: time.Second})
		}, nil, `node "poll": `},
		"a policy that compensates": {func(w *wfe.Flow, b *basket) { tell(w, "a", then(wfe.Compensate)) }, nil,
			"its policy compensates, and step tell has no compensation"},
		"a loop without an end": {func(w *wfe.Flow, b *basket) {
			for {
				wfe.Sleep(w, time.Second)
			}
		}, nil, "is there a loop without an end?"},
		"a child of a builder": {func(w *wfe.Flow, b *basket) { wfe.SubWorkflowOf(w, travel.Ref(), trip{}) }, nil,
			"workflow travel is known by its Ref alone, which does not run directly: give its function to wfe.SubWorkflow, where it is in plain Go; else give the test a stand-in for it, by wfetest.Child"},
		"a Timeout for no wait":   {func(w *wfe.Flow, b *basket) {}, []any{wfetest.Timeout("approval")}, `there is a Timeout for node "approval", where no wait with a time was reached`},
		"an Answer for no poll":   {func(w *wfe.Flow, b *basket) {}, []any{wfetest.Answer("x", wfe.Response{})}, `there is an Answer for node "x", where no poll was reached`},
		"a double of no step":     {func(w *wfe.Flow, b *basket) {}, []any{wfetest.Double(func(context.Context, *Act) error { return nil })}, "there is a double of step wfetest_test.Act, which is not among the parts"},
		"a double of no Undo":     {func(w *wfe.Flow, b *basket) {}, []any{wfetest.DoubleUndo(func(context.Context, *Tell) error { return nil })}, "step tell has no Undo that a double could stand in for"},
		"data that are too large": {func(w *wfe.Flow, b *basket) { wfe.SubWorkflow(w, func(*wfe.Flow, *chan int) {}, nil) }, nil, "the data of child"},
	} {
		require.Contains(t, said(t, c.fn, c.parts...), c.want, name)
	}
	require.Empty(t, said(t, func(w *wfe.Flow, b *basket) { tell(w, "a") }))
}

func TestOutcome_RanFailsTheTest(t *testing.T) {
	t.Parallel()
	f := &failing{TB: t}
	out := wfetest.Run(f, func(w *wfe.Flow, b *basket) { tell(w, "a") }, &basket{}, &Tell{script: &script{}})
	out.Ran("tell")
	require.Empty(t, f.said)
	out.Ran("tell", "tell")
	require.Contains(t, f.said, "the steps ran otherwise than expected:\n    1. tell\n  > 2. nothing more\n  expected there: tell")
}

type tuple struct{ A, B int }

func (t tuple) MarshalJSON() ([]byte, error) { return json.Marshal([2]int{t.A, t.B}) }

func TestRun_DataThatAreNoObjectAreRefusedAsByAHost(t *testing.T) {
	t.Parallel()
	f := &failing{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		wfetest.Run(f, func(*wfe.Flow, *tuple) {}, &tuple{})
	}()
	<-done
	require.Contains(t, f.said, "the data of a workflow are an object in JSON; wfetest_test.tuple is none")
}
