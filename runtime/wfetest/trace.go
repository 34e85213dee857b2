package wfetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/internal/probe"
)

// StepRun is one run of a step's body.
type StepRun struct {
	Instance string
	Node     string // id of the node
	Step     string // name of the step
	Inputs   string // with which it was run, as JSON; those of a compensation are of the run that it undoes
	Pointer  uint64 // of the activation
	Attempt  int
	Undo     bool      // it compensated
	Began    time.Time // of the scenario
	// Result is how the flow goes on, as wfe.Result says it: "next", "outcome
	// left", "persist" or "sleep". Err is set instead where the run has failed.
	Result string
	Err    error
}

// String returns the run as Instance.Ran takes it:
//
//	payment/charge-card           the first attempt
//	payment/charge-card failed    it returned an error
//	payment/charge-card#2         the second attempt
//	undo payment/reserve-stock    a compensation
//	ship-order sleep              also persist, and outcome left
func (r StepRun) String() string {
	s := r.Node
	if r.Undo {
		s = "undo " + s
	}
	if r.Attempt > 1 {
		s += fmt.Sprintf("#%d", r.Attempt)
	}
	switch {
	case r.Err != nil:
		s += " failed"
	case r.Result != "" && r.Result != "next":
		s += " " + r.Result
	}
	return s
}

var errNoReturn = errors.New("it panicked, or ended its goroutine")

func newStepRun(ctx wfe.StepContext) StepRun {
	inputs, _ := ctx.Value(probe.InputsKey{}).([]byte)
	return StepRun{Instance: ctx.Instance, Node: ctx.Node, Step: ctx.Step, Inputs: string(inputs), Pointer: ctx.Pointer, Attempt: ctx.Attempt, Undo: ctx.Undoes != ""}
}

// watch is the middleware that records runs.
func (r *Rig) watch(next wfe.StepFunc) wfe.StepFunc {
	return func(ctx wfe.StepContext) (result wfe.Result, err error) {
		run := newStepRun(ctx)
		run.Began = time.Now()
		r.mu.Lock()
		r.active = append(r.active, run)
		r.tell()
		r.mu.Unlock()
		err = errNoReturn
		defer func() {
			r.mu.Lock()
			defer r.mu.Unlock()
			at := slices.Index(r.active, run)
			r.active = slices.Delete(r.active, at, at+1)
			if run.Err = err; err == nil {
				run.Result = result.String()
			}
			r.runs = append(r.runs, run)
			r.tell()
		}()
		result, err = next(ctx)
		return result, err
	}
}

// Runs returns the runs of steps that have ended, in that order.
func (r *Rig) Runs() []StepRun {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.runs)
}

func (r *Rig) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.runs)
}

func (r *Rig) lastRun() string {
	runs := r.Runs()
	if len(runs) == 0 {
		return "none"
	}
	return runs[len(runs)-1].String()
}

// find returns the first of the runs that is of an instance and a node.
func (r *Rig) find(runs []StepRun, instance, node string) (StepRun, bool) {
	i := slices.IndexFunc(runs, func(run StepRun) bool { return run.Instance == instance && isNode(run.Node, node) })
	if i < 0 {
		return StepRun{}, false
	}
	return runs[i], true
}

// isNode reports whether a name stands for the node of that id.
func isNode(id, name string) bool { return id == name || strings.HasSuffix(id, "/"+name) }

// traced is how many runs a log lists.
const traced = 100

// trace lists the runs, for the log of a test that failed.
func (r *Rig) trace() string {
	return "wfetest: the runs of steps:" + list(r.Runs()) + r.activity()
}

// list is runs, one in a line.
func list(runs []StepRun) string {
	var b strings.Builder
	if len(runs) == 0 {
		b.WriteString(" none")
	}
	if n := len(runs) - traced; n > 0 {
		fmt.Fprintf(&b, "\n  %d runs before these", n)
		runs = runs[n:]
	}
	for _, run := range runs {
		fmt.Fprintf(&b, "\n  instance %s: %s", run.Instance, run)
		if run.Err != nil {
			fmt.Fprintf(&b, ": %v", run.Err)
		}
	}
	return b.String()
}
