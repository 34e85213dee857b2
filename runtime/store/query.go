package store

import "github.com/wfegen/wfe/runtime/instance"

// Query says which instances to list. A zero field asks for nothing.
type Query struct {
	Status    instance.Status
	Workflow  string
	Version   int // of Workflow
	Reference string

	// Half open: at From or later, before To. Ended bounds leave out what lives.
	CreatedFrom, CreatedTo instance.Instant
	EndedFrom, EndedTo     instance.Instant

	Descending bool
	After      *Place // go on after this one
	Limit      int
}

// Place is where an instance stands in a list.
type Place struct {
	Created instance.Instant
	K       int64
}

// Summary is an instance in a list.
type Summary struct {
	Place
	ID         string
	Definition string // hash
	Workflow   string
	Version    int
	Reference  string
	Status     instance.Status
	Reason     instance.Reason
	Ended      instance.Instant // 0 while it lives
}

// EventState says which events to list.
type EventState uint8

// The states of events.
const (
	Untaken     EventState = iota + 1 // no instance has taken it
	FailedEvent                       // an instance that has taken it could do nothing with it
)

// EventQuery says which events to list.
type EventQuery struct {
	State EventState
	After instance.Seq
	Limit int
}

// Match says which event a wait may take.
type Match struct {
	Name, Key string
	Signal    bool             // a signal for the instance Key
	After     instance.Seq     // its number is above
	Since     instance.Instant // it was published then or later; 0 is any time
	Until     instance.Instant // it was published then or earlier; 0 is any time
}
