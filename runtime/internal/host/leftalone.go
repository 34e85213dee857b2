package host

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"maps"
	"slices"

	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/store"
)

// block notes that an instance is left alone.
func (h *Host) block(b *BlockedError) {
	h.mu.Lock()
	_, known := h.blocked[b.Instance]
	h.blocked[b.Instance] = b
	h.mu.Unlock()
	if !known {
		h.Logger.Warn("instance blocked", "instance", b.Instance, "node", b.Node, "reason", b.Reason)
	}
	h.tell(b.Instance, waited{err: b})
}

// unblock notes that an instance goes on all the same.
func (h *Host) unblock(id string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.blocked, id)
}

// scanPage is how many instances a scan of the store reads at a time.
const scanPage = 1000

// Blocked lists the instances that this program leaves alone: those that it met, by
// id, then those of the store that it would leave alone when it meets them, in the
// order of their creation, the runnable before the suspended. It ends with the first
// error.
func (h *Host) Blocked(ctx context.Context) iter.Seq2[*BlockedError, error] {
	return func(yield func(*BlockedError, error) bool) {
		h.mu.Lock()
		met := maps.Clone(h.blocked)
		h.mu.Unlock()
		for _, b := range slices.SortedFunc(maps.Values(met), func(a, b *BlockedError) int { return cmp.Compare(a.Instance, b.Instance) }) {
			if !yield(b, nil) {
				return
			}
		}
		for _, status := range []instance.Status{instance.Runnable, instance.Suspended} {
			for s, err := range h.list(ctx, store.Query{Status: status, Limit: scanPage}) {
				var b *BlockedError
				if err == nil && met[s.ID] == nil {
					b, err = h.BlockedBy(ctx, s.ID, s.Definition)
				}
				if (b != nil || err != nil) && !yield(b, err) || err != nil {
					return
				}
			}
		}
	}
}

// list lists all that q asks for, page by page of its Limit.
func (h *Host) list(ctx context.Context, q store.Query) iter.Seq2[store.Summary, error] {
	return func(yield func(store.Summary, error) bool) {
		for more := true; more; {
			page, err := h.Store.Query(ctx, q)
			if err != nil {
				yield(store.Summary{}, err)
				return
			}
			for _, s := range page {
				if !yield(s, nil) {
					return
				}
			}
			if more = len(page) == q.Limit; more {
				q.After = &page[len(page)-1].Place
			}
		}
	}
}

// BlockedBy returns why this program leaves a live instance of a definition alone;
// nil if it does not, or does not know it yet: that it cannot read the data of one
// it finds when it meets it.
func (h *Host) BlockedBy(ctx context.Context, id, hash string) (*BlockedError, error) {
	h.mu.Lock()
	b := h.blocked[id]
	h.mu.Unlock()
	if b != nil || h.workflows[hash] != nil {
		return b, nil
	}
	w, err := h.like(ctx, id, hash)
	if err == nil && !h.adopts(w) {
		var r *store.Row
		if r, err = h.Store.Load(ctx, id); err == nil && !r.Status.Ended() {
			_, err = h.workflow(ctx, r)
		}
	}
	if errors.As(err, &b) || errors.Is(err, store.ErrNotFound) { // it was purged meanwhile
		return b, nil
	}
	return nil, err
}
