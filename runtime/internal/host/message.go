package host

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/wfegen/wfe/runtime/engine"
	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/internal/tracing"
	"github.com/wfegen/wfe/runtime/store"
)

// What instances tell each other. A message is durable with the transition that
// sends it, and deleted with the one that takes it, or by itself when it comes too
// late for anybody to take it.

// classInstance is the class of messages to an instance.
const classInstance = "instance"

// messages makes what an instance sends ready for the store.
func messages(send []engine.Msg) ([]store.Msg, error) {
	if len(send) == 0 {
		return nil, nil
	}
	msgs := make([]store.Msg, len(send))
	for i := range send {
		body, err := json.Marshal(&send[i])
		if err != nil {
			return nil, fmt.Errorf("wfe: encoding a message to %q: %w", send[i].To, err)
		}
		msgs[i] = store.Msg{Request: send[i].ID, Class: classInstance, Body: body}
	}
	return msgs, nil
}

// letterTo is a message on its way.
type letterTo struct {
	from *Message
	engine.Msg
}

// deliver begins to hand over a message, after those to the same instance that came
// before it.
func (b *inbox) deliver(m store.Msg) {
	l := letterTo{from: &Message{Msg: m}}
	if err := json.Unmarshal(m.Body, &l.Msg); err != nil {
		b.h.Logger.Error("a message to an instance does not decode; it is left alone", "number", m.N, "error", err)
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.live++
	if chain, busy := b.chains[l.To]; busy {
		b.chains[l.To] = append(chain, l)
		return
	}
	b.chains[l.To] = nil
	b.h.service.Go(func() { b.deliverAll(l) })
}

// deliverAll hands over a message, then the others to its instance.
func (b *inbox) deliverAll(l letterTo) {
	for {
		b.h.handOver(l)
		b.mu.Lock()
		b.live--
		full := b.live == inboxLive-1
		chain := b.chains[l.To]
		if len(chain) == 0 {
			delete(b.chains, l.To)
		} else {
			b.chains[l.To] = chain[1:]
		}
		b.mu.Unlock()
		if full {
			b.look()
		}
		if len(chain) == 0 {
			return
		}
		l = chain[0]
	}
}

// handOver gives a message to its instance, and deletes it if that did not. What this program cannot
// do is left for one that can.
func (h *Host) handOver(l letterTo) {
	var blocked *BlockedError
	for {
		err := h.tellInstance(l)
		switch {
		case l.from.over.Load():
			return
		case err == nil, errors.Is(err, ErrNotFound): // it may be gone: nobody is there to take it
			h.finish(l.from, "", nil)
			return
		case h.life.Err() != nil, errors.As(err, &blocked):
			return
		}
		h.Logger.Error("handing over a message failed; it is tried again", "instance", l.To, "error", err)
		if !h.pause(time.Second) {
			return
		}
	}
}

func (h *Host) tellInstance(l letterTo) error {
	if l.Start != nil {
		return h.startChild(l)
	}
	done := make(chan error, 1)
	h.post(l.To, letter{in: *l.Input, from: l.from, done: func(_ bool, err error) { done <- err }})
	failed, err := await(h.life, h, done)
	var refused *CommandError
	switch {
	case err != nil:
		return err
	case errors.As(failed, &refused): // it has ended in the meantime
		return nil
	}
	return failed
}

// startChild starts an instance that another one asked for. Where it cannot begin
// its parent is told so, as if it had begun and failed.
func (h *Host) startChild(l letterTo) error {
	c := l.Start
	w := h.find(c.Workflow, c.Version)
	if w == nil {
		b := &BlockedError{Instance: l.To, Reason: fmt.Sprintf("workflow %s version %d is not registered in this program; register it, or run the program that has it", c.Workflow, c.Version)}
		h.block(b)
		return b
	}
	err := h.beginChild(tracing.With(h.life, c.Trace), Start{Workflow: w, ID: l.To, Data: c.Data, Hash: childHash(c), Parent: &c.Parent, From: l.from})
	var no *startError
	if !errors.As(err, &no) && !errors.Is(err, ErrAlreadyExists) {
		return err
	}
	told, err := messages([]engine.Msg{{ID: engine.EndOf(l.To), To: c.Parent.ID, Input: &instance.Input{Kind: instance.ChildEnded,
		Ptr: c.Parent.Ptr, Gen: c.Parent.Gen, At: h.Clock.Now(), Err: &instance.StepError{Message: err.Error()}}}})
	if err == nil && !h.finish(l.from, "", nil, told...) {
		err = context.Cause(h.life)
	}
	return err
}

// beginChild starts a child through what wraps that. What keeps it from beginning
// there is for its parent to know.
func (h *Host) beginChild(ctx context.Context, s Start) error {
	if h.Child == nil {
		return h.startInstance(ctx, s)
	}
	asked := false
	var started error
	err := h.Child(ctx, s, func(ctx context.Context) error {
		asked, started = true, h.startInstance(ctx, s)
		return started
	})
	switch {
	case asked:
		return started
	case err == nil:
		err = errors.New("the middleware of its start did not start it, and gave no error")
	}
	return &startError{err}
}

// childHash is of what was asked for. That it is a child, and whose, is part of
// that: the start of somebody else under the same id is another one.
func childHash(c *engine.Child) []byte {
	h := sha256.New()
	fmt.Fprintf(h, "child of %q %d %d: %q %d ", c.Parent.ID, c.Parent.Ptr, c.Parent.Gen, c.Workflow, c.Version)
	h.Write(c.Data)
	return h.Sum(nil)
}
