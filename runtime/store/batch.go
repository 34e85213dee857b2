package store

import "github.com/wfegen/wfe/runtime/instance"

// Batch is what one transaction writes, in order.
type Batch struct{ Items []Item }

// Item is one all-or-nothing part of a batch. Any of its fields may be set; when
// Instance has an outcome other than Written the rest of the item is not written
// either.
type Item struct {
	Instance   *Row        // a new instance (Rev 1) or the next revision of one
	Definition *Definition // stored once per hash; there already is no error
	Event      *Event      // published by the owner
	Delivered  *Delivered  // the end of an event's delivery
	Done       int64       // N of a message that is dealt with and is deleted; 0 is none
	Reply      *Reply      // the answer to a request; a later one for it is ignored
	// Send lists messages to the owner, such as what an instance tells another one.
	// They are posted, as Post does it, with the rest of the item.
	Send []Msg
}

// Row is an instance as it is stored. A write with Rev 1 inserts; a higher Rev
// replaces revision Rev-1 and keeps ID, Definition, Born, Created, StartHash and
// Parent as they are.
type Row struct {
	K          int64 // row number in order of start, given by the store; 0 before
	ID         string
	Definition string // hash
	Status     instance.Status
	Reason     instance.Reason
	Rev        uint64
	Ready      bool         // it has bodies to run
	Born       instance.Seq // newest event when it was inserted, given by the store
	Created    instance.Instant
	Ended      instance.Instant // 0 while it lives
	StartHash  []byte           // of what it was started with
	Parent     string           // ID of the instance that started it; "" is none
	Head       []byte

	// Cells to write; on Load all of them, by ascending (Kind, Ptr, Index).
	Cells []instance.Cell
	// The following are for writes only.
	Drop   []instance.CellID
	Timers []TimerOp
	Waits  []WaitOp
}

// Key names an instance twice.
type Key struct {
	K  int64
	ID string
}

// TimerOp sets or removes a timer.
type TimerOp struct {
	Due instance.Instant
	Ptr instance.PtrID
	Gen uint32
	Set bool // false removes the timer of Due and Ptr
}

// Timer is a pointer's wake-up.
type Timer struct {
	Due instance.Instant
	Key
	Ptr instance.PtrID
	Gen uint32
}

// WaitOp sets or removes the wait of a pointer. Where one is set and there is an
// event already that it may take (see Waits), the oldest such event is
// undelivered from then on, in a new Round, and the item's outcome says so: what
// was under way does not count for the new wait, and a crash before it is offered
// the event loses nothing.
type WaitOp struct {
	Name, Key string
	Ptr       instance.PtrID
	Gen       uint32
	After     instance.Seq
	Set       bool // false removes the wait of Name, Key and Ptr
}

// Wait is a pointer that waits for an event. The embedded Key is the instance's.
type Wait struct {
	Key
	Ptr instance.PtrID
	Gen uint32
}

// Event is something that was published. Events are kept after delivery, since
// a later wait may still take them.
type Event struct {
	Seq       instance.Seq // given by the store
	Name, Key string
	Dedup     string // the publisher's id of it; "" is none
	Published instance.Instant
	Payload   []byte
	Round     int64 // on reading: raised when it became undelivered again
}

// Delivered records that an event was offered to all waits that there were in its
// Round. In a later round it changes nothing.
type Delivered struct {
	Seq   instance.Seq
	Round int64
}

// Msg is a message to the owner: from another process, or from one instance to another.
type Msg struct {
	N       int64  // given by the store
	Request string // "" is none: it is never a repetition
	Class   string
	Body    []byte
}

// Reply is the owner's answer to a Msg.
type Reply struct {
	Request string
	At      instance.Instant
	Code    string
	Text    string
}

// OutcomeCode says what became of an item.
type OutcomeCode uint8

// The outcomes of an item.
const (
	Written OutcomeCode = iota
	Exists              // Instance: its ID is taken. Event: its Dedup was used; Seq is the earlier one's
	Stale               // Instance: the stored revision is not Rev-1
)

// Outcome is what became of one item. The Code of an item with both an Instance
// and an Event is the Instance's.
type Outcome struct {
	Code OutcomeCode
	K    int64        // Instance: its row number, that of the one that Exists
	Born instance.Seq // Instance inserted: the newest event's sequence number
	Seq  instance.Seq // Event: its sequence number
	// Matched: a wait that was set may take an event that is there already. It
	// is among Undelivered.
	Matched bool
}

// Definition is a stored definition.
type Definition struct {
	Hash    string
	Name    string
	Version int
	Body    []byte
}
