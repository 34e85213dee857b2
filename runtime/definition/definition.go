package definition

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// None is the index of no node, and of no block.
const None = -1

// Kind is the sort of a node. Kinds are stored as text.
type Kind string

// The kinds of nodes.
const (
	Step     Kind = "step"
	If       Kind = "if"
	While    Kind = "while"
	Decide   Kind = "decide"
	Set      Kind = "set"
	ForEach  Kind = "foreach"
	Parallel Kind = "parallel"
	Saga     Kind = "saga"
	WaitFor  Kind = "wait-for"
	Child    Kind = "child"
	Poll     Kind = "poll"
	Delay    Kind = "delay"
	Schedule Kind = "schedule"
	Recur    Kind = "recur"
	End      Kind = "end"
	Call     Kind = "call"
	Undo     Kind = "undo"
)

// The names of blocks. They are segments of ids, unless they are empty. A case of a
// step's outcome has the outcome as its name; branches of a parallel have none.
const (
	BlockThen       = "then"
	BlockElse       = "else"
	BlockDefault    = "default"
	BlockCompensate = "compensate"
	BlockTimeout    = "timeout"
	BlockBranch     = "" // Step: it runs once for each element that the step branches into
)

// Block is a sequence of nodes inside a node.
type Block struct {
	Name  string `json:"name,omitempty"`
	First int    `json:"first"` // index of its first node, None when it is empty

	// Frame says that each run of it, a round or an element, has variables of its own.
	Frame bool `json:"frame,omitempty"`
	// Exits are where the flow may go from the beginning of it, in place of into it.
	Exits []Exit `json:"exits,omitempty"`
}

// Exit leads out of blocks: where the flow may go from the end of a node, or from the
// beginning of a block, in place of on.
type Exit struct {
	// Node is the container around, whose block has ended then; None ends the whole
	// instance as Complete.
	Node  int  `json:"node"`
	Leave bool `json:"leave,omitempty"` // Node has ended with its block

	// Fail, where it is not empty, is the id under which the flow fails for good in
	// place of that. Node is None then.
	Fail string `json:"fail,omitempty"`
}

// Node is one place where a pointer can rest. Which fields mean something
// depends on Kind.
type Node struct {
	ID         string  `json:"id"` // path of names, unique in the definition
	Kind       Kind    `json:"kind"`
	Parent     int     `json:"parent"` // the container around it, None at the top
	Next       int     `json:"next"`   // the node after it in its block, None at the end
	Blocks     []Block `json:"blocks,omitempty"`
	Step       string  `json:"step,omitempty"`       // Step: the registered name
	Undo       bool    `json:"undo,omitempty"`       // Step: its Undo method is its compensation
	Compensate string  `json:"compensate,omitempty"` // Step: the name of the step that is its compensation
	Event      string  `json:"event,omitempty"`      // WaitFor: the event's name
	Workflow   string  `json:"workflow,omitempty"`   // Child: the name of the workflow that it starts
	Version    int     `json:"version,omitempty"`    // Child: of that workflow; 0 is the newest when it starts
	Abandon    bool    `json:"abandon,omitempty"`    // Child: it goes on when it is not awaited any more
	Sequential bool    `json:"sequential,omitempty"` // ForEach, step that branches: one element after the other
	All        bool    `json:"all,omitempty"`        // Decide: every case that holds, not the first one
	Code       string  `json:"code,omitempty"`       // hash of the source of its closures, hex; empty without any, and in a workflow that was not generated
	After      bool    `json:"after,omitempty"`      // Schedule: so long after it is reached, not at a time that the data say
	Due        bool    `json:"due,omitempty"`        // Delay, WaitFor: the data say when its time is up
	Catch      bool    `json:"catch,omitempty"`      // Saga: once it is rolled back its failure is handled

	// Cancel says that a condition may cancel the node, Proceed that the flow goes on
	// after it then.
	Cancel  bool `json:"cancel,omitempty"`
	Proceed bool `json:"proceed,omitempty"`

	// Recur: nanoseconds between two rounds, or a cron expression and the name of
	// the time zone that it is of.
	Every time.Duration `json:"every,omitempty"`
	Cron  string        `json:"cron,omitempty"`
	Zone  string        `json:"zone,omitempty"`

	Exits []Exit `json:"exits,omitempty"` // where the flow may go after it, in place of on
}

// Block returns the index in n.Blocks of the block of that name, or None.
func (n *Node) Block(name string) int {
	for i := range n.Blocks {
		if n.Blocks[i].Name == name {
			return i
		}
	}
	return None
}

// HasCompensation reports whether a run of the step, or of the child, can be undone.
func (n *Node) HasCompensation() bool {
	return n.Undo || n.Compensate != "" || n.Kind != Saga && n.Block(BlockCompensate) != None
}

// Outcome returns the index in n.Blocks of the block that runs when the step's
// outcome is value, or None.
func (n *Node) Outcome(value string) int {
	if value == BlockBranch || value == BlockCompensate {
		return None
	}
	return n.Block(value)
}

// Branches reports whether block b of n runs once for each of many elements: of a
// loop, or of those that a step branches into.
func (n *Node) Branches(b int) bool {
	switch n.Kind {
	case ForEach:
		return b == 0
	case Step:
		return b == 0 && len(n.Blocks) > 0 && n.Blocks[0].Name == BlockBranch
	}
	return false
}

// Rounds reports whether block b of n may run many times in one activation of n: in
// rounds, or for each of many elements.
func (n *Node) Rounds(b int) bool {
	return b == 0 && (n.Kind == While || n.Kind == Recur) || n.Branches(b)
}

// Definition is a compiled workflow. It does not change once built.
type Definition struct {
	Name    string `json:"name"`
	Version int    `json:"version"`
	First   int    `json:"first"` // None for a workflow without nodes
	Nodes   []Node `json:"nodes"`
	Exits   []Exit `json:"exits,omitempty"` // where the flow may go in place of to the first node

	// Contract lists the types of data, steps and events as `name fingerprint`, sorted.
	Contract []string `json:"contract,omitempty"`
}

// Hash identifies a definition: SHA-256 over its canonical body, in hex.
type Hash string

// Body returns the canonical JSON of d, as it is stored.
func (d *Definition) Body() ([]byte, error) {
	b, err := json.Marshal(d)
	if err != nil {
		return nil, fmt.Errorf("definition: encoding %s version %d: %w", d.Name, d.Version, err)
	}
	return b, nil
}

// Hash covers structure, contract and code: it is the key under which d is stored.
func (d *Definition) Hash() (Hash, error) {
	b, err := d.Body()
	if err != nil {
		return "", err
	}
	h := sha256.Sum256(b)
	return Hash(hex.EncodeToString(h[:])), nil
}

// Structure covers the nodes and edges of d, and neither code nor contract.
func (d *Definition) Structure() (Hash, error) {
	s := &Definition{Name: d.Name, Version: d.Version, First: d.First, Nodes: slices.Clone(d.Nodes), Exits: d.Exits}
	for i := range s.Nodes {
		s.Nodes[i].Code = ""
	}
	return s.Hash()
}

// Decode reads a stored body and validates it.
func Decode(body []byte) (*Definition, error) {
	d := new(Definition)
	if err := json.Unmarshal(body, d); err != nil {
		return nil, fmt.Errorf("definition: decoding a stored definition: %w", err)
	}
	if err := d.Validate(); err != nil {
		return nil, err
	}
	return d, nil
}
