package engine

import "github.com/wfegen/wfe/runtime/instance"

// Effects is what a transition asks for.
type Effects struct {
	Changed bool              // the head is to be written; without it there is nothing to commit
	Put     []instance.CellID // cells to write anew
	Del     []instance.CellID // cells to delete; they may never have been written
	Timers  []Timer
	Waits   []Wait
	// Run lists bodies to start once the transition is durable. One of the same
	// Ptr and Gen may run already; it is not started again.
	Run []Run
	// Stop lists bodies to stop. A body that is stopped still answers, with
	// StepStopped at least; Unbegun there says that this very run never began.
	Stop []instance.PtrID
	Send []Msg // to other instances
	Took []Took
	// Log is what has happened, in order: what goes into the history, and what
	// listeners are told. Without a change there is none.
	Log []instance.Record
	// Archive holds cells of older history and of failures to write.
	Archive []instance.Cell
	// Refused lists the commands that were not possible when it was their turn.
	Refused []Refused
}

// Refused is a command that the instance's status does not allow.
type Refused struct {
	Tag    int // of the input
	Status instance.Status
	Reason instance.Reason // where it is Terminated
}

// Run is a body to start.
type Run struct {
	Ptr          instance.PtrID
	Gen, Attempt uint32
	Node         int
	Crashes      uint32         // for which it may be to blame
	Suspect      bool           // it is to begin alone among suspects, and after a Probe
	Compensation bool           // the step's compensation is to run, not the step
	Undoes       instance.PtrID // the run that it undoes, or of whose compensation it is a part: its idempotency key is that
	Input        []byte         // the step's value
	Persist      []byte         // persistence data, JSON
	Event        string         // that the run before has waited for; "" if it did not
	Taken        bool           // that event came; else the time was up
	Payload      []byte         // of that event
	Item         []byte         // the innermost element, encoded; nil outside of loops
	Index        int            // of that element
	Secrets      []string       // of the data: not for what people read
}

// Took is an event that the instance has taken.
type Took struct {
	Seq    instance.Seq
	Failed bool // its payload does not fit
}

// Timer sets the timer of a pointer, or removes that of Due and Ptr.
type Timer struct {
	Due instance.Instant
	Ptr instance.PtrID
	Gen uint32
	Set bool
}

// Wait sets or removes the wait of a pointer. It may be set again with a later After.
type Wait struct {
	Name, Key string
	Ptr       instance.PtrID
	Gen       uint32
	After     instance.Seq
	Since     instance.Instant // see instance.Pointer
	Signals   instance.Seq     // up to which signals of that name were taken
	Set       bool
}

// Msg is what an instance tells another one. It is durable with the transition
// that sends it, and is handed over from then on, however often that takes.
type Msg struct {
	ID    string // of the message: what has it is one message
	To    string // the instance
	Start *Child // To begins
	Input *instance.Input
}

// Child is an instance that another one starts.
type Child struct {
	Workflow string
	Version  int // 0 is the newest
	Data     []byte
	Parent   instance.Parent
	Trace    []byte `json:",omitempty"` // of the parent
}
