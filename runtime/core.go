package wfe

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/internal/poll"
)

// core is what all blocks of one call of a builder function share: the nodes so
// far and, by the same index, their settings and closures.
type core struct {
	*definition.Draft
	types    *types
	settings []definition.Settings
	code     []nodeCode
	start    *edgeCode            // at the beginning of the workflow
	lastEdge placed               // where code on an edge was added last
	exits    []definition.Exit    // of that
	children map[int]reflect.Type // the data of each Child
	polls    map[int]*poll.Compiled
	contract map[string]uint64 // schemas by name
	position []string          // of the nodes in the source
	reflects bool              // the builder is a Generic: what fits by name and type is wired
	errs     []error
}

// sequence is where nodes are added: the end of one block.
type sequence = definition.Sequence

func newCore(t *types) *core {
	return &core{Draft: definition.NewDraft(), types: t, children: map[int]reflect.Type{}, polls: map[int]*poll.Compiled{}, contract: map[string]uint64{}}
}

func (c *core) fail(format string, args ...any) {
	c.errs = append(c.errs, fmt.Errorf(format, args...))
}

// add appends a node to seq and returns its index.
func (c *core) add(seq *sequence, id string, n definition.Node) int {
	c.settings = append(c.settings, definition.Settings{})
	c.code = append(c.code, nodeCode{})
	c.position = append(c.position, position())
	i := c.Add(seq, id, n)
	c.segment(i, id)
	return i
}

// rename gives node n another last segment of its id.
func (c *core) rename(n int, id string) {
	c.Rename(n, id)
	c.segment(n, id)
}

// segment checks what is to be the last segment of the id of node n.
func (c *core) segment(n int, id string) {
	if err := definition.CheckSegment(id); err != nil {
		c.fail("node %q: segment %q: %w", c.Nodes[n].ID, id, err)
	}
}

// needs reports a function of node n that is nil and may not be.
func (c *core) needs(n int, what string, given bool) {
	if !given {
		c.fail("node %q: its %s is nil", c.Nodes[n].ID, what)
	}
}

// last returns the node on which a modifier acts.
func (c *core) last(seq *sequence, modifier string) *definition.Node {
	if seq.Last == definition.None {
		c.fail("%s must follow a node: it acts on the one that was added last", modifier)
		return nil
	}
	return &c.Nodes[seq.Last]
}

// lastOf returns the index of the node to which a modifier adds a block.
func (c *core) lastOf(seq *sequence, modifier string, kind definition.Kind, block string) int {
	n := c.last(seq, modifier)
	switch {
	case n == nil:
	case n.Kind != kind && !(n.Kind == definition.Child && block == definition.BlockCompensate):
		c.fail("%s must follow a node of kind %s; the one before it is %q, of kind %s", modifier, kind, n.ID, n.Kind)
	case n.Block(block) != definition.None:
		c.fail("node %q has a second %s", n.ID, modifier)
	default:
		return seq.Last
	}
	return definition.None
}

func (c *core) setPolicy(n int, p RetryPolicy) {
	node, set := &c.Nodes[n], &c.settings[n]
	switch node.Kind {
	case definition.Step, definition.WaitFor, definition.Child, definition.Poll:
		set.Retry = p
	case definition.Saga:
		set.Retry, set.HasPolicy = p, true
	default:
		c.fail("node %q: OnError is for steps, waits, children, polls and sagas; this is of kind %s", node.ID, node.Kind)
	}
}

// step finds the registered step of a Go type.
func (c *core) step(t reflect.Type) (stepType, string) {
	s, name := c.types.step(t)
	if s == nil {
		c.fail("step type %s is not among the steps given to Register or Add", t)
	} else {
		c.contract["step "+name] = s.schema()
	}
	return s, name
}

// finish checks what was built and returns it.
func (c *core) finish(name string, version int, code map[string]string) (*definition.Definition, error) {
	d := &definition.Definition{Name: name, Version: version, First: c.First, Nodes: c.Nodes, Exits: c.exits}
	for _, n := range sortedKeys(c.contract) {
		d.Contract = append(d.Contract, fmt.Sprintf("%s %016x", n, c.contract[n]))
	}
	if c.start != nil && c.First == definition.None {
		c.fail("nothing in the workflow waits: a function of plain code needs no workflow")
	}
	for i := range c.Nodes {
		n := &c.Nodes[i]
		n.Code = code[n.ID]
		c.checkEdges(i)
		switch c.settings[i].Retry.Then {
		case Compensate, CompensateThenRetry, CompensateThenSuspend:
			switch {
			case n.HasCompensation():
			case n.Kind == definition.Step:
				c.fail("node %q: its policy compensates, and step %s has no compensation: give it an Undo method", n.ID, n.Step)
			case n.Kind == definition.Child:
				c.fail("node %q: its policy compensates, and it has no compensation: give it one by Compensate", n.ID)
			}
		}
	}
	if err := errors.Join(c.errs...); err != nil {
		return nil, err
	}
	return d, d.Validate()
}
