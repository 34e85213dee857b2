package wfe

import (
	"reflect"

	"github.com/wfegen/wfe/runtime/codec"
)

// childCall runs a child.
type childCall struct {
	call string // SubWorkflow or SubWorkflowOf
	fn   any    // func(*Flow, *D); nil for one that is not plain Go
	run  func(w *Flow, data any)
	id   string // SubWorkflowOf: of the workflow
	typ  reflect.Type
	data any // a *D: what the child begins with, and then its result
	code any // codec.Codec[D] if it is known
	opts []Option
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
	w.direct("SubWorkflow").child(childCall{call: "SubWorkflow", fn: fn, typ: reflect.TypeFor[D](), data: &data, opts: opts,
		run: func(w *Flow, data any) { fn(w, data.(*D)) }})
	return data
}

// SubWorkflowOf is [SubWorkflow] for a workflow that is written with a builder: ref is
// what wfegen generates for it, under the name of its function with Ref behind it.
// The node is named after the workflow's id.
func SubWorkflowOf[D any](w *Flow, ref Ref[D], data D, opts ...Option) D {
	w.direct("SubWorkflowOf").child(childCall{call: "SubWorkflowOf", id: ref.ID, typ: reflect.TypeFor[D](), data: &data, code: codec.Codec[D](ref.Data), opts: opts})
	return data
}
