package wfe

import (
	"github.com/wfegen/wfe/runtime/codec"
	"github.com/wfegen/wfe/runtime/internal/direct"
)

// childCall runs a child.
type childCall struct {
	call string // SubWorkflow or SubWorkflowOf
	fn   any    // func(*Flow, *D); nil for one that is not plain Go
	run  func(w *Flow, data any)
	id   string // SubWorkflowOf: of the workflow
	// start makes a run on data of its own, which begin as the call says; take hands
	// these to the caller.
	start func(parent *directRun, id string, version int) (child *directRun, data any, take func())
	opts  []Option
}

// startChild is the start of a childCall.
func startChild[D any](c codec.Codec[D], given *D) func(parent *directRun, id string, version int) (*directRun, any, func()) {
	return func(parent *directRun, id string, version int) (*directRun, any, func()) {
		data := new(D)
		if b, err := c.Marshal(given); err != nil {
			direct.Misused("the data of child %s cannot be saved: %v", id, err)
		} else if err := c.Unmarshal(b, data); err != nil {
			direct.Misused("the data of child %s do not decode: %v", id, err)
		}
		child := newDirectRun(parent.test, parent.in, id, version, data)
		return child, data, func() { *given = *data }
	}
}

// SubWorkflow starts an instance of the workflow fn with data, waits for its end, and
// returns its result: its data then. A child that does not complete is an error of
// this node, with the child's reason. There are no retries unless [OnError] gives it
// some: each is another child. [Version] names a version, and with [Abandon] the child
// goes on by itself when its parent does not wait for it any more. The rules:
// docs/semantics.md, "Children".
//
// The node is named after the function: ship-order for ShipOrder.
func SubWorkflow[D any](w *Flow, fn func(*Flow, *D), data D, opts ...Option) D {
	w.direct("SubWorkflow").child(childCall{call: "SubWorkflow", fn: fn, start: startChild(codec.JSON[D](), &data), opts: opts,
		run: func(w *Flow, data any) { fn(w, data.(*D)) }})
	return data
}

// SubWorkflowOf is [SubWorkflow] for a workflow that is written with a builder: ref is
// what wfegen generates for it, under the name of its function with Ref behind it.
// The node is named after the workflow's id.
func SubWorkflowOf[D any](w *Flow, ref Ref[D], data D, opts ...Option) D {
	w.direct("SubWorkflowOf").child(childCall{call: "SubWorkflowOf", id: ref.ID, start: startChild(ref.Data, &data), opts: opts})
	return data
}
