package host

import (
	"context"
	"sync"

	"github.com/wfegen/wfe/runtime/engine"
	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/store"
)

// pending is something to be committed, and what follows once it is.
type pending struct {
	item store.Item
	done chan store.Outcome // if set, gets the outcome; it has room for one
	n    uint64             // its place in the order of commits, given by put

	// Of a transition: see Host.spare.
	actor *actor
	from  instance.Status // before it
	mail  []letter        // that it takes
	in    []instance.Input
	fx    engine.Effects
}

// size is about how many bytes the item is.
func (p *pending) size() int {
	n := 256
	if r := p.item.Instance; r != nil {
		n += len(r.Head)
		for i := range r.Cells {
			n += 32 + len(r.Cells[i].Body)
		}
	}
	if e := p.item.Event; e != nil {
		n += len(e.Payload)
	}
	for i := range p.item.Send {
		n += len(p.item.Send[i].Body)
	}
	return n
}

// rows is about how many rows the item is.
func (p *pending) rows() int {
	n := 1 + len(p.item.Send) + 2*len(p.item.Done)
	if r := p.item.Instance; r != nil {
		n += len(r.Cells) + len(r.Drop) + len(r.Timers) + len(r.Waits)
	}
	return n
}

// The bounds of what waits for a commit, and of one batch.
const (
	maxQueue      = 8192
	maxQueueBytes = 64 << 20
	maxBatch      = 512
	maxBatchRows  = 4096
	maxBatchBytes = 2 << 20
)

// queue holds what waits for the committer. Calls from outside are admitted only
// while a quarter of it is free, so that results always find room. Things are
// committed, and acknowledged, in the order in which they were put.
type queue struct {
	clock  Clock
	mu     sync.Mutex // guards all that follows
	moved  *sync.Cond
	items  []*pending
	bytes  int
	closed bool

	last  uint64 // number of the item that was put last
	acked uint64 // number up to which all items are acknowledged
	event uint64 // number of the last item with an event
}

func newQueue(c Clock) *queue {
	q := &queue{clock: c}
	q.moved = sync.NewCond(&q.mu)
	return q
}

// put waits for room and adds p. After close it drops p. An event is published
// now, so that events have the times of their order.
func (q *queue) put(p *pending) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for !q.closed && (len(q.items) >= maxQueue || q.bytes >= maxQueueBytes) {
		q.moved.Wait()
	}
	if q.closed {
		return
	}
	q.last++
	p.n = q.last
	if e := p.item.Event; e != nil {
		if e.Published = q.clock.Now(); e.Due <= e.Published {
			e.Due = 0
		}
	}
	if p.item.Event != nil || p.item.Release != 0 {
		q.event = p.n
	}
	q.items = append(q.items, p)
	q.bytes += p.size()
	q.moved.Broadcast()
}

// admit waits until there is room for a call from outside.
func (q *queue) admit(ctx context.Context) error {
	full := func() bool { return len(q.items) >= maxQueue*3/4 || q.bytes >= maxQueueBytes*3/4 }
	q.mu.Lock()
	defer q.mu.Unlock()
	if !full() {
		return nil
	}
	defer context.AfterFunc(ctx, q.nudge)()
	for full() && !q.closed {
		if ctx.Err() != nil {
			return ErrOverloaded
		}
		q.moved.Wait()
	}
	return nil
}

// take returns the next batch, without waiting for it to fill. It waits until
// there is something, beat says that it is time for a sign of life (then the
// batch is empty), or the queue is closed (then ok is false).
func (q *queue) take(into []*pending, beat func() bool) (batch []*pending, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.items) == 0 && !q.closed && !beat() {
		q.moved.Wait()
	}
	if q.closed {
		return nil, false
	}
	rows, bytes := 0, 0
	for _, p := range q.items {
		if len(into) == maxBatch || len(into) > 0 && (rows+p.rows() > maxBatchRows || bytes+p.size() > maxBatchBytes) {
			break
		}
		rows, bytes = rows+p.rows(), bytes+p.size()
		into = append(into, p)
	}
	clear(q.items[:len(into)])
	q.items = q.items[len(into):]
	q.bytes -= bytes
	q.moved.Broadcast()
	return into, true
}

// finished says that all up to number n are acknowledged.
func (q *queue) finished(n uint64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.acked = n
	q.moved.Broadcast()
}

// drain waits until all that was put is acknowledged, and closes the queue in the
// same breath: what is put later was never taken. It gives up when hopeless says so.
func (q *queue) drain(hopeless func() bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.acked < q.last && !q.closed && !hopeless() {
		q.moved.Wait()
	}
	q.shut()
}

// published waits until the events that were put so far are durable.
func (q *queue) published() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for n := q.event; q.acked < n && !q.closed; {
		q.moved.Wait()
	}
}

// nudge makes those who wait for the queue look again.
func (q *queue) nudge() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.moved.Broadcast()
}

func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.shut()
}

// shut closes the queue. q.mu is held.
func (q *queue) shut() {
	q.closed = true
	q.items = nil
	q.moved.Broadcast()
}
