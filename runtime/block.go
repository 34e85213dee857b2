package wfe

import (
	"time"

	"github.com/wfegen/wfe/runtime/definition"
)

// Block is the part of a typed builder that is the same for all workflows: a
// sequence of nodes to which each call adds one at the end. D is the data, B the
// generated builder that embeds the Block.
//
// A builder function is called once for each binding, and all calls must build
// the same: it has no effects and no chance in it. What closures may read is the
// data that they are given and the elements of the loops around them, which have
// a value only while a closure runs.
//
// Else, When, Default, AllMatching, Name, OnError, Compensate and CancelWhen act on
// the node that was added last.
type Block[D, B any] struct {
	c    *core
	seq  *sequence
	wrap func(Block[D, B]) B
}

// Base returns b itself. It lets functions reach the Block inside a generated builder.
func (b Block[D, B]) Base() Block[D, B] { return b }

// Builder is satisfied by every generated builder.
type Builder[D, B any] interface{ Base() Block[D, B] }

func (b Block[D, B]) self() B { return b.wrap(b) }

// block fills a block of node n by calling body.
func (b Block[D, B]) block(n int, name string, body func(b B)) {
	seq := b.c.Open(n, name)
	if body != nil {
		body(b.wrap(Block[D, B]{b.c, seq, b.wrap}))
	}
}

// Name gives the node added last an id of its own: the last segment of its path.
func (b Block[D, B]) Name(id string) B {
	if b.c.last(b.seq, "Name") != nil {
		b.c.rename(b.seq.Last, id)
	}
	return b.self()
}

// If runs then when cond holds on entry.
func (b Block[D, B]) If(id string, cond func(data *D) bool, then func(b B)) B {
	n := b.c.add(b.seq, id, definition.Node{Kind: definition.If})
	b.cond(n, cond)
	b.block(n, definition.BlockThen, then)
	return b.self()
}

// Else gives the If just added its other branch.
func (b Block[D, B]) Else(otherwise func(b B)) B {
	if n := b.c.lastOf(b.seq, "Else", definition.If, definition.BlockElse); n != definition.None {
		b.block(n, definition.BlockElse, otherwise)
	}
	return b.self()
}

// cond gives the next block of node n its condition.
func (b Block[D, B]) cond(n int, cond func(data *D) bool) {
	b.c.needs(n, "condition", cond != nil)
	code := &b.c.code[n]
	code.conds = append(code.conds, func(data any) bool { return cond(data.(*D)) })
}

// Decide runs one of the cases that When and Default add: the first that holds on
// entry. Where none holds and there is no default it fails.
func (b Block[D, B]) Decide(id string) B {
	b.c.add(b.seq, id, definition.Node{Kind: definition.Decide})
	return b.self()
}

// AllMatching has the Decide just added run every case that holds, at once.
func (b Block[D, B]) AllMatching() B {
	if n := b.c.lastOf(b.seq, "AllMatching", definition.Decide, ""); n != definition.None {
		b.c.Nodes[n].All = true
	}
	return b.self()
}

// When adds a case to the Decide just added. Its name is a segment of ids.
func (b Block[D, B]) When(name string, cond func(data *D) bool, then func(b B)) B {
	n := b.c.lastOf(b.seq, "When", definition.Decide, name)
	switch {
	case n == definition.None:
	case name == definition.BlockDefault:
		b.c.fail("node %q: a case cannot be named %q; Default adds that one", b.c.Nodes[n].ID, name)
	default:
		b.cond(n, cond)
		b.block(n, name, then)
	}
	return b.self()
}

// Default adds to the Decide just added what runs when no case holds. It comes
// after the cases.
func (b Block[D, B]) Default(body func(b B)) B {
	if n := b.c.lastOf(b.seq, "Default", definition.Decide, definition.BlockDefault); n != definition.None {
		b.block(n, definition.BlockDefault, body)
		b.c.code[n].conds = append(b.c.code[n].conds, nil) // conditions go by block
	}
	return b.self()
}

// Set changes the data, in the transition that reaches it.
func (b Block[D, B]) Set(id string, change func(data *D)) B {
	n := b.c.add(b.seq, id, definition.Node{Kind: definition.Set})
	b.c.needs(n, "change", change != nil)
	b.c.code[n].out = func(data any, _ []byte) error {
		change(data.(*D))
		return nil
	}
	return b.self()
}

// While runs body as long as cond holds: on entry and after each round. A round
// costs the same however many there were before.
func (b Block[D, B]) While(id string, cond func(data *D) bool, body func(b B)) B {
	n := b.c.add(b.seq, id, definition.Node{Kind: definition.While})
	b.cond(n, cond)
	b.block(n, "", body)
	return b.self()
}

// Parallel runs all branches at once and goes on when each has ended. Branches
// add no segment to the ids of their nodes.
func (b Block[D, B]) Parallel(id string, branches ...func(b B)) B {
	n := b.c.add(b.seq, id, definition.Node{Kind: definition.Parallel})
	for _, body := range branches {
		b.block(n, "", body)
	}
	return b.self()
}

// Saga runs body. When a step in it fails for good, what was done is undone,
// newest first. The rules: docs/semantics.md, "Saga".
func (b Block[D, B]) Saga(id string, body func(b B)) B {
	n := b.c.add(b.seq, id, definition.Node{Kind: definition.Saga})
	b.block(n, "", body)
	return b.self()
}

// Compensate gives the Saga, step or Child just added a compensation of its own. That of
// a saga runs after those of its steps, and then the flow goes on after the saga.
// That of a step is in place of its Undo, or of the step that its directive names;
// that of a child undoes it, in a saga or by a policy that compensates.
func (b Block[D, B]) Compensate(body func(b B)) B {
	if n := b.c.last(b.seq, "Compensate"); n != nil {
		b.compensate(b.seq.Last, body)
	}
	return b.self()
}

// compensate makes a block the compensation of node n.
func (b Block[D, B]) compensate(n int, body func(b B)) {
	node := &b.c.Nodes[n]
	switch {
	case node.Kind != definition.Saga && node.Kind != definition.Step && node.Kind != definition.Child:
		b.c.fail("Compensate must follow a saga, a step or a child; the node before it is %q, of kind %s", node.ID, node.Kind)
	case node.Block(definition.BlockCompensate) != definition.None:
		b.c.fail("node %q has a second Compensate", node.ID)
	default:
		node.Undo, node.Compensate = false, ""
		b.block(n, definition.BlockCompensate, body)
	}
}

// OnError gives the step, wait, child or saga just added a policy of its own. For a saga
// MaxRetries runs the whole of it again, and Then says what follows; Default and
// Compensate leave that to its own compensation.
func (b Block[D, B]) OnError(p RetryPolicy) B {
	if n := b.c.last(b.seq, "OnError"); n != nil {
		b.c.setPolicy(b.seq.Last, p)
	}
	return b.self()
}

// Delay sleeps for d, holding nothing meanwhile, and goes on.
func (b Block[D, B]) Delay(id string, d time.Duration) B {
	n := b.c.add(b.seq, id, definition.Node{Kind: definition.Delay})
	b.c.settings[n].Delay = d
	return b.self()
}

// End ends the whole instance as Complete. Whatever else runs is cancelled.
func (b Block[D, B]) End() B {
	b.c.add(b.seq, string(definition.End), definition.Node{Kind: definition.End})
	return b.self()
}
