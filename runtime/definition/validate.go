package definition

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Bounds of a definition (docs/semantics.md, "Limits").
const (
	MaxNodes   = 10_000
	MaxNesting = 64
	MaxName    = 255   // bytes of a definition's, step's or event's name
	MaxSegment = 64    // bytes of one segment of an id
	MaxID      = 4_096 // bytes of an id
)

// Validate reports what is wrong with d, every fault with its node.
func (d *Definition) Validate() error {
	var errs []error
	bad := func(format string, args ...any) {
		errs = append(errs, fmt.Errorf("definition %s version %d: "+format, append([]any{d.Name, d.Version}, args...)...))
	}
	if err := CheckName(d.Name); err != nil {
		bad("name: %v", err)
	}
	if d.Version < 1 {
		bad("a version is 1 or more")
	}
	if len(d.Nodes) > MaxNodes {
		bad("%d nodes; at most %d are allowed", len(d.Nodes), MaxNodes)
		return errors.Join(errs...)
	}
	reached := make([]bool, len(d.Nodes))
	ids := make(map[string]bool, len(d.Nodes))
	var walk func(first, parent, depth int, in context)
	walk = func(first, parent, depth int, in context) {
		for i := first; i != None; i = d.Nodes[i].Next {
			if i < 0 || i >= len(d.Nodes) {
				bad("an edge leads to node %d, which does not exist", i)
				return
			}
			n := &d.Nodes[i]
			if depth > MaxNesting {
				bad("node %q: nested deeper than %d", n.ID, MaxNesting)
				return
			}
			if reached[i] {
				bad("node %q is reached twice: the graph has a cycle or a join", n.ID)
				return
			}
			reached[i] = true
			if n.Parent != parent {
				bad("node %q: its parent is not the node around it", n.ID)
			}
			if ids[n.ID] {
				bad("two nodes %q: name one of them", n.ID)
			}
			ids[n.ID] = true
			if err := checkID(n.ID); err != nil {
				bad("node %q: %v", n.ID, err)
			}
			if err := n.validate(); err != nil {
				bad("node %q: %v", n.ID, err)
			}
			switch {
			case n.Kind == End && in.undoing:
				bad("node %q: an end in the compensation of what is inside a saga would leave that half undone", n.ID)
			case n.Kind == Undo && !in.open:
				bad("node %q: it says what to do when the saga around it is rolled back, and there is no saga around it", n.ID)
			}
			for _, e := range n.Exits {
				if err := d.validateExit(e, n.Parent); err != nil {
					bad("node %q: %v", n.ID, err)
				}
			}
			for b, block := range n.Blocks {
				if block.Frame && !n.Rounds(b) {
					bad("node %q: variables of its own has a block that runs in rounds, or once for each element", n.ID)
				}
				for _, e := range block.Exits {
					if err := d.validateExit(e, i); err != nil {
						bad("node %q, at the beginning of block %q: %v", n.ID, block.Name, err)
					}
				}
				walk(block.First, i, depth+1, in.inside(n, block))
			}
		}
	}
	for _, e := range d.Exits {
		if err := d.validateExit(e, None); err != nil {
			bad("at its beginning: %v", err)
		}
	}
	walk(d.First, None, 1, context{})
	for i, ok := range reached {
		if !ok && len(errs) == 0 {
			bad("node %q cannot be reached", d.Nodes[i].ID)
		}
	}
	return errors.Join(errs...)
}

// context is what lies around a node.
type context struct {
	saga    bool // a saga
	open    bool // the body of a saga, and no compensation in between
	undoing bool // a compensation that the roll back of another saga may run
}

// inside returns the context of the nodes in block b of n.
func (c context) inside(n *Node, b Block) context {
	switch {
	case b.Name == BlockCompensate && (n.Kind == Saga || n.Kind == Child || n.Kind == Step || n.Kind == Undo):
		return context{saga: c.saga || n.Kind == Saga, undoing: c.undoing || c.saga}
	case n.Kind == Saga:
		return context{saga: true, open: true, undoing: c.undoing}
	}
	return c
}

func (n *Node) validate() error {
	switch {
	case n.Cancel && (n.Kind == End || n.Kind == Set):
		return fmt.Errorf("it is over at once, as any %s: no condition can cancel it; put it into an if", n.Kind)
	case n.Cancel && n.Kind == Undo:
		return fmt.Errorf("it is over at once, as any %s: no condition can cancel it", n.Kind)
	case n.Catch && n.Kind != Saga:
		return fmt.Errorf("a saga hands its failure on; this is of kind %s", n.Kind)
	case n.Due && n.Kind != Delay && n.Kind != WaitFor:
		return fmt.Errorf("a delay, or a wait, may have a time that the data say; this is of kind %s", n.Kind)
	case n.Proceed && !n.Cancel:
		return errors.New("the flow is to go on when it is cancelled, and it has no condition for that")
	}
	switch n.Kind {
	case Step:
		return n.validateStep()
	case If:
		return n.validateBlocks(0, BlockThen, BlockElse)
	case Decide:
		return n.validateCases("case")
	case Recur:
		if err := n.validateRhythm(); err != nil {
			return err
		}
		return n.validateBlocks(1, "")
	case While, ForEach, Schedule, Call:
		return n.validateBlocks(1, "")
	case Undo:
		return n.validateBlocks(1, BlockCompensate)
	case Parallel:
		return n.validateBlocks(0, make([]string, len(n.Blocks))...)
	case Saga:
		return n.validateBlocks(1, "", BlockCompensate)
	case WaitFor:
		if err := CheckName(n.Event); err != nil {
			return fmt.Errorf("its event %w", err)
		}
		return n.validateBlocks(0, BlockTimeout)
	case Child:
		if err := CheckName(n.Workflow); err != nil {
			return fmt.Errorf("its workflow %w", err)
		}
		if n.Version < 0 {
			return errors.New("a version is 1 or more; 0 is the newest")
		}
		return n.validateBlocks(0, BlockCompensate)
	case Delay, End, Set, Poll:
		return n.validateBlocks(0)
	}
	return fmt.Errorf("unknown kind %q", n.Kind)
}

// validateExit checks that an exit leads from inside of a node to what is around it,
// through containers in which nothing else is live.
func (d *Definition) validateExit(e Exit, from int) error {
	if e.Fail != "" {
		if e.Node != None || e.Leave {
			return fmt.Errorf("an exit that fails, as %q, leads nowhere else", e.Fail)
		}
		return checkID(e.Fail)
	}
	for c := from; c != None; c = d.Nodes[c].Parent {
		n := &d.Nodes[c]
		switch {
		case c == e.Node && (!e.Leave || n.single()):
			return nil
		case !n.single():
			return fmt.Errorf("an exit cannot lead out of node %q, of kind %s: it ends a block of it at the most", n.ID, n.Kind)
		}
	}
	if e.Node != None {
		return fmt.Errorf("an exit leads to node %d, which is not around it", e.Node)
	}
	if e.Leave {
		return errors.New("an exit that ends the instance leaves no node")
	}
	return nil
}

// single reports whether n, a container, has one thing live in it at the most and
// nothing to do when that is left.
func (n *Node) single() bool {
	switch n.Kind {
	case If, While, Recur, Schedule, Call:
		return true
	case Decide:
		return !n.All
	case ForEach:
		return n.Sequential
	}
	return false
}

// validateBlocks checks that n's blocks have the given names, in that order,
// and that the first required ones of them are there.
func (n *Node) validateBlocks(required int, names ...string) error {
	for i, b := range n.Blocks {
		if i >= len(names) || b.Name != names[i] {
			return fmt.Errorf("a %s has no block %q here", n.Kind, b.Name)
		}
	}
	if len(n.Blocks) < required {
		return fmt.Errorf("a %s has a block, and this one has none", n.Kind)
	}
	return nil
}

// validateRhythm checks that n has one way to tell when its next round is due.
func (n *Node) validateRhythm() error {
	if n.Cron == "" {
		if n.Every <= 0 {
			return fmt.Errorf("its interval is longer than 0; it is %s", n.Every)
		}
		return nil
	}
	if n.Every != 0 {
		return errors.New("its rounds follow either an interval or a cron expression")
	}
	if err := CheckName(n.Zone); err != nil {
		return fmt.Errorf("its time zone %w", err)
	}
	_, err := ParseCron(n.Cron)
	return err
}

// validateCases checks the names of blocks that the workflow's author gave.
func (n *Node) validateCases(what string) error {
	for i, b := range n.Blocks {
		if n.Branches(i) {
			continue
		}
		if err := CheckSegment(b.Name); err != nil {
			return fmt.Errorf("%s %q: %w", what, b.Name, err)
		}
		if n.Block(b.Name) != i {
			return fmt.Errorf("%s %q leads to two blocks", what, b.Name)
		}
	}
	return nil
}

// validateStep checks the names of a step: its own, its compensation's and
// those of its outcomes, each of which leads to one block.
func (n *Node) validateStep() error {
	if err := CheckName(n.Step); err != nil {
		return fmt.Errorf("its step %w", err)
	}
	if n.Compensate != "" {
		if err := CheckName(n.Compensate); err != nil {
			return fmt.Errorf("its compensation %w", err)
		}
	}
	if n.Block(BlockCompensate) != None && (n.Undo || n.Compensate != "") {
		return errors.New("it has two compensations: a block and a step")
	}
	if n.Sequential && !n.Branches(0) {
		return errors.New("it is sequential, and has no block that runs once for each element")
	}
	return n.validateCases("outcome")
}

// CheckName reports why s cannot be a name, a key or an instance's id: it is 1
// to MaxName bytes of valid UTF-8 without NUL.
func CheckName(s string) error {
	switch {
	case s == "":
		return errors.New("is empty")
	case len(s) > MaxName:
		return fmt.Errorf("is %d bytes long; at most %d are allowed", len(s), MaxName)
	case !utf8.ValidString(s):
		return errors.New("is not valid UTF-8")
	case strings.ContainsRune(s, 0):
		return errors.New("contains a NUL byte")
	}
	return nil
}

func checkID(id string) error {
	if len(id) > MaxID {
		return fmt.Errorf("its path is %d bytes long; at most %d are allowed", len(id), MaxID)
	}
	for seg := range strings.SplitSeq(id, "/") {
		if err := CheckSegment(seg); err != nil {
			return fmt.Errorf("segment %q: %w", seg, err)
		}
	}
	return nil
}

// CheckSegment reports why s cannot be one segment of an id: it is a name of 1 to
// MaxSegment bytes without a slash.
func CheckSegment(seg string) error {
	if seg == "" || len(seg) > MaxSegment || strings.Contains(seg, "/") {
		return fmt.Errorf("a segment is 1 to %d bytes without a slash", MaxSegment)
	}
	return CheckName(seg)
}
