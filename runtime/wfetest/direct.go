package wfetest

import (
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/wfegen/wfe/internal/source"
	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/internal/direct"
)

// Run runs a workflow that is written as plain Go directly: as the Go function that
// it is, without wfegen, a host or a store. data is what it begins with and, after
// Run, what it ended with.
//
//	o := order.Order{ID: "o1", Cents: 200_000}
//	out := wfetest.Run(t, order.OrderPipeline, &o, order.NewSteps(gateway),
//		wfetest.Event(o.ID, order.Approval{OK: true}))
//	require.NoError(t, out.Err())
//	out.Ran("validate-order", "charge-card")
//
// parts are, in any order,
//
//   - the Steps of packages with generated code, or what Host.Add takes: structs that
//     are steps, with their dependencies
//   - doubles of steps: [Double] and its like
//   - what the workflow waits for: [Event], [Timeout], [Answer]
//   - a store of artifacts, such as one of artifact.OpenLayout
//   - [Child] for workflows that are written with a builder
//
// What the workflow does is what the compiled one does: docs/semantics.md holds for
// both. Steps are run by their policies, on copies of their inputs; sagas are rolled
// back; at each call of wfe the data are encoded and decoded again, so that memory
// that a crash would not keep shared is not shared here either. Other than on a host
//
//   - branches of Parallel, elements of ForEach and items of Branch run one after
//     the other. Each begins at the time at which the first one has
//   - the time is that of the machine, and waits are skipped: no retry, Sleep or
//     Recur takes time. Timeouts of steps do, unless the test runs in a bubble of
//     testing/synctest
//   - what suspends an instance ends the run; what nobody answers, too
//   - the id of a node has nothing of the if, for and switch statements around it, nor
//     of the functions that it is in. Names that //wfe:id gives to calls are read from
//     the source: without that, as with -trimpath, they are not known
//   - a [wfe.Poll] without an Answer makes its requests, also to this machine
func Run[D any](t testing.TB, fn func(w *wfe.Flow, data *D), data *D, parts ...any) Outcome {
	t.Helper()
	out, _ := run(t, newDirectTest(parts), fn, data)
	return out
}

func run[D any](t testing.TB, test *direct.Test, fn func(w *wfe.Flow, data *D), data *D) (Outcome, *recorder) {
	t.Helper()
	trace := new(recorder)
	test.Parts = append(test.Parts, wfe.StepMiddleware(trace.watch(&test.World)))
	end, err := wfe.RunDirect(test, fn, data)
	out := newOutcome(t, end, trace.all())
	t.Cleanup(func() {
		if t.Failed() {
			t.Log("wfetest: the runs of steps of the direct run:" + list(out.Runs))
		}
	})
	if err != nil {
		t.Fatalf("wfetest: %v", err)
	}
	for _, msg := range unused(test) {
		t.Errorf("wfetest: %s", msg)
	}
	return out, trace
}

// directPart is a part of a direct run alone.
type directPart func(t *direct.Test)

// newDirectTest sorts parts.
func newDirectTest(parts []any) *direct.Test {
	test := &direct.Test{Probe: newProbe(), Children: map[string]func(any) error{}, ID: idsOfSource()}
	for _, p := range parts {
		switch p := p.(type) {
		case Stand:
			p(test.Probe)
		case directPart:
			p(test)
		default:
			test.Parts = append(test.Parts, p)
		}
	}
	return test
}

// idsOfSource finds what the source calls a node. Where there is no source to read
// it knows nothing.
func idsOfSource() func(file string, line int, function string) string {
	files := map[string]map[source.Call]string{}
	return func(file string, line int, function string) string {
		ids, known := files[file]
		if !known {
			src, _ := os.ReadFile(file)
			ids = source.IDs(src)
			files[file] = ids
		}
		return ids[source.Call{Line: line, Func: function}]
	}
}

// unused says which parts were of no use: they are misspelt, or the workflow is not
// what the test takes it for.
func unused(t *direct.Test) (msgs []string) {
	for typ, d := range t.Probe.Doubles {
		if !d.Used {
			msgs = append(msgs, fmt.Sprintf("there is a double of step %s, which is not among the parts", typ))
		}
	}
	for _, o := range t.Timeouts {
		if !o.Used {
			msgs = append(msgs, fmt.Sprintf("there is a Timeout for node %q, where no wait with a time was reached", o.Node))
		}
	}
	answered := map[string]bool{}
	for _, a := range t.Answers {
		answered[a.Node] = answered[a.Node] || a.Used
	}
	for _, a := range t.Answers {
		if !answered[a.Node] {
			answered[a.Node] = true
			msgs = append(msgs, fmt.Sprintf("there is an Answer for node %q, where no poll was reached", a.Node))
		}
	}
	return msgs
}

// Event gives a direct run an event, published under key. All of them are there from
// the start, in the order of the parts. A wait for an event that is not given times
// out if it can; else the run ends there, as [Outcome] says.
func Event[E any](key string, e E) any {
	return directPart(func(t *direct.Test) {
		t.Events = append(t.Events, direct.Given{Key: key, Value: &e, Event: wfe.NewEvent[E]("")})
	})
}

// Timeout has the waits of a direct run at a node time out, whatever events are
// given: these come later. node is its id, or the end of that from a slash on.
func Timeout(node string) any {
	return directPart(func(t *direct.Test) { t.Timeouts = append(t.Timeouts, &direct.Timeout{Node: node}) })
}

// Answer is what a poll of a direct run gets in place of making a request: of
// several for one node each request gets the next. Those that the endpoint does not
// wait for count as on a host; when none is left requests fail. node is its id, or
// the end of that from a slash on.
func Answer(node string, r wfe.Response) any {
	return directPart(func(t *direct.Test) { t.Answers = append(t.Answers, &direct.Answer{Node: node, Response: r}) })
}

// Child stands in, in a direct run, for a workflow that is written with a builder: run
// gets the data that the child begins with and makes of it the result. Its error has
// the child fail.
func Child[D any](ref wfe.Ref[D], run func(data *D) error) any {
	return directPart(func(t *direct.Test) {
		t.Children[ref.ID] = func(data any) error { return run(data.(*D)) }
	})
}

// Outcome is how a direct run has ended.
type Outcome struct {
	// Status is Complete, Terminated or Suspended: what the instance would be. It is
	// Runnable where nothing can happen any more: Stuck says why.
	Status  wfe.Status
	Reason  wfe.Reason // why it is Terminated
	Failure *wfe.Failure
	Stuck   string
	Waiting []wfe.Waiting // what it waits for and no part gives
	Runs    []StepRun     // of steps, children included, in that order

	t testing.TB
}

func newOutcome(t testing.TB, end direct.Outcome, runs []StepRun) Outcome {
	o := Outcome{Status: end.Status, Reason: end.Reason, Stuck: end.Stuck, Runs: runs, t: t}
	if f := end.Failure; f != nil {
		o.Failure = &wfe.Failure{Node: f.Node, Step: f.Step, Message: f.Message, Attempt: int(f.Attempt), At: f.At.Time(), Pointer: uint64(f.Ptr)}
	}
	if w := end.Waiting; w != nil {
		o.Waiting = []wfe.Waiting{{Node: w.Node, Event: w.Event, Key: w.Key}}
	}
	return o
}

// Err is nil if the workflow is complete; else an *wfe.EndedError.
func (o Outcome) Err() error {
	if o.Status == wfe.Complete {
		return nil
	}
	e := &wfe.EndedError{ID: "1", Status: o.Status, Reason: o.Reason, Message: o.Stuck}
	if f := o.Failure; f != nil {
		if e.Step, e.Message = f.Step, f.Message; e.Step == "" {
			e.Step = f.Node
		}
	}
	return e
}

// Ran fails the test unless the steps ran just so, those of children included: all of
// them, in this order, as [Instance.Ran] says.
func (o Outcome) Ran(parts ...Expected) {
	o.t.Helper()
	if msg := mismatch(o.Runs, parts); msg != "" {
		o.t.Errorf("wfetest: the steps ran otherwise than expected:\n%s", msg)
	}
}

// recorder records the runs of steps of a direct run.
type recorder struct {
	mu    sync.Mutex // a body that was left behind may still run
	runs  []StepRun
	forks [][]direct.Fork // of each run
}

func (r *recorder) all() []StepRun {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]StepRun(nil), r.runs...)
}

// watch is the middleware that records runs.
func (r *recorder) watch(world *direct.World) wfe.StepMiddleware {
	return func(next wfe.StepFunc) wfe.StepFunc {
		return func(ctx wfe.StepContext) (result wfe.Result, err error) {
			run := newStepRun(ctx)
			run.Began = world.Now()
			forks := world.At
			err = errNoReturn
			defer func() {
				if run.Err = err; err == nil {
					run.Result = result.String()
				}
				r.mu.Lock()
				defer r.mu.Unlock()
				r.runs, r.forks = append(r.runs, run), append(r.forks, forks)
			}()
			return next(ctx)
		}
	}
}
