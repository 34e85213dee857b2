package memory

import (
	"sync"

	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/store"
)

// Store is a store in memory. Make one with New.
type Store struct {
	mu sync.Mutex // guards all that follows; held for the whole of every call but the wait in Acquire

	host    string // of the owner; meaningful while owned
	owned   bool
	crashed bool          // the last owner has not given it back
	epoch   int64         // of the latest owner
	free    chan struct{} // closed when the ownership is given up; nil while nobody waits
	commits int           // batches with items that were committed or tried
	inject  func(n int, b store.Batch) Fault
	unknown *unknown // a batch that Settle has to settle

	definitions map[string]*store.Definition
	records     []*record // instance of K at K-1; nil when it was purged
	byID        map[string]*record
	timers      []timer // by ascending (due, k, ptr)
	waits       map[topic]map[waiter]wait
	lastSeq     instance.Seq
	events      []*event // by ascending sequence number
	byTopic     map[topic][]*event
	lastLater   int64
	later       []*later               // by ascending (Due, n)
	byDedup     map[dedup]instance.Seq // 0 of a later one
	inbox       []store.Msg            // by ascending N
	lastMsg     int64
	requests    map[string]bool // of the messages in inbox
	unread      map[string]int  // messages in inbox, by Target
	replies     map[string]store.Reply
}

var _ store.Store = (*Store)(nil)

// record is an instance. row has neither cells nor operations.
type record struct {
	row   store.Row
	cells map[instance.CellID][]byte
}

// timer is a wake-up; its instance is that of K.
type timer struct {
	due instance.Instant
	k   int64
	ptr instance.PtrID
	gen uint32
}

// topic is what events and waits meet on.
type topic struct {
	name, key string
	signal    bool
}

// dedup is what makes a publisher's id unique.
type dedup struct {
	topic
	id string
}

// waiter names a wait within a topic.
type waiter struct {
	k   int64
	ptr instance.PtrID
}

type wait struct {
	gen   uint32
	after instance.Seq
	since instance.Instant
}

// event is a published event and how far it was delivered.
type event struct {
	store.Event
	done bool
}

// later is an event that is not visible yet.
type later struct {
	n int64
	store.Event
}

// New returns an empty store.
func New() *Store {
	return &Store{
		definitions: map[string]*store.Definition{},
		byID:        map[string]*record{},
		waits:       map[topic]map[waiter]wait{},
		byTopic:     map[topic][]*event{},
		byDedup:     map[dedup]instance.Seq{},
		requests:    map[string]bool{},
		unread:      map[string]int{},
		replies:     map[string]store.Reply{},
	}
}

// Close does nothing: other hosts may share the store.
func (s *Store) Close() error { return nil }
