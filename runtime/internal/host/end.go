package host

import (
	"fmt"
	"runtime/debug"

	"github.com/wfegen/wfe/runtime/store"
)

// What follows the end of an instance is asked for by a message to the host itself,
// written in the transaction that ends it: a crash does not lose it.

// classEnd is the class of messages that an instance has ended.
const classEnd = "end"

func endOf(id string) store.Msg {
	return store.Msg{Request: "end of " + id, Class: classEnd, Body: []byte(id)}
}

// end begins what follows the end of an instance.
func (b *inbox) end(m store.Msg) {
	b.mu.Lock()
	b.live++
	b.mu.Unlock()
	b.h.service.Go(func() {
		b.h.afterEnd(m)
		b.mu.Lock()
		b.live--
		full := b.live == inboxLive-1
		b.mu.Unlock()
		if full {
			b.look()
		}
	})
}

// afterEnd calls Ended and deletes the message. Where the host ends meanwhile, the
// next one calls it again.
func (h *Host) afterEnd(m store.Msg) {
	id := string(m.Body)
	if h.Ended != nil {
		if err := h.callEnded(id); h.life.Err() != nil {
			return
		} else if err != nil {
			h.Logger.Error("what follows the end of an instance failed; it is not tried again", "instance", id, "error", err)
		}
	}
	h.finish(&Message{Msg: m}, "", nil)
}

func (h *Host) callEnded(id string) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		}
	}()
	return h.Ended(h.life, id)
}
