package host

import (
	"encoding/json"
	"errors"
	"sync"
	"time"

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

// answer does what another process asked for; its answer is written with the end of
// the message, after what it asked for: a crash between the two has it done again.
// It is false when the message was left for later.
func (h *Host) answer(m store.Msg) bool {
	text, err := h.Serve(h.life, m)
	reply := &store.Reply{Request: m.Request, Code: ReplyDone, Text: text}
	var refused *CommandError
	switch {
	case err == nil:
	case h.life.Err() != nil, errors.Is(err, ErrStopped), errors.Is(err, ErrUnhealthy):
		return false
	case errors.Is(err, ErrAlreadyExists):
		reply.Code, reply.Text = ReplyExists, err.Error()
	case errors.Is(err, ErrReferenceTaken):
		reply.Code, reply.Text = ReplyReferenceTaken, err.Error()
	case errors.Is(err, ErrLive):
		reply.Code, reply.Text = ReplyLive, err.Error()
	case errors.Is(err, ErrNotFound):
		reply.Code, reply.Text = ReplyNotFound, err.Error()
	case errors.As(err, &refused):
		text, _ := json.Marshal(refused)
		reply.Code, reply.Text = ReplyRefused, string(text)
	case errors.Is(err, ErrInboxFull):
		reply.Code, reply.Text = ReplyInboxFull, err.Error()
	case errors.Is(err, ErrNotRegistered):
		reply.Code, reply.Text = ReplyNotRegistered, err.Error()
	default:
		reply.Code, reply.Text = ReplyError, err.Error()
	}
	reply.At = h.Clock.Now()
	return h.write(store.Item{Done: m.N, Reply: reply})
}

// write writes an item that is no transition; false when the host ends before that
// is durable.
func (h *Host) write(it store.Item) bool {
	p := &pending{item: it, done: make(chan store.Outcome, 1)}
	h.queue.put(p)
	_, err := await(h.life, h, p.done)
	return err == nil
}

// The codes of replies to other processes.
const (
	ReplyDone           = "done"
	ReplyExists         = "exists"
	ReplyNotFound       = "not-found"
	ReplyReferenceTaken = "reference-taken"
	ReplyLive           = "live"
	ReplyNotRegistered  = "not-registered"
	ReplyRefused        = "refused" // Text is a CommandError, JSON
	ReplyInboxFull      = "inbox-full"
	ReplyError          = "error"
)
