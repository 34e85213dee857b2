package instance

import (
	"maps"
	"slices"
	"sort"
)

// PointerStatus says what a pointer awaits.
type PointerStatus uint8

// The states of a pointer. They are stored as numbers: append, never reorder.
const (
	Running   PointerStatus = iota + 1 // its step's body is to run, or runs
	Retrying                           // the next attempt is due at Due
	Sleeping                           // goes on at Due
	Waiting                            // for an event, until Due if that is set
	Open                               // a container: its blocks are in work
	Stopping                           // its body was told to stop and is awaited until Due
	Failed                             // failed for good; Resume runs it again
	Calling                            // for the end of the child that it started
	Scheduled                          // its node begins at Due
)

// Role says for what a pointer is there.
type Role uint8

// The roles of a pointer. They are stored as numbers: append, never reorder.
const (
	Forward  Role = iota // the way of the workflow
	Undoing              // compensates what the undo entry Undo records
	Settling             // compensates its own step, which failed; then Pointer.Action
)

// Phase is how far an open saga is, or a pointer that its condition cancels.
type Phase uint8

// The phases of a saga, and of the whole instance while it is cancelled. Any other
// pointer knows Body and Halting alone. They are stored as numbers: append, never reorder.
const (
	Body         Phase = iota
	Halting            // what is in it is being stopped, or its own body
	RollingBack        // its undo entries are being compensated
	Compensating       // its own compensation runs
	Pausing            // its retry is due at Due
)

// Edge is where between nodes a pointer is. Code of the workflow's own runs there; when
// that fails the pointer stays, and Resume has it run again.
type Edge uint8

// The edges. They are stored as numbers: append, never reorder.
const (
	AtNode   Edge = iota // on none of them
	Entering             // at the beginning of its block, before its node
	Leaving              // behind its node, which is done
	Opening              // at the beginning of its empty block Into
	Turning              // behind a round
	Catching             // behind its roll back, with the failure in Cause
	Skipping             // behind its step, which did not complete
)

// Pointer is the position of one branch. A loop, in what follows, is a ForEach, or a
// step that has branched.
type Pointer struct {
	ID     PtrID
	Node   int   // index in the definition
	Parent PtrID // the container around it; 0 is the workflow
	Block  int   // the block of its parent in which it stands
	Index  int   // its element, directly under a loop
	Home   CellID
	Role   Role
	Edge   Edge
	Into   int    // Opening: the block
	Vars   []byte // variables of the round or element in whose block it stands directly, encoded; nil is zero

	Status  PointerStatus
	Gen     uint32 // raised whenever what it awaits changes; older inputs are stale
	Attempt uint32 // of the body, from 1; 0 while none was asked for
	Used    uint32 // runs that earlier pointers took of the same retry policy
	Due     Instant
	Input   []byte // step: its recorded value, inputs set, the same for all attempts; Child: the data of a child that may be started again
	Persist []byte // step: its persistence data, JSON
	Event   string // Waiting: the event's name. Of a step that runs: what its run before has waited for
	Key     string // of that event
	Taken   bool   // step: the event came, with Payload; else the time was up
	Payload []byte
	Since   Instant // Waiting: it takes what was published then or later, before the start too; 0 is what came after the start
	Held    bool    // it took an input while the instance was suspended
	Crashes uint32  // Running: crashes in a row for which its body may be to blame
	Probing bool    // Running: its body runs alone, so the next crash is one of them
	// Begun says that a run of its body before the present one began, or may
	// have. It is not stored: what was loaded may have begun.
	Begun bool

	Pending int     // container: live pointers directly under it
	Started int     // loop: elements started so far; Child: children; Poll: requests
	Total   int     // loop: elements in all
	Round   Instant // Recur: when the present or last round was due; Poll: when it gives up

	Phase  Phase
	Mark   Seq      // Saga: its place in the order of undoing
	Action string   // Settling, Saga: what follows once the compensation has ended
	Undo   PtrID    // Undoing, Settling: the Ptr of the entry that it compensates
	Cause  *Failure // why it is rolled back, retried or Failed
}

// Failure is a recorded error of a step.
type Failure struct {
	Node     string `json:"node"`
	Step     string `json:"step,omitempty"`
	Message  string `json:"message"`
	Position string `json:"position,omitempty"` // of the node in the source of its workflow, as file:line
	Attempt  uint32 `json:"attempt,omitempty"`
	At       Instant
	Ptr      PtrID
	After    int64 `json:"after,omitempty"` // nanoseconds until the next attempt that the body asked for; 0 is none
}

// Item is the element that a loop around a pointer works on, or a round with
// variables, or what a compensation around it undoes.
type Item struct {
	Node  int // index of what runs in rounds or branches, or of the step that is undone
	Index int
	Value []byte // encoded element
	// Done says that it is no element: Node is a step, and Value its value after
	// the run that the pointer's block compensates.
	Done bool
	// Vars are the variables of the element, or of a round, which has no Value; nil is zero.
	Vars []byte `json:",omitempty"`
}

// Later is something that follows once the instance is resumed: a pointer has
// reached its node, or, with Ended, one of its blocks has ended.
type Later struct {
	Ptr   PtrID
	Ended bool
}

// Cursor is how far an instance has taken the events of one name and key.
type Cursor struct {
	Name, Key string
	Seq       Seq
}

// Parent is the instance that started a child, and the pointer there that awaits
// the child's end.
type Parent struct {
	ID    string
	Ptr   PtrID
	Gen   uint32
	Depth int // how many instances are above the child, at least 1
}

// State is everything that is known of a live instance.
type State struct {
	ID         string
	Parent     *Parent // nil for one that no instance started
	Trace      []byte  // the span context in which it was started, as package tracing has it; nil is none
	Definition string  // hash of the definition it began with
	Status     Status
	Reason     Reason
	Born       Seq // sequence of the newest event when it was created; set by the store
	Rev        uint64
	Created    Instant
	Ended      Instant
	NextPtr    PtrID // last pointer id given
	NextSeq    Seq   // last completion number given
	Data       Data
	Pointers   []*Pointer         // by ascending ID
	Undo       []*UndoEntry       // by ascending Ptr; once it is Terminated, what is left to undo
	Items      map[PtrID][][]byte // elements of each open loop
	Cursors    []Cursor
	Failure    *Failure // the last one that was not retried
	Cancel     Phase    // how far a Cancel is: Halting, RollingBack; Body while there is none
	Note       string   // why it was terminated, in the words of who asked for it
	Held       []Input  // inputs taken while suspended, in order
	Later      []Later  // what was about to happen when it was suspended, in order
	Log        Log
	Live       any // Data decoded; never stored

	undo   undoOrder // of Undo; nil until it is needed
	stored []Field   // the fields of the data that have a cell in the store
}

// Copy returns a copy of s, without Live, that changes of s do not touch.
func (s *State) Copy() *State {
	c := *s
	c.Live, c.undo = nil, nil
	c.Data, c.stored = s.Data.clone(), slices.Clone(s.stored)
	c.Pointers = make([]*Pointer, len(s.Pointers))
	for i, p := range s.Pointers {
		q := *p
		c.Pointers[i] = &q
	}
	c.Undo, c.Items = slices.Clone(s.Undo), maps.Clone(s.Items) // entries and elements never change
	c.Cursors, c.Held, c.Later = slices.Clone(s.Cursors), slices.Clone(s.Held), slices.Clone(s.Later)
	return &c
}

// Pointer returns the pointer of that id, or nil.
func (s *State) Pointer(id PtrID) *Pointer {
	i := s.search(id)
	if i < len(s.Pointers) && s.Pointers[i].ID == id {
		return s.Pointers[i]
	}
	return nil
}

// Add gives p the next pointer id and keeps it.
func (s *State) Add(p *Pointer) {
	s.NextPtr++
	p.ID = s.NextPtr
	s.Pointers = append(s.Pointers, p)
}

// Remove forgets p.
func (s *State) Remove(p *Pointer) {
	if i := s.search(p.ID); i < len(s.Pointers) && s.Pointers[i] == p {
		s.Pointers = slices.Delete(s.Pointers, i, i+1)
	}
}

func (s *State) search(id PtrID) int {
	return sort.Search(len(s.Pointers), func(i int) bool { return s.Pointers[i].ID >= id })
}

// Signals stands for the key where a Cursor is of the signals of a name: no event
// has an empty key.
const Signals = ""

// Cursor returns the sequence number up to which events of that name and key
// were taken: that of the instance's creation if it took none.
func (s *State) Cursor(name, key string) Seq { return max(s.Taken(name, key), s.Born) }

// Taken returns the number of the last event of that name and key that was taken; 0
// if none was.
func (s *State) Taken(name, key string) Seq {
	for i := range s.Cursors {
		if c := &s.Cursors[i]; c.Name == name && c.Key == key {
			return c.Seq
		}
	}
	return 0
}

// Take records that the event of that number was taken.
func (s *State) Take(name, key string, seq Seq) {
	for i := range s.Cursors {
		if c := &s.Cursors[i]; c.Name == name && c.Key == key {
			c.Seq = max(c.Seq, seq)
			return
		}
	}
	s.Cursors = append(s.Cursors, Cursor{name, key, seq})
}
