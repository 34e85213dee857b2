package sqlite

import (
	"context"
	"errors"
	"fmt"

	"github.com/wfegen/wfe/runtime/store"
)

// pending is a batch that may or may not be durable. It is under the number that
// follows lease.batch.
type pending struct {
	outcomes []store.Outcome // of the first try that came to COMMIT; nil: none did
}

// Settle finds out what became of b. No read can: after a failed sync SQLite may
// hide a transaction that a crash would bring back. So it looks in a transaction
// that it then commits: either one that writes b again, in the place of the first
// try, or an empty one behind it, which makes both durable.
func (s *Store) Settle(ctx context.Context, l store.Lease, b store.Batch) ([]store.Outcome, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return nil, s.shut("settling")
	case !s.holds(l):
		return nil, store.ErrFenced
	case s.pending == nil:
		return nil, s.fail("settling", errSettled)
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("%w: settling %s: %w", store.ErrUnknown, s.path, err)
	}
	out, err := s.settle(b)
	switch {
	case errors.Is(err, store.ErrFenced):
		_ = s.dropWriter()
		return nil, s.fenced()
	case err != nil:
		return nil, s.unknown("settling", errors.Join(err, s.dropWriter()))
	}
	s.pending = nil
	return out, nil
}

func (s *Store) settle(b store.Batch) ([]store.Outcome, error) {
	if err := s.same(); err != nil {
		return nil, err
	}
	if err := s.dropWriter(); err != nil {
		s.log.Warn("could not close a connection that failed", "database", s.path, "err", err)
	}
	w, err := s.writer()
	if err != nil {
		return nil, err
	}
	if _, err := w.exec(w.begin); err != nil {
		return nil, err
	}
	found, err := w.row(w.owner, 2)
	if err != nil {
		return nil, err
	}
	epoch, batch := w.number(0), w.number(1)
	switch {
	case !found || epoch != s.lease.epoch || batch < s.lease.batch:
		return nil, store.ErrFenced
	case batch == s.lease.batch:
		out, err := s.write(w, b)
		if err != nil && out != nil {
			s.pending.outcomes = out
		}
		return out, err
	case s.pending.outcomes == nil:
		return nil, store.ErrFenced // we have committed nothing: somebody else has our epoch
	}
	return s.pending.outcomes, s.pin(w, batch)
}

// pin makes batch, which is ours, durable by a commit behind it.
func (s *Store) pin(w *writer, batch int64) error {
	n, err := w.exec(w.bump, s.lease.epoch, batch)
	if err != nil {
		return err
	}
	if n != 1 {
		return store.ErrFenced
	}
	if _, err := w.exec(w.commit); err != nil {
		return err
	}
	s.lease.batch = batch + 1
	return nil
}
