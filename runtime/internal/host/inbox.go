package host

import (
	"encoding/json"
	"errors"
	"sync"

	"github.com/wfegen/wfe/runtime/store"
)

// inboxPage is how many messages of other processes are dealt with at a time.
const inboxPage = 100

// inboxLoop answers the messages of other processes until the host ends. A page
// is dealt with before the next is read, so that what is read next was not
// answered yet.
func (h *Host) inboxLoop() {
	for h.life.Err() == nil {
		page, err := h.Store.Inbox(h.life, 0, inboxPage)
		if err != nil && h.life.Err() == nil {
			h.Logger.Error("reading messages of other processes failed; it is tried again", "error", err)
		}
		var all sync.WaitGroup
		answered := make([]bool, len(page))
		for i, m := range page {
			all.Go(func() { answered[i] = h.message(m) })
		}
		all.Wait()
		if len(page) == inboxPage && answered[0] {
			continue
		}
		if !h.pause(h.Poll) {
			return
		}
	}
}

// message does what another process asked for, and answers it in the same breath
// in which the message is deleted. It is false when the message was left for later.
func (h *Host) message(m store.Msg) bool {
	reply := &store.Reply{Request: m.Request, Code: ReplyDone}
	err := h.Serve(h.life, m)
	var refused *CommandError
	switch {
	case err == nil:
	case h.life.Err() != nil, errors.Is(err, ErrStopped), errors.Is(err, ErrUnhealthy):
		return false
	case errors.Is(err, ErrAlreadyExists):
		reply.Code, reply.Text = ReplyExists, err.Error()
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
	p := &pending{item: store.Item{Done: m.N, Reply: reply}, done: make(chan store.Outcome, 1)}
	h.queue.put(p)
	_, err = await(h.life, h, p.done)
	return err == nil
}

// The codes of replies to other processes.
const (
	ReplyDone          = "done"
	ReplyExists        = "exists"
	ReplyNotFound      = "not-found"
	ReplyNotRegistered = "not-registered"
	ReplyRefused       = "refused" // Text is a CommandError, JSON
	ReplyInboxFull     = "inbox-full"
	ReplyError         = "error"
)
