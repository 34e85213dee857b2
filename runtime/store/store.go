package store

import (
	"context"
	"errors"

	"github.com/wfegen/wfe/runtime/instance"
)

// Store keeps instances. Its methods may be called from several goroutines; of
// Commit and Settle one call is under way at a time.
type Store interface {
	// Acquire waits until this process owns the store. While another one does,
	// it calls standby once with the name of the owner. It ends with the
	// context's error when ctx is done first.
	Acquire(ctx context.Context, host string, standby func(owner string)) (Lease, error)
	// Release gives the ownership back, so that a standby need not wait.
	Release(ctx context.Context, l Lease) error

	// Commit writes b in one transaction: all of it durably, or nothing. Outcome
	// i belongs to item i. An empty batch proves that the ownership still holds
	// and tells others that the owner is alive.
	//
	// ErrFenced: another process owns the store; nothing was or will be written.
	// ErrUnknown: whether the batch is durable can't be told yet; call Settle
	// with the same batch. ErrLost: nor will any later call do anything. Any other
	// error: nothing was written.
	Commit(ctx context.Context, l Lease, b Batch) ([]Outcome, error)
	// Settle finds out, by a write of its own, whether b became durable after
	// ErrUnknown, and writes it if it did not. Its outcomes are those that Commit
	// would have had. ErrUnknown: still not known; call it again. ErrFenced: the
	// ownership is lost, and b may have been written before. No other call of
	// Commit is let through until b is settled or another lease is acquired.
	Settle(ctx context.Context, l Lease, b Batch) ([]Outcome, error)

	// Publish makes events durable without the ownership. Result i is the
	// sequence number of event i, that of the earlier one where Event.Dedup was
	// used before for the same name and key, 0 of one that is Later. ErrNoTarget,
	// ErrFull: nothing was written because of one of them. ErrUnknown: whether they
	// are durable can't be told; publishing again repeats only those without a Dedup.
	Publish(ctx context.Context, e []Event) ([]instance.Seq, error)
	// Post makes messages to the owner durable without the ownership. A message
	// whose Request is already there, or has its Reply, is not posted again, so
	// that Post may be repeated after any error. ErrFull: nothing was posted, because
	// there are MaxUnread for a Target.
	Post(ctx context.Context, m []Msg) error

	Reader
	OwnerReader

	// Close releases files and connections. It does not release the ownership: a
	// standby treats it like a crash.
	Close() error
}

// Reader is what any process may read.
type Reader interface {
	// Load returns an instance with the cells of its state; ErrNotFound.
	Load(ctx context.Context, id string) (*Row, error)
	// Archive returns the cells of one kind that are no part of an instance's
	// state, by ascending (Ptr, Index); none if there is no such instance.
	Archive(ctx context.Context, id string, kind instance.CellKind) ([]instance.Cell, error)
	// Query lists instances by ascending (Created, K), or descending.
	Query(ctx context.Context, q Query) ([]Summary, error)
	// Events lists visible events by ascending sequence number.
	Events(ctx context.Context, q EventQuery) ([]Event, error)
	// Definition returns the stored body of a definition; ErrNotFound.
	Definition(ctx context.Context, hash string) ([]byte, error)
	// Reply returns the owner's answer to a request; ErrNotFound while there is none.
	Reply(ctx context.Context, request string) (Reply, error)
}

// OwnerReader is what the owner reads to recover and to be woken.
type OwnerReader interface {
	// Ready lists, by ascending K above after, instances whose Row.Ready was
	// set at their last write: those with bodies to run.
	Ready(ctx context.Context, after int64, limit int) ([]Key, error)
	// Due lists timers by ascending (Due, K, Ptr), those after the given one
	// (the zero Timer for the first page), at most limit.
	Due(ctx context.Context, after Timer, limit int) ([]Timer, error)
	// Undelivered lists events above after that have not been delivered, by
	// ascending sequence number.
	Undelivered(ctx context.Context, after instance.Seq, limit int) ([]Event, error)
	// Waits lists, by ascending (K, Ptr) after the given one, the waits for an
	// event that is no signal: same name and key, After below its sequence number,
	// and Since not after its Published or, without Since, the Born of the instance
	// below its sequence number.
	Waits(ctx context.Context, e Event, after Wait, limit int) ([]Wait, error)
	// Match returns the event with the lowest sequence number that matches,
	// delivered or not; ErrNotFound.
	Match(ctx context.Context, m Match) (Event, error)
	// Later lists events that are not visible yet, by ascending (Due, N).
	Later(ctx context.Context, limit int) ([]Later, error)
	// Expired reports whether there are delivered events whose time to live was over
	// at now.
	Expired(ctx context.Context, now instance.Instant) (bool, error)
	// Texts calls visit, as of one moment, in any order, with all stored texts that
	// may refer to artifacts: head and cells of the state of each instance that has
	// Row.Artifacts, payloads of events, later ones too, with an instance.DigestMark,
	// and all messages. visit does not keep the text, and calls nothing of the store.
	Texts(ctx context.Context, visit func(t Text) error) error
	// Inbox lists messages with N above after, by ascending N.
	Inbox(ctx context.Context, after int64, limit int) ([]Msg, error)
}

// The errors that callers branch on.
var (
	ErrNotFound = errors.New("store: not found")
	ErrFenced   = errors.New("store: another process owns this store now")
	ErrUnknown  = errors.New("store: the outcome of a commit is unknown")
	ErrLost     = errors.New("store: this process can't use the store any more")
	ErrNoTarget = errors.New("store: the signal is for an instance that is not there or has ended")
	ErrFull     = errors.New("store: too much for the instance is not taken yet")
)

// Text is something that is stored.
type Text struct {
	Message bool // the Body of a Msg
	Body    []byte
}

// Lease is the proof of an ownership.
type Lease struct {
	Store string // identity of the store: another one has another, but for copies, and for stores in memory, which are all one
	Host  string
	Epoch int64 // raised by each Acquire
	// Crashed says that the owner before this one did not give the store back.
	Crashed bool
}
