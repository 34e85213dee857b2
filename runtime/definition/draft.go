package definition

import "strings"

// Draft is a definition in the making. Whoever makes one, by running a builder
// function or by reading it, adds the same nodes in the same order and has the
// same definition.
type Draft struct {
	Nodes []Node
	First int // None as long as there is no node
}

// NewDraft returns one without nodes.
func NewDraft() *Draft { return &Draft{First: None} }

// Sequence is where nodes are added: the end of one block.
type Sequence struct {
	Parent int    // the node that the block is in, None at the top
	Block  int    // its index there
	Path   string // of the ids, with a slash at the end, or ""
	Last   int    // the node added last, or None
}

// Top returns the outermost sequence of an empty draft.
func (d *Draft) Top() *Sequence { return &Sequence{Parent: None, Last: None} }

// Add appends n to seq under an id, the last segment of its path, and returns its index.
func (d *Draft) Add(seq *Sequence, id string, n Node) int {
	i := len(d.Nodes)
	n.ID, n.Parent, n.Next = seq.Path+id, seq.Parent, None
	switch {
	case seq.Last != None:
		d.Nodes[seq.Last].Next = i
	case seq.Parent == None:
		d.First = i
	default:
		d.Nodes[seq.Parent].Blocks[seq.Block].First = i
	}
	seq.Last = i
	d.Nodes = append(d.Nodes, n)
	return i
}

// Open adds an empty block to node n. A block without a name adds no segment to
// the ids of its nodes.
func (d *Draft) Open(n int, name string) *Sequence {
	node := &d.Nodes[n]
	node.Blocks = append(node.Blocks, Block{Name: name, First: None})
	path := node.ID + "/"
	if name != "" {
		path += name + "/"
	}
	return &Sequence{Parent: n, Block: len(node.Blocks) - 1, Path: path, Last: None}
}

// Rename changes the last segment of the id of node n, in the ids of its descendants too.
func (d *Draft) Rename(n int, id string) {
	node := &d.Nodes[n]
	old := node.ID
	node.ID = old[:strings.LastIndexByte(old, '/')+1] + id
	for i := range d.Nodes {
		if rest, ok := strings.CutPrefix(d.Nodes[i].ID, old+"/"); ok && d.under(i, n) {
			d.Nodes[i].ID = node.ID + "/" + rest
		}
	}
}

// under reports whether node i lies inside node n.
func (d *Draft) under(i, n int) bool {
	for p := d.Nodes[i].Parent; p != None; p = d.Nodes[p].Parent {
		if p == n {
			return true
		}
	}
	return false
}
