package wfe

import (
	"time"

	"github.com/wfegen/wfe/runtime/codec"
	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/engine"
)

// Plain builds a workflow that was compiled from a function over D. Only generated code
// calls it: what it adds to a Block is what plain Go has and a builder need not have.
// docs/semantics.md, "Compiled functions".
type Plain[D any] struct {
	Block[Saved[D], *Plain[D]]
}

// NewPlain returns a builder on b. It is the New of a Workflow.
func NewPlain[D any](b Block[Saved[D], *Plain[D]]) *Plain[D] { return &Plain[D]{b} }

// Exit is a way out of blocks that the code on an edge may take.
type Exit struct {
	// Node is the id of a node around: its block ends there. With Leave it ends
	// itself, and the flow goes on after it. "" ends the whole instance as Complete.
	Node  string
	Leave bool

	// Fail, where it is not "", fails for good in place of that, as [Fail] does, under
	// that last segment of an id. The code returns [Saved.Fail] for it.
	Fail string
}

// Fail says why code on an edge leaves by exits[k-1], which fails. It returns k.
func (d *Saved[D]) Fail(k int, err error) int {
	d.way = engine.Way{Why: failing(err), At: position()}
	return k
}

// failing is the message with which a Fail fails.
func failing(err error) string {
	if err == nil {
		return "failed without an error"
	}
	return err.Error()
}

// crossing is what runs code on an edge.
func crossing[D any](code func(d *Saved[D]) int) *edgeCode {
	return &edgeCode{run: func(data any) engine.Way {
		d := data.(*Saved[D])
		d.way = engine.Way{}
		exit := code(d)
		d.way.Exit = exit
		return d.way
	}}
}

// First has code run at the beginning of this block, in the transition that gets
// there. It returns 0 to go on, or k to leave by exits[k-1].
func (b *Plain[D]) First(code func(d *Saved[D]) int, exits ...Exit) *Plain[D] {
	c, n := b.c, b.seq.Parent
	if n == definition.None {
		c.needsEdge("the workflow", c.start != nil, code != nil)
		c.start, c.exits = crossing(code), c.exitsFrom(b.seq, exits)
		c.lastEdge = placed{b.seq, b.seq.Last, c.start}
		return b
	}
	b.edge(n, b.seq.Block, code)
	c.Nodes[n].Blocks[b.seq.Block].Exits = c.exitsFrom(b.seq, exits)
	return b
}

// After has code run behind the node just added, in the transition that leaves it. It
// returns 0 to go on, or k to leave by exits[k-1].
func (b *Plain[D]) After(code func(d *Saved[D]) int, exits ...Exit) *Plain[D] {
	if n := b.c.last(b.seq, "After"); n != nil {
		b.edge(b.seq.Last, engine.Behind, code)
		n.Exits = b.c.exitsFrom(b.seq, exits)
	}
	return b
}

// Post has code run behind each round of the While just added, one included that was
// left by an exit to its end.
func (b *Plain[D]) Post(code func(d *Saved[D])) *Plain[D] {
	if n := b.c.lastOfKind(b.seq, "Post", definition.While); n != definition.None {
		b.c.needs(n, "code behind a round", code != nil)
		b.edge(n, engine.Round, func(d *Saved[D]) int { code(d); return 0 })
	}
	return b
}

// Stores says which fields of the data the code writes that was given last, by First,
// After or Post; or, right behind a node, what its outputs, its event or its failure is
// given to. They are known by their names in JSON; the variables of the function are
// "wfe:vars". Without it these may write any field.
func (b *Plain[D]) Stores(names ...string) *Plain[D] {
	names = append([]string{}, names...) // none is not all
	switch e := b.c.lastEdge; {
	case e.code != nil && e.seq == b.seq && e.last == b.seq.Last:
		e.code.stores = names
	case b.c.last(b.seq, "Stores") != nil:
		b.c.code[b.seq.Last].stores = names
	}
	return b
}

// Shares says that the code that was given last, by First, After or Post, may leave data or variables with memory in common.
// They are taken apart at the next call.
func (b *Plain[D]) Shares() *Plain[D] {
	if e := b.c.lastEdge; e.code != nil && e.seq == b.seq && e.last == b.seq.Last {
		e.code.shares = true
	}
	return b
}

// placed is code on an edge of a sequence, behind the node that was its last one then.
type placed struct {
	seq  *sequence
	last int
	code *edgeCode
}

// edge puts code on an edge of node n.
func (b *Plain[D]) edge(n, block int, code func(d *Saved[D]) int) {
	c := b.c
	c.needsEdge("node \""+c.Nodes[n].ID+"\"", c.code[n].edges[block] != nil, code != nil)
	if c.code[n].edges == nil {
		c.code[n].edges = map[int]*edgeCode{}
	}
	e := crossing(code)
	c.code[n].edges[block], c.lastEdge = e, placed{b.seq, b.seq.Last, e}
}

func (c *core) needsEdge(where string, there, given bool) {
	switch {
	case there:
		c.fail("%s has code twice on one edge", where)
	case !given:
		c.fail("%s: the code on an edge is nil", where)
	}
}

// exitsFrom finds the nodes of exits from a sequence: that whose block it is, or what is
// around it.
func (c *core) exitsFrom(seq *sequence, exits []Exit) []definition.Exit {
	var found []definition.Exit
	for _, e := range exits {
		to := definition.None
		if e.Fail != "" {
			if e.Node != "" {
				c.fail("an exit that fails, as %q, leads nowhere else", e.Fail)
			}
			found = append(found, definition.Exit{Node: to, Leave: e.Leave, Fail: seq.Path + e.Fail})
			continue
		}
		if e.Node != "" {
			for to = seq.Parent; to != definition.None && c.Nodes[to].ID != e.Node; {
				to = c.Nodes[to].Parent
			}
			if to == definition.None {
				c.fail("an exit leads to node %q, which is not around it", e.Node)
			}
		}
		found = append(found, definition.Exit{Node: to, Leave: e.Leave})
	}
	return found
}

// checkEdges reports code at the beginning of an empty block of node n that nobody
// could run: beside others there.
func (c *core) checkEdges(i int) {
	n := &c.Nodes[i]
	for b := range n.Blocks {
		if n.Blocks[b].First == definition.None && c.code[i].edges[b] != nil && (n.Kind == definition.Parallel || n.All || n.Branches(b)) {
			c.fail("node %q: nothing in its block waits: write it as plain code", n.ID)
		}
	}
}

// lastOfKind returns the index of the node on which a modifier for one kind acts.
func (c *core) lastOfKind(seq *sequence, modifier string, kind definition.Kind) int {
	n := c.last(seq, modifier)
	if n != nil && n.Kind != kind {
		c.fail("%s must follow a node of kind %s; the one before it is %q, of kind %s", modifier, kind, n.ID, n.Kind)
		return definition.None
	}
	return seq.Last
}

// Undo records, when it is reached, that body is to run if the saga around it is
// rolled back.
func (b *Plain[D]) Undo(id string, body func(b *Plain[D])) *Plain[D] {
	n := b.c.add(b.seq, id, definition.Node{Kind: definition.Undo})
	b.c.settings[n].Undo = definition.DefaultRetry()
	b.block(n, definition.BlockCompensate, body)
	return b
}

// Call runs body, which is that of a function that was called.
func (b *Plain[D]) Call(id string, body func(b *Plain[D])) *Plain[D] {
	b.block(b.c.add(b.seq, id, definition.Node{Kind: definition.Call}), "", body)
	return b
}

// Try runs body as a Saga does. When that has been rolled back because something in it
// failed, catch takes the failure, and the flow goes on after it.
func (b *Plain[D]) Try(id string, body func(b *Plain[D]), catch func(d *Saved[D], f *Failure)) *Plain[D] {
	n := b.c.add(b.seq, id, definition.Node{Kind: definition.Saga, Catch: true})
	b.c.needs(n, "function that takes the failure", catch != nil)
	b.c.code[n].catch = func(data any, f *Failure) { catch(data.(*Saved[D]), f) }
	b.block(n, "", body)
	return b
}

// Sleep sleeps for the time that d returns when it is reached.
func (b *Plain[D]) Sleep(id string, d func(data *Saved[D]) time.Duration) *Plain[D] {
	return b.sleep(id, d != nil, func(data *Saved[D], now time.Time) time.Time { return now.Add(d(data)) })
}

// SleepUntil sleeps until the time that t returns when it is reached.
func (b *Plain[D]) SleepUntil(id string, t func(data *Saved[D]) time.Time) *Plain[D] {
	return b.sleep(id, t != nil, func(data *Saved[D], _ time.Time) time.Time { return t(data) })
}

func (b *Plain[D]) sleep(id string, given bool, due func(d *Saved[D], now time.Time) time.Time) *Plain[D] {
	n := b.c.add(b.seq, id, definition.Node{Kind: definition.Delay, Due: true})
	b.c.needs(n, "time", given)
	b.c.code[n].time = func(data any, now time.Time) time.Time { return due(data.(*Saved[D]), now) }
	return b
}

// Frame gives each round, or element, of the block of b variables of its own, which
// are saved. It is the first call in the body of a While, a Recur, a loop or a step
// that branches. Closures in the block read and write what it returns.
func Frame[F, D any](b *Plain[D], saved codec.Codec[F]) *F {
	cell := new(F)
	c, n := b.c, b.seq.Parent
	switch {
	case n == definition.None:
		c.fail("the variables of the workflow itself are a part of its data")
	case b.seq.Last != definition.None || c.code[n].frame != nil || c.code[n].edges[b.seq.Block] != nil:
		c.fail("node %q: Frame is the first call in its block, and the only one", c.Nodes[n].ID)
	default:
		c.Nodes[n].Blocks[b.seq.Block].Frame = true
		c.code[n].frame = newFrame(saved, cell)
	}
	return cell
}

// Range runs body once for each element of what a for with range runs over, one after the other. Unlike those of a
// ForEach, elements are what they were, also where JSON has no value for one.
func Range[D, T any](b *Plain[D], id string, items func(d *Saved[D]) []T, elem codec.Codec[T], body func(b *Plain[D], item *T)) *Plain[D] {
	EachOf(b, id, items, codec.Exact(elem), body, Sequential())
	if n := b.c.lastOfKind(b.seq, "Range", definition.ForEach); n != definition.None {
		b.c.code[n].plain = true
	}
	return b
}

// Index returns the number, from 0, of the element for which the block of b runs.
func Index[D any](b *Plain[D]) *int {
	cell := new(int)
	c, n := b.c, b.seq.Parent
	switch {
	case n == definition.None || !c.Nodes[n].Branches(b.seq.Block):
		c.fail("Index is for a block that runs once for each of many elements")
	case c.code[n].index != nil:
		cell = c.code[n].index
	default:
		c.code[n].index = cell
	}
	return cell
}
