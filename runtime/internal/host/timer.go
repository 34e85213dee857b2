package host

import (
	"cmp"
	"container/heap"
	"sync"
	"time"

	"github.com/wfegen/wfe/runtime/engine"
	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/store"
)

// How far ahead, and how many, timers are held in memory, and how often the wall
// clock is looked at.
const (
	timerWindow = time.Minute
	timerLook   = time.Second
	timerMax    = 10_000
	timerPage   = 1_000
)

// timers wakes instances. The store holds all timers; those up to the edge are in
// memory too. What is set up to the edge is added here when it is durable; the
// edge moves on before the store is read, so that a timer that is set meanwhile
// is not missed.
type timers struct {
	h    *Host
	kick chan struct{} // an earlier timer was set
	// window and look are timerWindow and timerLook, or longer than anything with a Steady clock.
	window, look time.Duration

	mu   sync.Mutex
	edge store.Timer
	heap timerHeap
	live map[timerKey]bool
}

type timerKey struct {
	due instance.Instant
	k   int64
	ptr instance.PtrID
	gen uint32 // one that is set again for the same time is another
}

func newTimers(h *Host) *timers {
	t := &timers{h: h, kick: make(chan struct{}, 1), live: map[timerKey]bool{}, window: timerWindow, look: timerLook}
	if _, ok := h.Clock.(Steady); ok {
		const years = 365 * 24 * time.Hour
		t.window, t.look = 100*years, 100*years
	}
	return t
}

// apply takes over a change that is durable.
func (t *timers) apply(id string, k int64, op engine.Timer) {
	t.mu.Lock()
	defer t.mu.Unlock()
	key := timerKey{op.Due, k, op.Ptr, op.Gen}
	if !op.Set {
		delete(t.live, key)
		return
	}
	tm := store.Timer{Due: op.Due, Key: store.Key{K: k, ID: id}, Ptr: op.Ptr, Gen: op.Gen}
	if order(tm, t.edge) <= 0 {
		t.push(tm)
	}
}

// push adds a timer. t.mu is held.
func (t *timers) push(tm store.Timer) {
	key := timerKey{tm.Due, tm.K, tm.Ptr, tm.Gen}
	if t.live[key] {
		return
	}
	t.live[key] = true
	heap.Push(&t.heap, tm)
	if t.heap[0] == tm {
		select {
		case t.kick <- struct{}{}:
		default:
		}
	}
}

// loop fires timers until the host ends.
func (t *timers) loop() {
	for {
		wait := t.fire()
		tick := make(chan struct{})
		stop := t.h.Clock.AfterFunc(wait, func() { close(tick) })
		select {
		case <-tick:
		case <-t.kick:
		case <-t.h.life.Done():
		}
		stop()
		if t.h.life.Err() != nil {
			return
		}
	}
}

// fire posts what is due, and returns how long to wait for the next one.
func (t *timers) fire() time.Duration {
	now := t.h.Clock.Now()
	known := !t.low(now) || t.refill(now)
	t.mu.Lock()
	var due []store.Timer
	for len(t.heap) > 0 && t.heap[0].Due <= now {
		tm := heap.Pop(&t.heap).(store.Timer)
		key := timerKey{tm.Due, tm.K, tm.Ptr, tm.Gen}
		if t.live[key] {
			delete(t.live, key)
			due = append(due, tm)
		}
	}
	// The wall clock may jump: it is looked at again every second. What lies
	// beyond the edge is not known; when that cannot be read, it is tried again.
	wait := timerLook
	if known {
		wait = min(t.look, t.edge.Due.Sub(now))
	}
	if len(t.heap) > 0 {
		wait = min(wait, t.heap[0].Due.Sub(now))
	}
	t.mu.Unlock()
	if len(due) > 0 {
		t.h.samples.take(Sample{SampleTimers, len(due), now.Sub(due[0].Due)})
	}
	for _, tm := range due {
		t.h.post(tm.ID, letter{in: instance.Input{Kind: instance.TimerDue, Ptr: tm.Ptr, Gen: tm.Gen, At: now}})
	}
	return max(wait, 0)
}

// low reports whether it is time to read on.
func (t *timers) low(now instance.Instant) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.edge.Due.Sub(now) < t.window/2 && len(t.heap) < timerMax/2
}

// refill reads on from the edge; false when that failed.
func (t *timers) refill(now instance.Instant) bool {
	t.mu.Lock()
	from, to := t.edge, store.Timer{Due: now.Add(t.window), Key: store.Key{K: maxInt64}}
	t.edge = to
	t.mu.Unlock()
	failed := false
	for n := 0; n < timerMax; n += timerPage {
		page, err := t.h.Store.Due(t.h.life, from, timerPage)
		if err != nil {
			if t.h.life.Err() == nil {
				t.h.Logger.Error("reading timers failed; it is tried again", "error", err)
			}
			failed = true
			break
		}
		t.mu.Lock()
		for _, tm := range page {
			if order(tm, to) > 0 {
				t.mu.Unlock()
				return true
			}
			t.push(tm)
			from = tm
		}
		t.mu.Unlock()
		if len(page) < timerPage {
			return true
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.edge = from // not all of them were read
	return !failed
}

// order compares timers as the store lists them.
func order(a, b store.Timer) int {
	return cmp.Or(cmp.Compare(a.Due, b.Due), cmp.Compare(a.K, b.K), cmp.Compare(a.Ptr, b.Ptr))
}

const maxInt64 = 1<<63 - 1

type timerHeap []store.Timer

func (h timerHeap) Len() int           { return len(h) }
func (h timerHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h timerHeap) Less(i, j int) bool { return order(h[i], h[j]) < 0 }
func (h *timerHeap) Push(x any)        { *h = append(*h, x.(store.Timer)) }
func (h *timerHeap) Pop() any {
	old := *h
	x := old[len(old)-1]
	*h = old[:len(old)-1]
	return x
}
