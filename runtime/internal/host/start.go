package host

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/internal/tracing"
	"github.com/wfegen/wfe/runtime/store"
)

// Start is a request to begin an instance.
type Start struct {
	Workflow *Workflow
	ID       string
	Data     []byte           // payload
	Hash     []byte           // of what the caller asked for: equal starts of one id are one
	Parent   *instance.Parent // of a child
	From     *Message         // that asked for it; nil if none did

	Reference string           // "" is none
	Unique    bool             // no other live instance of the workflow may have the Reference
	At        instance.Instant // when its first node begins, if that is later

	trace []byte // the span context in which it is started
}

// ErrAlreadyExists says that an id is taken by an instance that was started otherwise.
var ErrAlreadyExists = errors.New("an instance of that id was started with another workflow or other data")

// ErrReferenceTaken says that a live instance of the workflow has the reference, and
// that it, or the one to be started, is to be the only one.
var ErrReferenceTaken = errors.New("a live instance of the workflow has it already")

// start is a Start on its way.
type start struct {
	Start
	reply chan started  // has room for one
	over  chan struct{} // closed with the reply, for other starts of the id
}

type started struct {
	outcome store.Outcome
	err     error
}

func (s *start) answer(o store.Outcome, err error) {
	s.reply <- started{o, err}
	close(s.over)
}

// StartInstance begins an instance and returns when that is durable. Where the id
// is taken by an equal start there is nothing to do and no error.
func (h *Host) StartInstance(ctx context.Context, req Start) error {
	if err := h.check(); err != nil {
		return err
	}
	if err := h.queue.admit(ctx); err != nil {
		return err
	}
	return h.startInstance(ctx, req)
}

// startError says that an instance cannot begin, however often that is tried.
type startError struct{ error }

func (e *startError) Unwrap() error { return e.error }

func (h *Host) startInstance(ctx context.Context, req Start) error {
	req.trace = tracing.Of(ctx)
	for {
		mine, other := h.enter(req)
		if mine == nil && other == nil {
			return h.sameStart(ctx, req)
		}
		if other != nil {
			if _, err := await(ctx, h, other.over); err != nil {
				return fmt.Errorf("wfe: starting %q: %w", req.ID, err)
			}
			continue
		}
		r, err := await(ctx, h, mine.reply)
		switch {
		case err != nil:
			return fmt.Errorf("wfe: starting %q: %w; it may have begun: a start with the same id tells", req.ID, err)
		case r.err != nil:
			return &startError{r.err}
		case r.outcome.Code == store.Exists:
			return h.sameStart(ctx, req)
		case r.outcome.Code == store.Conflict:
			return fmt.Errorf("wfe: starting %q: reference %q: %w", req.ID, req.Reference, ErrReferenceTaken)
		}
		return nil
	}
}

// enter puts the actor of a new instance among the others, so that there is one
// actor of an id at any time. Where there is one already it returns the start that
// is under way there, or nothing when that instance is durable.
func (h *Host) enter(req Start) (mine, other *start) {
	now := h.Clock.Now()
	mine = &start{Start: req, reply: make(chan started, 1), over: make(chan struct{})}
	a := &actor{
		id: req.ID, wf: req.Workflow, start: mine,
		state: &instance.State{ID: req.ID, Definition: req.Workflow.Hash, Status: instance.Runnable, Created: now, Parent: req.Parent, Trace: req.trace},
		mail:  []letter{{in: instance.Input{Kind: instance.Started, At: now, Payload: req.Data, Until: req.At}, from: req.From}},
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if there := h.actors[req.ID]; there != nil {
		return nil, there.start
	}
	h.actors[req.ID] = a
	h.rouse(a)
	return mine, nil
}

// await waits for what comes by a channel. What has come counts more than an end.
func await[T any](ctx context.Context, h *Host, from <-chan T) (T, error) {
	var none T
	var err error
	select {
	case v := <-from:
		return v, nil
	case <-ctx.Done():
		err = ctx.Err()
	case <-h.life.Done():
		err = context.Cause(h.life)
	}
	select {
	case v := <-from:
		return v, nil
	default:
		return none, err
	}
}

// sameStart compares a start with the instance that has its id already.
func (h *Host) sameStart(ctx context.Context, req Start) error {
	r, err := h.Store.Load(ctx, req.ID)
	if err != nil {
		return fmt.Errorf("wfe: starting %q: %w", req.ID, err)
	}
	if !bytes.Equal(r.StartHash, req.Hash) {
		return fmt.Errorf("wfe: starting %q: %w", req.ID, ErrAlreadyExists)
	}
	return nil
}

// Publish makes an event durable and returns its sequence number.
func (h *Host) Publish(ctx context.Context, e store.Event) (instance.Seq, error) {
	if err := h.check(); err != nil {
		return 0, err
	}
	if err := h.queue.admit(ctx); err != nil {
		return 0, err
	}
	p := &pending{item: store.Item{Event: &e}, done: make(chan store.Outcome, 1)}
	h.queue.put(p)
	o, err := await(ctx, h, p.done)
	switch {
	case err != nil:
		return 0, fmt.Errorf("wfe: %w; whether it was published is not known", err)
	case o.Code == store.NoTarget:
		return 0, store.ErrNoTarget
	case o.Code == store.Full:
		return 0, store.ErrFull
	}
	return o.Seq, nil
}

// waited is what waiting for the end of an instance comes to.
type waited struct {
	row *store.Row
	err error // *BlockedError: it will not end in this program
}

// Wait returns the row of an instance once it has ended.
func (h *Host) Wait(ctx context.Context, id string) (*store.Row, error) {
	end := make(chan waited, 1)
	h.mu.Lock()
	h.waiters[id] = append(h.waiters[id], end)
	live := h.actors[id] != nil && h.actors[id].alive
	blocked := h.blocked[id]
	h.mu.Unlock()
	if blocked != nil {
		h.unwait(id, end)
		return nil, fmt.Errorf("wfe: waiting for %q: %w", id, blocked)
	}
	if !live {
		r, err := h.Store.Load(ctx, id)
		if err == nil && !r.Status.Ended() {
			_, err = h.workflow(ctx, r)
		}
		if err != nil || r.Status.Ended() {
			h.unwait(id, end)
		}
		switch {
		case errors.Is(err, store.ErrNotFound):
			return nil, fmt.Errorf("wfe: waiting for %q: %w", id, ErrNotFound)
		case err != nil:
			return nil, fmt.Errorf("wfe: waiting for %q: %w", id, err)
		case r.Status.Ended():
			return r, nil
		}
	}
	w, err := await(ctx, h, end)
	if err == nil {
		err = w.err
	}
	if err != nil {
		h.unwait(id, end)
		return nil, fmt.Errorf("wfe: waiting for %q: %w", id, err)
	}
	return w.row, nil
}

func (h *Host) unwait(id string, end chan<- waited) {
	h.mu.Lock()
	defer h.mu.Unlock()
	left := h.waiters[id][:0]
	for _, w := range h.waiters[id] {
		if w != end {
			left = append(left, w)
		}
	}
	if h.waiters[id] = left; len(left) == 0 {
		delete(h.waiters, id)
	}
}
