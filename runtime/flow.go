package wfe

import (
	"context"
	"reflect"
	"time"
)

// Flow is to a workflow that is written as plain Go what *testing.T is to a test:
// each function of this package that takes it is a place where the workflow may
// rest, for years, and where it goes on after a crash. In between stands ordinary Go.
//
//	//wfe:workflow id=order-pipeline version=1
//	func OrderPipeline(w *wfe.Flow, o *Order) {
//		wfe.Do(w, ValidateOrder{Cents: o.Cents})
//		wfe.Saga(w, func() {
//			for _, it := range o.Items {
//				wfe.Do(w, ReserveStock{SKU: it.SKU, Qty: it.Qty})
//			}
//			o.Receipt = wfe.Do(w, ChargeCard{Cents: o.Cents}).Receipt
//		})
//	}
//
// wfegen compiles such a function to a definition; no host ever runs the function
// itself. In tests package wfetest runs it directly, as ordinary Go. Anywhere else a
// call with a Flow panics.
//
// What fails for good does not return, as little as [End] and [Fail] do: so a
// workflow function has no error result, and what follows a call may rely on it.
type Flow struct{ run flowRun }

// flowRun runs what a workflow function asks for, in a test.
type flowRun interface {
	step(c stepCall) (outcome string)
	wait(c waitCall) (taken bool)
	block(c blockCall) *Failure
	undo(body func(), opts []Option)
	parallel(branches []func())
	each(c eachCall)
	recur(rhythm Rhythm, body func() bool, opts []Option)
	sleep(c sleepCall)
	poll(e Endpoint, opts []Option) Response
	child(c childCall)
	end()
	fail(err error)
	now() time.Time
}

// direct returns what runs the workflow function that has called the function of
// that name.
func (w *Flow) direct(call string) flowRun {
	if w == nil || w.run == nil {
		panic("wfe: wfe." + call + " was called outside of a direct run. A workflow function is compiled by wfegen, and is not called: start it by its generated Start function, or run it in a test by wfetest.Run. A helper that takes the *wfe.Flow is called from a workflow function")
	}
	return w.run
}

// Body is satisfied by a pointer to a step S that does plain work.
type Body[S any] interface {
	*S
	Run(ctx context.Context) error
}

// Steering is satisfied by a pointer to a step S that steers.
type Steering[S any] interface {
	*S
	Run(ctx StepContext) (Result, error)
}

// stepCall runs a step.
type stepCall struct {
	call string                               // Do, Steer or Branch
	typ  reflect.Type                         // the struct
	step any                                  // a pointer to it: the inputs, and then what the run has left
	item func(elem *elements, b []byte) error // Branch: runs its body for an item
	opts []Option
}

// Do runs a step with the inputs that are set in step, by the rules of
// docs/semantics.md, "Steps", and returns it with its outputs. Dependencies are those
// that NewSteps was given. When the step has failed for good, Do does not return: in
// a saga that is rolled back, elsewhere the instance is suspended, unless the policy
// of the step or [OnError] says otherwise. Under a policy that compensates and goes
// on, it returns step as it was given.
//
// The node is named after the step. [Name], [OnError] and [CancelWhen] are its options.
func Do[S any, P Body[S]](w *Flow, step S, opts ...Option) S {
	w.direct("Do").step(stepCall{call: "Do", typ: reflect.TypeFor[S](), step: &step, opts: opts})
	return step
}

// Steer runs a step that steers, until its result is one that ends it: what it
// persists, sleeps and waits for happens inside of Steer. It returns the step with its outputs, and
// its outcome as text: a string as it is, another value as JSON; "" for one that just
// goes on. In all else it is as [Do].
//
//	if s, outcome := wfe.Steer(w, Assess{Cents: o.Cents}); outcome == "risky" { ... }
func Steer[S any, P Steering[S]](w *Flow, step S, opts ...Option) (S, string) {
	outcome := w.direct("Steer").step(stepCall{call: "Steer", typ: reflect.TypeFor[S](), step: &step, opts: opts})
	return step, outcome
}

// Branch runs a step that branches, and then body once for each item that the step
// has branched into: in parallel, as [ForEach] does, with the same options and those
// of [Do]. It returns the step with its outputs when all have ended.
func Branch[S, T any, P BranchingStep[S, T]](w *Flow, step S, body func(item T), opts ...Option) S {
	item := func(elem *elements, b []byte) error { return withElement(elem, b, body) }
	w.direct("Branch").step(stepCall{call: "Branch", typ: reflect.TypeFor[S](), step: &step, item: item, opts: opts})
	return step
}
