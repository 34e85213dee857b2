package host

import (
	"context"
	"errors"
	"time"

	"github.com/wfegen/wfe/runtime/store"
)

// acked is a batch that is durable.
type acked struct {
	batch    []*pending
	outcomes []store.Outcome
}

// commitLoop commits what waits, one batch after the other. While one is on its
// way to the disk the next one fills.
func (h *Host) commitLoop() {
	defer close(h.acks)
	due := h.Clock.Since() + h.Beat
	for {
		stop := h.Clock.AfterFunc(h.Beat, h.queue.nudge)
		batch, ok := h.queue.take(make([]*pending, 0, 64), func() bool { return h.Clock.Since() >= due })
		stop()
		if !ok {
			return
		}
		b := store.Batch{Items: make([]store.Item, len(batch))}
		for i, p := range batch {
			b.Items[i] = p.item
		}
		n := h.taken.Add(1)
		began := h.Clock.Since()
		outcomes, err := h.commit(b)
		if err != nil {
			h.lose(err)
			return
		}
		h.committed.Add(uint64(len(batch)))
		if len(batch) > 0 {
			h.samples.take(Sample{SampleCommit, len(batch), h.Clock.Since() - began})
		}
		due = h.Clock.Since() + h.Beat
		h.synchronised()
		if proves(batch, outcomes) {
			h.pool.survived(n)
		}
		if len(batch) > 0 {
			h.acks <- acked{batch, outcomes}
		}
	}
}

// commit writes b, however long it takes: the first failure is followed by another
// try at once, later ones after a second each. It returns an error only when this
// host cannot write any more.
func (h *Host) commit(b store.Batch) ([]store.Outcome, error) {
	ctx := context.Background() // a cancelled commit would be an unknown one
	try := h.Store.Commit
	for n := 1; ; n++ {
		outcomes, err := try(ctx, h.lease, b)
		if err == nil {
			return outcomes, nil
		}
		if errors.Is(err, store.ErrFenced) || errors.Is(err, store.ErrLost) {
			return nil, err
		}
		if errors.Is(err, store.ErrUnknown) {
			try = h.Store.Settle // until it is known
		}
		h.unsynchronised(err)
		if n > 1 && !h.pause(time.Second) {
			return nil, err
		}
	}
}

// lose ends a host that cannot write to its store any more.
func (h *Host) lose(err error) {
	if h.life.Err() != nil {
		h.Logger.Error("the host was stopped before its store could be written", "error", err)
	} else {
		h.Logger.Error("the store is lost to this host", "error", err)
	}
	h.stopWith(err)
	h.pool.cancel(err)
}

// pause waits for d; false when the host ends before.
func (h *Host) pause(d time.Duration) bool {
	done := make(chan struct{})
	stop := h.Clock.AfterFunc(d, func() { close(done) })
	defer stop()
	select {
	case <-done:
		return true
	case <-h.life.Done():
		return false
	}
}
