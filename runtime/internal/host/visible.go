package host

import (
	"time"

	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/store"
)

// When events are seen, and how long they are kept.

// How often, and how many at a time, events are deleted whose time to live is over.
const (
	sweepEach = time.Minute
	sweepPage = 1000
)

// reveal makes the later events visible that are due at now. It returns when they
// have their numbers, with the time from now until the next one is due.
func (e *events) reveal(now instance.Instant) time.Duration {
	for e.h.life.Err() == nil {
		page, err := e.h.Store.Later(e.h.life, eventPage)
		if err != nil {
			if e.h.life.Err() == nil {
				e.h.Logger.Error("reading events that are not visible yet failed; it is tried again", "error", err)
			}
			return time.Second
		}
		for i, l := range page {
			if l.Due > now {
				if i > 0 {
					e.h.queue.published()
				}
				return l.Due.Sub(now)
			}
			e.h.queue.put(&pending{item: store.Item{Release: l.N}})
		}
		if len(page) == 0 {
			break
		}
		e.h.queue.published()
	}
	return time.Hour
}

// sweep deletes, each minute, a page of events whose time to live is over; while
// there are more it goes on at its next turn.
func (e *events) sweep() {
	if e.h.Clock.Since() < e.swept+sweepEach {
		return
	}
	now := e.h.Clock.Now()
	expired, err := e.h.Store.Expired(e.h.life, now)
	if err != nil && e.h.life.Err() == nil {
		e.h.Logger.Error("looking for events to delete failed; it is tried again", "error", err)
	}
	if !expired {
		e.swept = e.h.Clock.Since()
		return
	}
	p := &pending{item: store.Item{Expire: &store.Expire{Now: now, Limit: sweepPage}}, done: make(chan store.Outcome, 1)}
	e.h.queue.put(p)
	o, err := await(e.h.life, e.h, p.done)
	if err == nil && o.N < sweepPage {
		e.swept = e.h.Clock.Since()
	}
}
