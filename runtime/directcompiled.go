package wfe

import (
	"fmt"
	"reflect"

	"github.com/wfegen/wfe/runtime/codec"
	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/internal/direct"
)

// Compiled finds what a workflow function was compiled to among the parts of a test:
// ref names it, and register registers it with a host, and its children with it. It
// is for package wfetest, whose Equivalent is what tests call.
func Compiled[D any](t *direct.Test, fn func(w *Flow, data *D)) (ref Ref[D], register func(h *Host) error, err error) {
	own, others, err := directSets(t, packageOf(fn))
	if err != nil {
		return ref, nil, err
	}
	w := compiledFrom(own.workflows, fn)
	if w == nil {
		return ref, nil, fmt.Errorf("the parts have nothing that was compiled from %s: give what the generated NewSteps of its package returns, and run go generate", functionName(fn))
	}
	name, version := w.identity()
	return Ref[D]{ID: name, Version: version, Data: codec.JSON[D]()}, func(h *Host) error {
		for _, p := range t.Parts {
			if also, ok := p.(func(*Host) error); ok {
				if err := also(h); err != nil {
					return err
				}
			}
		}
		return h.registerWithChildren(own, others, w)
	}, nil
}

// compiledFrom finds the workflow that was compiled from a function; nil if there is none.
func compiledFrom(all []workflowType, fn any) workflowType {
	for _, w := range all {
		if f := w.function(); f != nil && reflect.ValueOf(f).Pointer() == reflect.ValueOf(fn).Pointer() {
			return w
		}
	}
	return nil
}

// registerWithChildren registers a workflow and, of those that the sets have, its
// children and theirs.
func (h *Host) registerWithChildren(own StepSet, others []StepSet, w workflowType) error {
	name, version := w.identity()
	if h.find(name, version) != nil {
		return nil
	}
	if err := h.Register(own, others, w); err != nil {
		return err
	}
	sets := append([]StepSet{own}, others...)
	for _, n := range h.find(name, version).Definition.Nodes {
		if n.Kind != definition.Child {
			continue
		}
		for i, set := range sets {
			rest := append(append([]StepSet(nil), sets[:i]...), sets[i+1:]...)
			for _, child := range set.workflows {
				if id, v := child.identity(); id == n.Workflow && (v == n.Version || n.Version == 0) {
					if err := h.registerWithChildren(set, rest, child); err != nil {
						return err
					}
				}
			}
		}
	}
	return nil
}
