package host

import (
	"context"
	"sync"

	"github.com/wfegen/wfe/runtime/engine"
	"github.com/wfegen/wfe/runtime/store"
)

// pending is something to be committed, and what follows once it is.
type pending struct {
	item  store.Item
	actor *actor // of a transition
	mail  []letter
	fx    engine.Effects
	done  chan store.Outcome // if set, gets the outcome; it has room for one
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
	return n
}

// rows is about how many rows the item is.
func (p *pending) rows() int {
	n := 1
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
// while a quarter of it is free, so that results always find room.
type queue struct {
	mu     sync.Mutex
	moved  *sync.Cond
	items  []*pending
	bytes  int
	work   int // items put and not acknowledged
	closed bool
}

func newQueue() *queue {
	q := &queue{}
	q.moved = sync.NewCond(&q.mu)
	return q
}

// put waits for room and adds p. After close it drops p.
func (q *queue) put(p *pending) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for !q.closed && (len(q.items) >= maxQueue || q.bytes >= maxQueueBytes) {
		q.moved.Wait()
	}
	if q.closed {
		return
	}
	q.items = append(q.items, p)
	q.bytes += p.size()
	q.work++
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
	stop := context.AfterFunc(ctx, func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.moved.Broadcast()
	})
	defer stop()
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

// finished says that n items are acknowledged.
func (q *queue) finished(n int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.work -= n
	q.moved.Broadcast()
}

// drain waits until all that was put is acknowledged.
func (q *queue) drain() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.work > 0 && !q.closed {
		q.moved.Wait()
	}
}

// nudge makes take look at its beat again.
func (q *queue) nudge() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.moved.Broadcast()
}

func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.items = nil
	q.moved.Broadcast()
}
