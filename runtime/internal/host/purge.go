package host

import (
	"context"
	"errors"
	"fmt"

	"github.com/wfegen/wfe/runtime/store"
)

// ErrLive says that an instance has not ended and is therefore not deleted.
var ErrLive = errors.New("only an instance that has ended is deleted, and this one lives: Terminate ends it")

// PurgeBatch is how many instances are deleted in one transaction.
const PurgeBatch = 100

// Purge deletes one batch of instances that have ended, and returns how many. from
// is the message that asked for it; nil if none did.
func (h *Host) Purge(ctx context.Context, p store.Purge, from *Message) (int, error) {
	if err := h.check(); err != nil {
		return 0, err
	}
	if err := h.queue.admit(ctx); err != nil {
		return 0, err
	}
	p.Limit = PurgeBatch
	w := &pending{item: store.Item{Purge: &p}, done: make(chan store.Outcome, 1)}
	if from != nil {
		end := from.done(h.Clock.Now(), "", nil)
		end.Count = true
		w.item.Done = []store.Done{end}
	}
	h.queue.put(w)
	o, err := await(ctx, h, w.done)
	if err != nil {
		return 0, fmt.Errorf("wfe: purging: %w; it may be done all the same", err)
	}
	if o.Code == store.Written {
		if from != nil {
			from.over.Store(true)
		}
		return o.N, nil
	}
	r, err := h.Store.Load(ctx, p.ID)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return 0, fmt.Errorf("wfe: purging %q: %w", p.ID, ErrNotFound)
	case err != nil:
		return 0, fmt.Errorf("wfe: purging %q: %w", p.ID, err)
	case !r.Status.Ended():
		return 0, fmt.Errorf("wfe: purging %q: %w", p.ID, ErrLive)
	}
	return 0, nil // it has ended, and is not asked for
}
