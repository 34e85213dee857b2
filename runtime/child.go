package wfe

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/engine"
	"github.com/wfegen/wfe/runtime/internal/host"
)

// MaxDepth is how many instances may be above a child: its parent, the parent of
// that one, and so on.
const MaxDepth = engine.MaxDepth

// ChildOption changes how a child runs.
type ChildOption func(*definition.Node)

// Version starts a child of that version of its workflow, not of the newest one
// that is registered when it starts.
func Version(n int) ChildOption { return func(c *definition.Node) { c.Version = n } }

// Abandon lets a child go on by itself when its parent ends, or goes on, without
// waiting for it. Otherwise it is terminated then.
func Abandon() ChildOption { return func(c *definition.Node) { c.Abandon = true } }

// Child starts an instance of another workflow with the data that in returns, and
// waits until it has ended. out hands its result, which is its data at the end, to
// the data; nil drops it. A child that does not complete is an error of this node,
// which has no retries unless OnError gives it some: each is another child.
//
// ref is generated for each workflow, under the name of its function with Ref
// behind it. The workflow is the newest version that is registered when the child
// starts. The rules: docs/semantics.md, "Children".
func Child[C, D any, B Builder[D, B]](b B, id string, ref Ref[C], in func(data *D) C, out func(data *D, result *C), opts ...ChildOption) B {
	base := b.Base()
	c := base.c
	node := definition.Node{Kind: definition.Child, Workflow: ref.ID}
	for _, o := range opts {
		o(&node)
	}
	n := c.add(base.seq, id, node)
	c.contract["child "+ref.ID] = ref.Data.Schema
	c.children[n] = reflect.TypeFor[C]()
	c.needs(n, "data", in != nil)
	code := &c.code[n]
	code.in = func(data any) ([]byte, error) {
		child := in(data.(*D))
		return ref.Data.Marshal(&child)
	}
	if out != nil {
		code.out = func(data any, value []byte) error {
			result := new(C)
			if err := ref.Data.Unmarshal(value, result); err != nil {
				return fmt.Errorf("the result of the child does not decode: %w", err)
			}
			out(data.(*D), result)
			return nil
		}
	}
	return base.self()
}

// checkChildren reports children that no registered workflow can be.
func (h *Host) checkChildren() error {
	var errs []error
	for _, w := range h.workflows {
		for i := range w.Definition.Nodes {
			if n := &w.Definition.Nodes[i]; n.Kind == definition.Child {
				errs = append(errs, h.checkChild(w, n, w.Children[i]))
			}
		}
	}
	return errors.Join(errs...)
}

func (h *Host) checkChild(w *host.Workflow, n *definition.Node, data reflect.Type) error {
	of := fmt.Sprintf("wfe: workflow %s version %d, node %q", w.Definition.Name, w.Definition.Version, n.ID)
	child := h.find(n.Workflow, n.Version)
	switch {
	case child == nil && n.Version != 0:
		return fmt.Errorf("%s: its child is workflow %s version %d: %w; register it too", of, n.Workflow, n.Version, ErrNotRegistered)
	case child == nil:
		return fmt.Errorf("%s: its child is workflow %s: %w; register it too", of, n.Workflow, ErrNotRegistered)
	case child.Data != data:
		return fmt.Errorf("%s: its child is given %s, and workflow %s version %d works on %s; name another one by wfe.Version",
			of, data, n.Workflow, child.Definition.Version, child.Data)
	}
	return nil
}
