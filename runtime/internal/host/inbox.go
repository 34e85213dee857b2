package host

import (
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/store"
)

// Bounds of what is dealt with at the same time.
const (
	inboxPage = 100  // requests of other processes; messages that are read at a time
	inboxLive = 1024 // messages to instances that are on their way
)

// inbox reads the messages to this host: requests of other processes, and what
// instances tell each other. Those to one instance are handed over in their order.
type inbox struct {
	h     *Host
	kick  chan struct{}
	after int64         // up to there they were read
	left  []store.Msg   // requests that could not be dealt with
	swept time.Duration // clock.Since of when old replies were deleted last

	mu     sync.Mutex // guards what follows
	live   int
	chains map[string][]letterTo // to an instance: they wait for the one before
}

func newInbox(h *Host) *inbox {
	return &inbox{h: h, kick: make(chan struct{}, 1), chains: map[string][]letterTo{}}
}

// look says that there may be something to read.
func (b *inbox) look() {
	select {
	case b.kick <- struct{}{}:
	default:
	}
}

// loop deals with messages until the host ends: at once with those that this host
// has written, and soon after with those of other processes.
func (b *inbox) loop() {
	for b.h.life.Err() == nil {
		if b.read() {
			continue
		}
		tick := make(chan struct{})
		stop := b.h.Clock.AfterFunc(b.h.Poll, func() { close(tick) })
		select {
		case <-tick:
		case <-b.kick:
		case <-b.h.life.Done():
		}
		stop()
	}
}

// read deals with a page of requests, and begins to deliver what is for instances;
// true when there may be more.
func (b *inbox) read() bool {
	b.mu.Lock()
	room := min(inboxPage-len(b.left), inboxLive-b.live)
	b.mu.Unlock()
	var page []store.Msg
	if room > 0 {
		var err error
		if page, err = b.h.Store.Inbox(b.h.life, b.after, room); err != nil && b.h.life.Err() == nil {
			b.h.Logger.Error("reading messages failed; it is tried again", "error", err)
		}
	}
	requests := b.left
	for _, m := range page {
		b.after = m.N
		switch m.Class {
		case classInstance:
			b.deliver(m)
		case classEnd:
			b.end(m)
		default:
			requests = append(requests, m)
		}
	}
	b.left = b.h.answerAll(requests)
	if now := b.h.Clock.Since(); len(requests) > 0 && now-b.swept >= sweepEvery {
		b.swept = now
		b.h.queue.put(b.h.dropReplies())
	}
	return room > 0 && len(page) == room
}

// Replies are kept for a while: who asked looks for 10 s.
const (
	keepReplies = time.Hour
	sweepEvery  = time.Minute
)

func (h *Host) dropReplies() *pending {
	return &pending{item: store.Item{DropReplies: h.Clock.Now().Add(-keepReplies)}}
}

// answerAll answers requests of other processes, and returns those that it could
// not. Those of one instance are answered one after the other, in their order.
func (h *Host) answerAll(requests []store.Msg) (left []store.Msg) {
	var all sync.WaitGroup
	answered := make([]bool, len(requests))
	of := map[string][]int{}
	for i, m := range requests {
		id := h.About(m)
		of[id] = append(of[id], i)
	}
	for _, l := range of {
		all.Go(func() {
			for _, i := range l {
				if answered[i] = h.answer(requests[i]); !answered[i] {
					return
				}
			}
		})
	}
	all.Wait()
	for i, m := range requests {
		if !answered[i] {
			left = append(left, m)
		}
	}
	return left
}

// answer does what another process asked for. Where that changes something, the
// message ends with it and is answered; else here, by a commit of its own. It is
// false when the message was left for later.
func (h *Host) answer(msg store.Msg) bool {
	m := &Message{Msg: msg}
	text, err := h.Serve(h.life, m)
	switch {
	case m.over.Load():
		if err != nil {
			h.Logger.Error("a request was done and answered; what came behind it failed", "request", m.Request, "error", err)
		}
		return true
	case err != nil && (h.life.Err() != nil || errors.Is(err, ErrStopped) || errors.Is(err, ErrUnhealthy)):
		return false
	}
	return h.finish(m, text, err)
}

// Message is a message to this host on its way to what it asks for. It ends, and
// is answered, in the transaction that does that: so it is done once, and a crash
// at any time leaves it either as it was or done and answered.
type Message struct {
	store.Msg
	over atomic.Bool // it has ended durably
}

// done is the end of m, with the answer if it is a request.
func (m *Message) done(at instance.Instant, text string, err error) store.Done {
	d := store.Done{N: m.N}
	if m.Class != classInstance && m.Class != classEnd {
		d.Reply = replyTo(m.Request, at, text, err)
	}
	return d
}

// finish ends m by a commit of its own, and sends others with it; false when the
// host ends before that is durable.
func (h *Host) finish(m *Message, text string, err error, send ...store.Msg) bool {
	p := &pending{item: store.Item{Done: []store.Done{m.done(h.Clock.Now(), text, err)}, Send: send}, done: make(chan store.Outcome, 1)}
	h.queue.put(p)
	if _, err := await(h.life, h, p.done); err != nil {
		return false
	}
	m.over.Store(true)
	return true
}
