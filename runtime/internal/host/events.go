package host

import (
	"errors"
	"sync"
	"time"

	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/store"
)

// Bounds of the delivery of events.
const (
	eventPage  = 1000 // events, and waits of one event, that are read at a time
	eventsLive = 1024 // events that are being delivered at the same time
)

// events offers each event to all instances that wait for it. Events of one name
// and key are delivered one after the other, in the order of their numbers. That
// an event is delivered is noted when all those instances have taken or refused
// it durably; after a crash it is offered again, and what took it ignores that.
type events struct {
	h     *Host
	kick  chan struct{}
	swept time.Duration // Clock.Since of the last sweep; only loop uses it

	mu     sync.Mutex // guards what follows
	again  bool       // read from the beginning
	after  instance.Seq
	live   map[instance.Seq]int64     // events that are being delivered, or wait for it, with their rounds
	missed bool                       // one of them became undelivered again meanwhile
	chains map[eventKey][]store.Event // events that wait for the one before
}

type eventKey struct {
	name, key string
	signal    bool
}

func newEvents(h *Host) *events {
	return &events{h: h, kick: make(chan struct{}, 1), live: map[instance.Seq]int64{}, chains: map[eventKey][]store.Event{}}
}

// look says that there is something to deliver; again, that it may be an event
// that was delivered before.
func (e *events) look(again bool) {
	if again {
		e.mu.Lock()
		e.again = true
		e.mu.Unlock()
	}
	select {
	case e.kick <- struct{}{}:
	default:
	}
}

// loop reads undelivered events until the host ends: those of this host when they
// are published, those of other processes soon after.
func (e *events) loop() {
	for e.h.life.Err() == nil {
		next := e.reveal(e.h.Clock.Now())
		e.sweep()
		if e.read() {
			continue
		}
		tick := make(chan struct{})
		stop := e.h.Clock.AfterFunc(min(e.h.Poll, next), func() { close(tick) })
		select {
		case <-tick:
		case <-e.kick:
		case <-e.h.life.Done():
		}
		stop()
	}
}

// read takes one page of events; true when there may be more.
func (e *events) read() bool {
	e.mu.Lock()
	if e.again {
		e.after, e.again = 0, false
	}
	after, room := e.after, eventsLive-len(e.live)
	e.mu.Unlock()
	if room <= 0 {
		return false
	}
	page, err := e.h.Store.Undelivered(e.h.life, after, min(eventPage, room))
	if err != nil {
		if e.h.life.Err() == nil {
			e.h.Logger.Error("reading events failed; it is tried again", "error", err)
		}
		return false
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, ev := range page {
		e.after = max(e.after, ev.Seq)
		if round, live := e.live[ev.Seq]; live {
			e.missed = e.missed || round != ev.Round
			continue
		}
		e.live[ev.Seq] = ev.Round
		key := eventKey{ev.Name, ev.Key, ev.Signal}
		if chain, busy := e.chains[key]; busy {
			e.chains[key] = append(chain, ev)
			continue
		}
		e.chains[key] = nil
		e.h.service.Go(func() { e.deliver(ev) })
	}
	return len(page) > 0
}

// deliver offers an event to all who wait for it, then the next one of its name and key.
func (e *events) deliver(ev store.Event) {
	for {
		delivered := e.offer(ev)
		e.mu.Lock()
		delete(e.live, ev.Seq)
		look, again := len(e.live) == eventsLive-1, e.missed
		e.missed = false
		key := eventKey{ev.Name, ev.Key, ev.Signal}
		chain := e.chains[key]
		if len(chain) == 0 {
			delete(e.chains, key)
		} else {
			e.chains[key] = chain[1:]
		}
		e.mu.Unlock()
		if delivered {
			e.h.queue.put(&pending{item: store.Item{Delivered: &store.Delivered{Seq: ev.Seq, Round: ev.Round}}})
		}
		if look || again {
			e.look(again)
		}
		if len(chain) == 0 {
			return
		}
		ev = chain[0]
	}
}

// offer offers an event page by page. It is false when an instance could not look
// at it: then it stays undelivered for the next host.
func (e *events) offer(ev store.Event) bool {
	if ev.Signal {
		return e.hand(ev, []store.Wait{{Key: store.Key{ID: ev.Key}}})
	}
	all := true
	for after := (store.Wait{}); ; {
		waits, err := e.h.Store.Waits(e.h.life, ev, after, eventPage)
		if err != nil {
			if e.h.life.Err() == nil {
				e.h.Logger.Error("reading who waits for an event failed; it is tried again", "event", ev.Name, "error", err)
				if e.h.pause(time.Second) {
					e.look(true)
				}
			}
			return false
		}
		all = e.hand(ev, waits) && all
		if len(waits) < eventPage || e.h.life.Err() != nil {
			return all
		}
		after = waits[len(waits)-1]
	}
}

// hand gives an event to waits and returns when that is settled; false if one could
// not look at it.
func (e *events) hand(ev store.Event, waits []store.Wait) bool {
	settled := make(chan struct{})
	left, all := len(waits), true
	if left == 0 {
		return true
	}
	var mu sync.Mutex // guards left and all
	for _, w := range waits {
		e.h.post(w.ID, letter{
			in: offer(ev, w.Ptr, w.Gen),
			done: func(taken bool, err error) {
				mu.Lock()
				defer mu.Unlock()
				all = all && (taken || errors.Is(err, ErrNotFound))
				if left--; left == 0 {
					close(settled)
				}
			},
		})
	}
	select {
	case <-settled:
		return all
	case <-e.h.life.Done():
		return false
	}
}

// offer is the input that offers an event to a pointer that waits, or a signal to
// an instance.
func offer(ev store.Event, ptr instance.PtrID, gen uint32) instance.Input {
	in := instance.Input{Kind: instance.EventOffered, Ptr: ptr, Gen: gen, Seq: ev.Seq, At: ev.Published, Payload: ev.Payload, Trace: ev.Trace}
	if ev.Signal {
		in.Signal = ev.Name
	}
	return in
}
