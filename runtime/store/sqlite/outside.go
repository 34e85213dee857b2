package sqlite

import (
	"cmp"
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/store"
)

// outside is the connection by which a process writes that does not own the store:
// events and messages.
type outside struct {
	c   conn
	all []stmt

	begin, commit, rollback stmt
	version                 stmt
	events                  publisher
	post, unread            stmt
}

func (s *Store) dropOutside() error {
	if s.out == nil {
		return nil
	}
	o := s.out
	s.out = nil
	return o.close()
}

func (o *outside) close() error {
	var errs []error
	for _, st := range o.all {
		errs = append(errs, st.close())
	}
	return errors.Join(append(errs, o.c.close())...)
}

// openOutside returns the connection. The caller has the turn.
func (s *Store) openOutside() (*outside, error) {
	if s.out != nil {
		return s.out, nil
	}
	c, err := s.connect(s.cfg.outside())
	if err != nil {
		return nil, err
	}
	o := &outside{c: c}
	for _, st := range append(o.events.statements(), []statement{
		{&o.begin, "BEGIN IMMEDIATE"},
		{&o.commit, "COMMIT"},
		{&o.rollback, "ROLLBACK"},
		{&o.version, "PRAGMA user_version"},
		{&o.post, insertMsg},
		{&o.unread, "SELECT count(*) FROM (SELECT 1 FROM inbox WHERE target = ? AND target <> '' LIMIT ?)"},
	}...) {
		p, err := c.prepare(st.text)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("preparing %q: %w", st.text, err), o.close())
		}
		*st.to = p
		o.all = append(o.all, p)
	}
	s.out = o
	return o, nil
}

// Publish makes events durable without the ownership.
func (s *Store) Publish(ctx context.Context, events []store.Event) ([]instance.Seq, error) {
	seqs := make([]instance.Seq, len(events))
	err := s.fromOutside(ctx, "publishing to", len(events), func(o *outside) error {
		for i := range events {
			out, err := o.events.event(&events[i])
			switch {
			case err != nil:
				return err
			case out.Code == store.NoTarget:
				return store.ErrNoTarget
			case out.Code == store.Full:
				return store.ErrFull
			}
			seqs[i] = out.Seq
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return seqs, nil
}

// Post makes messages to the owner durable without the ownership.
func (s *Store) Post(ctx context.Context, msgs []store.Msg) error {
	return s.fromOutside(ctx, "posting to", len(msgs), func(o *outside) error {
		for i := range msgs {
			m := &msgs[i]
			if full, err := o.full(m.Target); full || err != nil {
				return cmp.Or(err, store.ErrFull)
			}
			if _, err := o.post.exec(named(m.Request, m.Class, m.Target, blob(m.Body))); err != nil {
				return err
			}
		}
		return nil
	})
}

// full reports whether there are as many messages about an instance as there may be.
func (o *outside) full(target string) (bool, error) {
	var dest [1]driver.Value
	_, err := o.unread.row(named(target, int64(store.MaxUnread)), dest[:])
	return dest[0] == int64(store.MaxUnread), err
}

func named(values ...driver.Value) []driver.NamedValue {
	args := make([]driver.NamedValue, len(values))
	for i, v := range values {
		args[i] = driver.NamedValue{Ordinal: i + 1, Value: v}
	}
	return args
}

// fromOutside runs body in a transaction; n is how many rows it writes. It waits
// for other writers until ctx is done.
func (s *Store) fromOutside(ctx context.Context, doing string, n int, body func(*outside) error) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("sqlite: %s %s: %w", doing, s.path, err)
	}
	if n == 0 {
		return nil
	}
	select {
	case _, ok := <-s.turn:
		if !ok {
			return &Error{Path: s.path, Doing: doing, Kind: ErrClosed}
		}
		defer func() { s.turn <- struct{}{} }()
	case <-ctx.Done():
		return fmt.Errorf("sqlite: %s %s: %w", doing, s.path, ctx.Err())
	}
	if err := s.same(); err != nil {
		return err
	}
	o, err := s.openOutside()
	if err != nil {
		return s.fail(doing, err)
	}
	if err := s.wait(ctx, o); err != nil {
		return s.fail(doing, err)
	}
	err = s.current(o)
	if err == nil {
		err = body(o)
	}
	if err != nil {
		_, _ = o.rollback.exec(nil)
		if !o.c.idle() {
			err = errors.Join(err, s.dropOutside()) // which ends the transaction
		}
		return s.fail(doing, err)
	}
	if _, err := o.commit.exec(nil); err != nil {
		return s.unknown(doing, errors.Join(err, s.dropOutside()))
	}
	return nil
}

// wait begins a transaction as soon as no other process has one. It tries again
// and again by itself: SQLite's own pauses grow, and beside an owner that commits
// all the time they would never end.
func (s *Store) wait(ctx context.Context, o *outside) error {
	for {
		_, err := o.begin.exec(nil)
		if !isBusy(err) {
			if err != nil {
				err = errors.Join(err, s.dropOutside())
			}
			return err
		}
		pause := 500*time.Microsecond + rand.N(1500*time.Microsecond)
		if s.clock.sleep(ctx, pause); ctx.Err() != nil {
			return errors.Join(err, ctx.Err())
		}
	}
}

// current reports a schema that is not this program's: a newer program has taken
// over since the file was opened.
func (s *Store) current(o *outside) error {
	var dest [1]driver.Value
	if _, err := o.version.row(nil, dest[:]); err != nil {
		return err
	}
	if dest[0] != int64(s.newest) {
		return refusal{ErrNewerSchema, fmt.Sprintf("its schema has version %v, this program's %d", dest[0], s.newest)}
	}
	return nil
}
