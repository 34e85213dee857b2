package host

import (
	"errors"

	"github.com/wfegen/wfe/runtime/store"
)

// inboxLoop answers the messages of other processes until the host ends.
func (h *Host) inboxLoop() {
	var after int64
	for h.life.Err() == nil {
		page, err := h.Store.Inbox(h.life, after, inboxPage)
		if err != nil && h.life.Err() == nil {
			h.Logger.Error("reading messages of other processes failed; it is tried again", "error", err)
		}
		for _, m := range page {
			after = m.N
			h.service.Go(func() { h.message(m) })
		}
		if len(page) == inboxPage {
			continue
		}
		if !h.pause(h.Poll) {
			return
		}
	}
}

const inboxPage = 100

// message does what another process asked for, and answers it in the same breath
// in which the message is deleted.
func (h *Host) message(m store.Msg) {
	reply := &store.Reply{Request: m.Request, At: h.Clock.Now(), Code: ReplyDone}
	err := h.Serve(h.life, m)
	switch {
	case err == nil:
	case h.life.Err() != nil, errors.Is(err, ErrStopped), errors.Is(err, ErrUnhealthy):
		return // the message stays for the next host
	case errors.Is(err, ErrAlreadyExists):
		reply.Code, reply.Text = ReplyExists, err.Error()
	default:
		reply.Code, reply.Text = ReplyError, err.Error()
	}
	h.queue.put(&pending{item: store.Item{Done: m.N, Reply: reply}})
}

// The codes of replies to other processes.
const (
	ReplyDone   = "done"
	ReplyExists = "exists"
	ReplyError  = "error"
)
