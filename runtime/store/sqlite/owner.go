package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"github.com/wfegen/wfe/runtime/store"
)

// ownerRow is the row of table owner.
type ownerRow struct {
	name         string // of the database
	epoch, batch int64
	host         string
	clean, held  bool
}

// lease is the ownership that this Store has.
type lease struct {
	held  bool
	epoch int64
	batch int64 // of the last commit that is known to be durable
	lock  *lock // nil when the ownership was taken from an owner that still has it
	noted bool  // the row says that we have the lock
	tried time.Time
}

// drop gives the ownership up in this process alone.
func (l *lease) drop() error {
	err := l.lock.release()
	*l = lease{}
	return err
}

// watch is what a standby has seen of the owner.
type watch struct {
	row   ownerRow
	at    time.Time     // of the last look
	still time.Duration // for how long the row has not changed
}

// see notes what the owner's row is now. A pause of the standby itself counts as
// two looks at most: the owner may have been paused with it.
func (w *watch) see(row ownerRow, now time.Time, poll time.Duration) {
	if w.at.IsZero() || row != w.row {
		w.still = 0
	} else {
		w.still += min(now.Sub(w.at), 2*poll)
	}
	w.row, w.at = row, now
}

// Acquire waits until this process owns the store. Errors other than ctx's are of
// a database that can't be used, see Error.
func (s *Store) Acquire(ctx context.Context, host string, standby func(owner string)) (store.Lease, error) {
	var seen watch
	told, stuck := false, false
	for {
		l, err := s.look(ctx, host, &seen)
		switch {
		case err == nil:
			return l, nil
		case ctx.Err() != nil:
			return store.Lease{}, fmt.Errorf("sqlite: acquiring %s: %w", s.path, ctx.Err())
		case errors.Is(err, ErrBusy) && !stuck:
			stuck = true
			s.log.Warn("the database cannot be taken over: a process is stopped in the middle of a transaction; end it or let it go on",
				"database", s.path, "owner", seen.row.host)
		case !errors.Is(err, ErrBusy) && !errors.Is(err, errOwned):
			return store.Lease{}, err
		}
		if !told && !seen.row.clean {
			told = true
			if standby != nil {
				standby(seen.row.host)
			}
		}
		s.clock.sleep(ctx, s.cfg.Poll)
	}
}

// errOwned: another process owns the store, or has just changed the row.
var errOwned = errors.New("sqlite: owned")

// look takes the store if it is free.
func (s *Store) look(ctx context.Context, host string, seen *watch) (store.Lease, error) {
	if err := ctx.Err(); err != nil {
		return store.Lease{}, err
	}
	s.mu.Lock()
	closed := s.closed
	s.mu.Unlock()
	if closed {
		return store.Lease{}, s.shut("acquiring")
	}
	lk, err := tryLock(s.path)
	if err != nil {
		return store.Lease{}, err
	}
	row, err := s.readOwner(ctx)
	if err != nil {
		return store.Lease{}, errors.Join(s.fail("acquiring", err), lk.release())
	}
	seen.see(row, s.clock.now(), s.cfg.Poll)
	gone := lk != nil && (row.clean || row.held)
	stale := seen.still >= s.cfg.Stale
	err = errOwned
	if gone || stale {
		var l store.Lease
		if l, err = s.take(host, row, lk); err == nil {
			if !row.clean {
				s.log.Info("took the database over", "database", s.path, "from", row.host, "by", host, "stale", !gone, "epoch", l.Epoch)
			}
			return l, nil
		}
	}
	return store.Lease{}, errors.Join(err, lk.release())
}

func (s *Store) readOwner(ctx context.Context) (row ownerRow, err error) {
	err = s.readers.QueryRowContext(ctx, "SELECT name, epoch, batch, host, clean, held FROM owner WHERE id = 0").
		Scan(&row.name, &row.epoch, &row.batch, &row.host, &row.clean, &row.held)
	if errors.Is(err, sql.ErrNoRows) {
		err = refusal{ErrCorrupt, "its owner row is missing"}
	}
	return row, err
}

// take raises the epoch, unless the row is no longer as it was seen. lk is nil
// where the present owner has the lock.
func (s *Store) take(host string, seen ownerRow, lk *lock) (store.Lease, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return store.Lease{}, &Error{Path: s.path, Doing: "acquiring", Kind: ErrClosed}
	}
	if err := s.present(); err != nil {
		return store.Lease{}, err
	}
	w, err := s.writer()
	if err != nil {
		return store.Lease{}, s.fail("acquiring", err)
	}
	if lk == nil {
		lk = s.lease.lock // it is this Store's own owner that commits nothing
	}
	changed, err := w.alone(w.take, host, b2i(lk != nil), seen.epoch, seen.batch)
	if err != nil {
		return store.Lease{}, errors.Join(s.fail("acquiring", err), s.dropWriter())
	}
	if !changed {
		return store.Lease{}, errOwned
	}
	if s.lease.lock != nil && s.lease.lock != lk {
		_ = s.lease.lock.release() // of a lock that was not exclusive any more
	}
	s.lease = lease{held: true, epoch: seen.epoch + 1, lock: lk, noted: lk != nil, tried: s.clock.now()}
	s.pending = nil
	if err := lk.name(host); err != nil {
		s.log.Warn("could not write the owner's name", "file", lockPath(s.path), "err", err)
	}
	return store.Lease{Store: seen.name, Host: host, Epoch: s.lease.epoch, Crashed: !seen.clean}, nil
}

// Release gives the ownership back. After an error it is given up as a crash would
// give it up: a standby may have to wait.
func (s *Store) Release(_ context.Context, l store.Lease) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.holds(l) {
		return store.ErrFenced
	}
	changed, err := s.giveBack()
	s.pending = nil
	err = errors.Join(err, s.lease.drop())
	switch {
	case err != nil:
		return s.fail("releasing", err)
	case !changed:
		return store.ErrFenced
	}
	return nil
}

func (s *Store) giveBack() (bool, error) {
	if err := s.present(); err != nil {
		return false, err
	}
	w, err := s.writer()
	if err != nil {
		return false, err
	}
	changed, err := w.alone(w.release, s.lease.epoch)
	if err != nil {
		return false, errors.Join(err, s.dropWriter())
	}
	return changed, nil
}

// holds reports whether l is this Store's ownership, as far as it knows. The
// caller has mu.
func (s *Store) holds(l store.Lease) bool {
	return !s.closed && s.lease.held && s.lease.epoch == l.Epoch
}

// fenced notes that the ownership is lost.
func (s *Store) fenced() error {
	s.pending = nil
	if err := s.lease.drop(); err != nil {
		s.log.Warn("could not give up the lock", "file", lockPath(s.path), "err", err)
	}
	return store.ErrFenced
}

// relock tries to get the lock that an owner had who was taken over; it ends with
// that process. Until the row says that we have it, no standby takes its being
// free for our end.
func (s *Store) relock() error {
	l := &s.lease
	if now := s.clock.now(); l.lock == nil && now.Sub(l.tried) >= s.cfg.Poll {
		l.tried = now
		lk, err := tryLock(s.path)
		if err != nil {
			return err
		}
		l.lock = lk
	}
	return nil
}

func b2i(b bool) driver.Value {
	if b {
		return int64(1)
	}
	return int64(0)
}
