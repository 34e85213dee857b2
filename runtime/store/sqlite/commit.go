package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/wfegen/wfe/runtime/store"
)

// Other processes get a chance to write when commits have followed each other
// closely for long.
const (
	gapAfter = 5 * time.Millisecond
	gap      = 100 * time.Microsecond
)

// lookEach is how often the file is looked for: one that is gone takes commits
// without an error.
const lookEach = time.Second

var (
	errUnsettled = errors.New("the batch before this one is not settled; call Settle with it")
	errSettled   = errors.New("there is no batch to settle")
)

// Commit writes b in one transaction. A context that is done before it begins is
// an error; later it counts no more.
func (s *Store) Commit(ctx context.Context, l store.Lease, b store.Batch) ([]store.Outcome, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("sqlite: committing to %s: %w", s.path, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return nil, s.shut("committing to")
	case !s.holds(l):
		return nil, store.ErrFenced
	case s.pending != nil:
		return nil, s.fail("committing to", errUnsettled)
	}
	if err := s.present(); err != nil {
		return nil, err
	}
	if err := s.relock(); err != nil {
		return nil, err
	}
	w, err := s.writer()
	if err != nil {
		return nil, s.fail("committing to", err)
	}
	s.breathe()
	defer func() { s.ended = s.clock.now() }()

	if _, err := w.exec(w.begin); err != nil {
		if isBusy(err) && w.c.idle() {
			return nil, s.fail("committing to", err)
		}
		return nil, s.fail("committing to", errors.Join(err, s.dropWriter())) // without COMMIT nothing is written
	}
	out, err := s.write(w, b)
	if err == nil {
		if w.wal == nil {
			w.wal, _ = os.Stat(s.path + "-wal") // at the next commit, if not now
		}
		return out, nil
	}
	if errors.Is(err, store.ErrFenced) {
		w.abort()
		if !w.c.idle() {
			_ = s.dropWriter() // which ends the transaction
		}
		return nil, s.fenced()
	}
	if out == nil { // COMMIT was not tried
		w.abort()
		if w.c.idle() {
			return nil, s.fail("committing to", err)
		}
	}
	s.pending = &pending{outcomes: out}
	return nil, s.unknown("committing to", errors.Join(err, s.dropWriter()))
}

// write writes b in the transaction that has begun, and commits it. Outcomes with
// an error: COMMIT failed.
func (s *Store) write(w *writer, b store.Batch) ([]store.Outcome, error) {
	n, err := w.exec(w.bump, s.lease.epoch, s.lease.batch)
	if err != nil {
		return nil, err
	}
	if n != 1 {
		return nil, store.ErrFenced
	}
	note := s.lease.lock != nil && !s.lease.noted
	if note {
		if _, err := w.exec(w.note); err != nil {
			return nil, err
		}
	}
	out := make([]store.Outcome, len(b.Items))
	if err := w.items(b, out); err != nil {
		return nil, err
	}
	if _, err := w.exec(w.commit); err != nil {
		return out, err
	}
	s.lease.batch++
	s.lease.noted = s.lease.noted || note
	return out, nil
}

// abort ends the transaction without writing. Its success shows in idle: SQLite
// ends a transaction itself after some errors, and then has nothing to roll back.
func (w *writer) abort() { _, _ = w.exec(w.rollback) }

// unknown returns err as one that leaves the outcome unknown.
func (s *Store) unknown(doing string, err error) error {
	return fmt.Errorf("%w: %w", store.ErrUnknown, s.fail(doing, err))
}

// present reports a file that was removed or replaced. The caller has mu.
func (s *Store) present() error {
	if s.closed {
		return s.shut("using")
	}
	now := s.clock.now()
	if now.Sub(s.looked) < lookEach {
		return nil
	}
	if err := s.same(); err != nil {
		return err
	}
	s.looked = now
	return nil
}

// shut says that the store is closed.
func (s *Store) shut(doing string) error { return &Error{Path: s.path, Doing: doing, Kind: ErrClosed} }

// same reports whether the file is no longer the one that was opened, or its WAL
// no longer the one that the owner's connection writes to.
func (s *Store) same() error {
	st, err := os.Stat(s.path)
	if err != nil || !os.SameFile(st, s.identity) {
		return &Error{Path: s.path, Doing: "using", Kind: ErrReplaced, Err: err}
	}
	if s.w == nil || s.w.wal == nil {
		return nil
	}
	if wal, err := os.Stat(s.path + "-wal"); err != nil || !os.SameFile(wal, s.w.wal) {
		return &Error{Path: s.path, Doing: "using", Kind: ErrReplaced, Note: "its -wal file was", Err: err}
	}
	return nil
}

// breathe leaves a gap for other processes' transactions now and then.
func (s *Store) breathe() {
	now := s.clock.now()
	switch {
	case now.Sub(s.ended) > gap:
		s.busy = now
	case now.Sub(s.busy) > gapAfter:
		s.clock.sleep(context.Background(), gap)
		s.busy = s.clock.now()
	}
}
