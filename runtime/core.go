package wfe

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/wfegen/wfe/runtime/definition"
)

// core is what all blocks of one call of a builder function share: the nodes so
// far and, by the same index, their settings and closures.
type core struct {
	types    *types
	nodes    []definition.Node
	settings []definition.Settings
	code     []nodeCode
	contract map[string]uint64 // schemas by name
	first    int
	errs     []error
}

// sequence is where nodes are added: the end of one block.
type sequence struct {
	parent int // definition.None at the top
	block  int
	path   string // of the ids, with a slash at the end, or ""
	last   int    // the node added last, or definition.None
}

func newCore(t *types) *core {
	return &core{types: t, first: definition.None, contract: map[string]uint64{}}
}

func (c *core) fail(format string, args ...any) {
	c.errs = append(c.errs, fmt.Errorf(format, args...))
}

// add appends a node to seq and returns its index.
func (c *core) add(seq *sequence, id string, n definition.Node) int {
	i := len(c.nodes)
	n.ID, n.Parent, n.Next = seq.path+id, seq.parent, definition.None
	switch {
	case seq.last != definition.None:
		c.nodes[seq.last].Next = i
	case seq.parent == definition.None:
		c.first = i
	default:
		c.nodes[seq.parent].Blocks[seq.block].First = i
	}
	seq.last = i
	c.nodes = append(c.nodes, n)
	c.settings = append(c.settings, definition.Settings{})
	c.code = append(c.code, nodeCode{})
	return i
}

// needs reports a function of node n that is nil and may not be.
func (c *core) needs(n int, what string, given bool) {
	if !given {
		c.fail("node %q: its %s is nil", c.nodes[n].ID, what)
	}
}

// open adds an empty block to node n.
func (c *core) open(n int, name string) *sequence {
	node := &c.nodes[n]
	node.Blocks = append(node.Blocks, definition.Block{Name: name, First: definition.None})
	path := node.ID + "/"
	if name != "" {
		path += name + "/"
	}
	return &sequence{parent: n, block: len(node.Blocks) - 1, path: path, last: definition.None}
}

// last returns the node on which a modifier acts.
func (c *core) last(seq *sequence, modifier string) *definition.Node {
	if seq.last == definition.None {
		c.fail("%s must follow a node: it acts on the one that was added last", modifier)
		return nil
	}
	return &c.nodes[seq.last]
}

// lastOf returns the index of the node to which a modifier adds a block.
func (c *core) lastOf(seq *sequence, modifier string, kind definition.Kind, block string) int {
	n := c.last(seq, modifier)
	switch {
	case n == nil:
	case n.Kind != kind:
		c.fail("%s must follow a node of kind %s; the one before it is %q, of kind %s", modifier, kind, n.ID, n.Kind)
	case n.Block(block) != definition.None:
		c.fail("node %q has a second %s", n.ID, modifier)
	default:
		return seq.last
	}
	return definition.None
}

// rename changes the last segment of a node's id, in the ids of its descendants too.
func (c *core) rename(n *definition.Node, id string) {
	old := n.ID
	n.ID = old[:strings.LastIndexByte(old, '/')+1] + id
	for i := range c.nodes {
		if rest, ok := strings.CutPrefix(c.nodes[i].ID, old+"/"); ok && c.under(i, n) {
			c.nodes[i].ID = n.ID + "/" + rest
		}
	}
}

// under reports whether node i lies inside n.
func (c *core) under(i int, n *definition.Node) bool {
	for p := c.nodes[i].Parent; p != definition.None; p = c.nodes[p].Parent {
		if &c.nodes[p] == n {
			return true
		}
	}
	return false
}

func (c *core) setPolicy(n int, p RetryPolicy) {
	node, set := &c.nodes[n], &c.settings[n]
	switch node.Kind {
	case definition.Step, definition.WaitFor:
		set.Retry = p
	case definition.Saga:
		set.Retry, set.HasPolicy = p, true
	default:
		c.fail("node %q: OnError is for steps and sagas; this is of kind %s", node.ID, node.Kind)
	}
}

// step finds the registered step of a Go type.
func (c *core) step(t reflect.Type) (stepType, string) {
	s, name := c.types.step(t)
	if s == nil {
		c.fail("step type %s is not among the steps given to Register", t)
	} else {
		c.contract["step "+name] = s.schema()
	}
	return s, name
}

// finish checks what was built and returns it.
func (c *core) finish(name string, version int, code string) (*definition.Definition, error) {
	d := &definition.Definition{Name: name, Version: version, First: c.first, Nodes: c.nodes, Code: code}
	for _, n := range sortedKeys(c.contract) {
		d.Contract = append(d.Contract, fmt.Sprintf("%s %016x", n, c.contract[n]))
	}
	for i := range c.nodes {
		n := &c.nodes[i]
		switch c.settings[i].Retry.Then {
		case Compensate, CompensateThenRetry, CompensateThenSuspend:
			if n.Kind == definition.Step && !n.HasCompensation() {
				c.fail("node %q: its policy compensates, and step %s has no compensation: give it an Undo method", n.ID, n.Step)
			}
		}
	}
	if err := errors.Join(c.errs...); err != nil {
		return nil, err
	}
	return d, d.Validate()
}
