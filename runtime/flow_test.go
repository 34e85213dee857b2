package wfe_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	wfe "github.com/wfegen/wfe/runtime"
)

type flowStep struct{ Done bool }

func (s *flowStep) Run(context.Context) error { s.Done = true; return nil }

type flowSteering struct{}

func (s *flowSteering) Run(ctx wfe.StepContext) (wfe.Result, error) { return ctx.Outcome(2), nil }

type flowBranching struct{}

func (s *flowBranching) Run(ctx wfe.BranchContext[int]) (wfe.Result, error) {
	return ctx.Branch([]int{1}), nil
}

// TestFlow_OutsideOfADirectRunACallSaysWhatToDo also holds that each call takes the
// types that its doc comment shows.
func TestFlow_OutsideOfADirectRunACallSaysWhatToDo(t *testing.T) {
	t.Parallel()
	for _, w := range []*wfe.Flow{nil, {}} {
		for name, call := range map[string]func(){
			"Do":            func() { _ = wfe.Do(w, flowStep{}, wfe.Name("x"), wfe.OnError(wfe.Retry(1, time.Second))).Done },
			"Steer":         func() { _, outcome := wfe.Steer(w, flowSteering{}); _ = outcome == "2" },
			"Branch":        func() { wfe.Branch(w, flowBranching{}, func(item int) {}, wfe.Limit(3)) },
			"WaitFor":       func() { _ = wfe.WaitFor[flowStep](w, "key", wfe.AsOf(time.Time{})).Done },
			"WaitForWithin": func() { _, ok := wfe.WaitForWithin[flowStep](w, "key", time.Hour); _ = ok },
			"Saga":          func() { wfe.Saga(w, func() {}, wfe.CancelWhen(func() bool { return true }, wfe.Proceed())) },
			"Try":           func() { _ = wfe.Try(w, func() {}).Message },
			"Undo":          func() { wfe.Undo(w, func() {}) },
			"Parallel":      func() { wfe.Parallel(w, func() {}, func() {}) },
			"ForEach":       func() { wfe.ForEach(w, []string{"a"}, func(item string) {}, wfe.Sequential()) },
			"SubWorkflow": func() {
				_ = wfe.SubWorkflow(w, func(w *wfe.Flow, s *flowStep) {}, flowStep{}, wfe.Version(2), wfe.Abandon()).Done
			},
			"SubWorkflowOf": func() { _ = wfe.SubWorkflowOf(w, wfe.Ref[flowStep]{}, flowStep{}).Done },
			"Sleep":         func() { wfe.Sleep(w, time.Second) },
			"SleepUntil":    func() { wfe.SleepUntil(w, time.Time{}) },
			"Recur":         func() { wfe.Recur(w, wfe.Every(time.Hour), func() (again bool) { return false }) },
			"Poll":          func() { _ = wfe.Poll(w, wfe.Endpoint{}).Status },
			"Now":           func() { _ = wfe.Now(w) },
			"End":           func() { wfe.End(w) },
			"Fail":          func() { wfe.Fail(w, context.Canceled) },
		} {
			said := func() (said string) {
				defer func() { said, _ = recover().(string) }()
				call()
				return "nothing"
			}()
			require.Contains(t, said, "wfe: wfe."+name+" was called outside of a direct run.")
			require.Contains(t, said, "wfetest.Run")
		}
	}
}
