package wfe

import "github.com/wfegen/wfe/runtime/definition"

// CancelOption says what follows when a condition cancels a node.
type CancelOption func(*definition.Node)

// Proceed has the flow go on after a node that is cancelled.
func Proceed() CancelOption { return func(n *definition.Node) { n.Proceed = true } }

// CancelWhen cancels the node just added, with all that is in it, when cond holds.
// It is asked when the node is reached and, as long as that has not ended, after
// each change of the data. Bodies that run are told to stop and are awaited, and
// sagas that are open in the node are rolled back. Then the branch in which the node
// stands has ended or, with Proceed, goes on after it.
//
// It comes behind all that is said about the node. The rules: docs/semantics.md,
// "Cancel conditions".
func (b Block[D, B]) CancelWhen(cond func(data *D) bool, opts ...CancelOption) B {
	n := b.c.last(b.seq, "CancelWhen")
	switch {
	case n == nil:
	case n.Cancel:
		b.c.fail("node %q has a second CancelWhen", n.ID)
	default:
		b.c.needs(b.seq.Last, "condition", cond != nil)
		b.c.code[b.seq.Last].cancels = func(data any) bool { return cond(data.(*D)) }
		n.Cancel = true
		for _, o := range opts {
			o(n)
		}
	}
	return b.self()
}
