package store

import (
	"time"

	"github.com/wfegen/wfe/runtime/instance"
)

// Batch is what one transaction writes, in order.
type Batch struct{ Items []Item }

// Item is one all-or-nothing part of a batch. Any of its fields may be set; when
// Instance has an outcome other than Written the rest of the item is not written
// either. Nor are Done and what follows it when Purge names one instance and does not
// delete it.
type Item struct {
	Instance   *Row        // a new instance (Rev 1) or the next revision of one
	Definition *Definition // stored once per hash; there already is no error
	Event      *Event      // published by the owner
	Release    int64       // N of a Later event whose time has come; 0 is none
	Expire     *Expire     // events whose time to live is over
	Purge      *Purge      // instances that have ended
	Delivered  *Delivered  // the end of an event's delivery
	Done       []Done      // messages that are dealt with
	// DropReplies deletes replies whose At is below it, at most MaxDropped; 0 is none.
	DropReplies instance.Instant
	// Send lists messages to the owner, such as what an instance tells another one.
	// They are posted, as Post does it, with the rest of the item.
	Send []Msg
}

// Row is an instance as it is stored. A write with Rev 1 inserts; a higher Rev
// replaces revision Rev-1 and keeps ID, Definition, Reference, Unique, Born,
// Created, StartHash and Parent as they are.
type Row struct {
	K          int64 // row number in order of start, given by the store; 0 before
	ID         string
	Definition string // hash
	Reference  string // the caller's own key of it; "" is none
	Unique     bool   // no other live instance of the workflow has the Reference
	Status     instance.Status
	Reason     instance.Reason
	Rev        uint64
	Ready      bool         // it has bodies to run
	Born       instance.Seq // newest event when it was inserted, given by the store
	Created    instance.Instant
	Ended      instance.Instant // 0 while it lives; one that has ended has no timers and no waits
	StartHash  []byte           // of what it was started with
	Parent     string           // ID of the instance that started it; "" is none
	Artifacts  bool             // it may refer to artifacts; once set it stays so
	Head       []byte

	// Cells to write; on Load those of the state, by ascending (Kind, Ptr, Index).
	Cells []instance.Cell
	// The following are for writes only.
	Drop   []instance.CellID
	Timers []TimerOp
	Waits  []WaitOp
	Took   []Took
}

// Took records that an instance has taken an event.
type Took struct {
	Seq    instance.Seq
	Failed bool // it could do nothing with the payload
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
// event, or a signal of that name for the instance, that it may take (see Waits),
// the oldest of each is undelivered from then on, in a new Round, and the item's
// outcome says so: what was under way does not count for the new wait, and a crash
// before it is offered the event loses nothing.
type WaitOp struct {
	Name, Key string
	Ptr       instance.PtrID
	Gen       uint32
	After     instance.Seq
	Since     instance.Instant // it takes what was published then or later, before its instance's start too; 0: what came after the start
	Signals   instance.Seq     // up to which the instance has taken signals of that name
	Set       bool             // false removes the wait of Name, Key and Ptr
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
	Seq       instance.Seq // given by the store when it becomes visible
	Name, Key string
	Signal    bool   // it is for one instance, whose id is Key
	Dedup     string // the publisher's id of it; "" is none
	// Due is when it becomes visible; until then it is one of Later. 0 is at once.
	Due       instance.Instant
	Published instance.Instant // when it became visible; that of a Later event is its Due
	TTL       time.Duration    // how long it is kept from then on; 0 is for ever
	Payload   []byte
	Trace     []byte // the span context in which it was published; nil is none
	Taken     bool   // on reading: an instance has taken it
	Failed    bool   // on reading: an instance that has taken it could do nothing with it
	Round     int64  // on reading: raised when it became undelivered again
}

// Later is an event that is not visible yet.
type Later struct {
	N   int64
	Due instance.Instant
}

// Expire deletes delivered events whose time to live was over at Now, the oldest
// ends first, at most Limit; those that a wait may still take stay. Outcome.N says
// how many it deleted.
type Expire struct {
	Now   instance.Instant
	Limit int
}

// Purge deletes instances that have ended before Before, the first ended first,
// at most Limit, with all that belongs to them. Outcome.N says how many. NoTarget:
// the one of the ID was not deleted.
type Purge struct {
	ID     string          // this one alone; "" is any
	Status instance.Status // "" is any
	Before instance.Instant
	Limit  int
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
	Target  string // the instance that it is about; "" is none, or one that does not count it
	Body    []byte
}

// Done is a message that is dealt with: it is deleted, and answered. One that is
// not there is no error.
type Done struct {
	N     int64  // of the message
	Reply *Reply // nil if nobody waits for one; a later one for its Request is ignored
	Count bool   // the Reply's Text becomes Outcome.N, in decimal
}

// Reply is the owner's answer to a Msg.
type Reply struct {
	Request string
	At      instance.Instant
	Code    string
	Text    string
}

// MaxUnread bounds the signals for one instance that it has not taken, and the
// messages of other processes for it that the owner has not dealt with.
const MaxUnread = 10_000

// MaxDropped is how many replies one Item.DropReplies deletes.
const MaxDropped = 1000

// OutcomeCode says what became of an item.
type OutcomeCode uint8

// The outcomes of an item.
const (
	Written  OutcomeCode = iota
	Exists               // Instance: its ID is taken. Event: its Dedup was used; Seq is the earlier one's
	Stale                // Instance: the stored revision is not Rev-1
	Conflict             // Instance: another live one of the workflow has its Reference, and one of the two is Unique
	NoTarget             // Event: a signal for an instance that is not there or has ended. Purge: its ID is not there, or is not among what is to be deleted
	Full                 // Event: a signal for an instance that has MaxUnread not taken
)

// Outcome is what became of one item. The Code of an item with both an Instance
// and an Event is the Instance's.
type Outcome struct {
	Code OutcomeCode
	K    int64        // Instance: its row number, that of the one that Exists
	Born instance.Seq // Instance inserted: the newest event's sequence number
	Seq  instance.Seq // Event, Release: its sequence number; 0 while it is Later, or was not there
	N    int          // Expire, Purge: how many were deleted
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
