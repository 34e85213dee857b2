package sqlite

import (
	"context"
	"database/sql"

	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/store"
)

// page reads one page of a listing by a query that the arguments and the limit
// belong to. The queries below are look-ups in an index: what they skip they do
// not read.
func page[T any](ctx context.Context, s *Store, what string, limit int, scan func(*sql.Rows, *T) error, query string, args ...any) ([]T, error) {
	if limit <= 0 {
		return nil, ctx.Err()
	}
	all, err := list(func() (*sql.Rows, error) {
		return s.readers.QueryContext(ctx, query, append(args, limit)...)
	}, scan)
	if err != nil {
		return nil, s.unread(ctx, err, "%s", what)
	}
	return all, nil
}

// Ready lists instances with bodies to run.
func (s *Store) Ready(ctx context.Context, after int64, limit int) ([]store.Key, error) {
	return page(ctx, s, "what is ready", limit, func(rows *sql.Rows, k *store.Key) error {
		return rows.Scan(&k.K, &k.ID)
	}, "SELECT k, id FROM instance WHERE ready = 1 AND k > ? ORDER BY k LIMIT ?", after)
}

// Due lists timers.
func (s *Store) Due(ctx context.Context, after store.Timer, limit int) ([]store.Timer, error) {
	return page(ctx, s, "timers", limit, func(rows *sql.Rows, t *store.Timer) error {
		return rows.Scan(&t.Due, &t.K, &t.ID, &t.Ptr, &t.Gen)
	}, "SELECT t.due, t.k, i.id, t.ptr, t.gen FROM timer t CROSS JOIN instance i ON i.k = t.k "+
		"WHERE (t.due, t.k, t.ptr) > (?, ?, ?) ORDER BY t.due, t.k, t.ptr LIMIT ?",
		int64(after.Due), after.K, int64(after.Ptr))
}

// Waits lists the waits for an event.
func (s *Store) Waits(ctx context.Context, e store.Event, after store.Wait, limit int) ([]store.Wait, error) {
	return page(ctx, s, "waits", limit, func(rows *sql.Rows, w *store.Wait) error {
		return rows.Scan(&w.K, &w.ID, &w.Ptr, &w.Gen)
	}, "SELECT w.k, i.id, w.ptr, w.gen FROM sub w CROSS JOIN instance i ON i.k = w.k "+
		"WHERE w.name = ? AND w.key = ? AND (w.k, w.ptr) > (?, ?) AND w.after < ? "+
		"AND CASE WHEN w.since <> 0 THEN w.since <= ? ELSE i.born < ? END ORDER BY w.k, w.ptr LIMIT ?",
		e.Name, e.Key, after.K, int64(after.Ptr), int64(e.Seq), int64(e.Published), int64(e.Seq))
}

const eventColumns = "seq, name, key, signal, pubid, published, ttl, payload, trace, taken, failed, round"

func scanEvent(rows interface{ Scan(...any) error }, e *store.Event) error {
	err := rows.Scan(&e.Seq, &e.Name, &e.Key, &e.Signal, &e.Dedup, &e.Published, &e.TTL, &e.Payload, &e.Trace, &e.Taken, &e.Failed, &e.Round)
	e.Payload, e.Trace = orNil(e.Payload), orNil(e.Trace)
	return err
}

func scanListed(rows *sql.Rows, e *store.Event) error { return scanEvent(rows, e) }

// Undelivered lists events that have not been delivered.
func (s *Store) Undelivered(ctx context.Context, after instance.Seq, limit int) ([]store.Event, error) {
	return page(ctx, s, "events", limit, scanListed, "SELECT "+eventColumns+" FROM event WHERE done = 0 AND seq > ? ORDER BY seq LIMIT ?", int64(after))
}

// Events lists visible events.
func (s *Store) Events(ctx context.Context, q store.EventQuery) ([]store.Event, error) {
	query := "SELECT " + eventColumns + " FROM event WHERE taken = 0 AND seq > ? ORDER BY seq LIMIT ?"
	if q.State == store.FailedEvent {
		query = "SELECT " + eventColumns + " FROM event WHERE failed = 1 AND seq > ? ORDER BY seq LIMIT ?"
	}
	return page(ctx, s, "events", q.Limit, scanListed, query, int64(q.After))
}

// Match returns the first event that matches; ErrNotFound.
func (s *Store) Match(ctx context.Context, m store.Match) (store.Event, error) {
	var e store.Event
	row := s.readers.QueryRowContext(ctx, "SELECT "+eventColumns+" FROM event "+
		"WHERE name = ?1 AND key = ?2 AND signal = ?3 AND seq > ?4 AND (?5 = 0 OR published >= ?5) AND (?6 = 0 OR published <= ?6) ORDER BY seq LIMIT 1",
		m.Name, m.Key, m.Signal, int64(m.After), int64(m.Since), int64(m.Until))
	if err := scanEvent(row, &e); err != nil {
		return store.Event{}, s.unread(ctx, err, "event %q with key %q above %d", m.Name, m.Key, m.After)
	}
	return e, nil
}

// Expired reports whether there is something to expire.
func (s *Store) Expired(ctx context.Context, now instance.Instant) (bool, error) {
	var any bool
	err := s.readers.QueryRowContext(ctx, "SELECT EXISTS(SELECT 1 FROM event WHERE expires <= ? AND done = 1)", int64(now)).Scan(&any)
	if err != nil {
		return false, s.unread(ctx, err, "events")
	}
	return any, nil
}

// Later lists events that are not visible yet.
func (s *Store) Later(ctx context.Context, limit int) ([]store.Later, error) {
	return page(ctx, s, "later events", limit, func(rows *sql.Rows, l *store.Later) error {
		return rows.Scan(&l.N, &l.Due)
	}, "SELECT n, due FROM event_later ORDER BY due, n LIMIT ?")
}

// Inbox lists messages to the owner.
func (s *Store) Inbox(ctx context.Context, after int64, limit int) ([]store.Msg, error) {
	return page(ctx, s, "messages", limit, func(rows *sql.Rows, m *store.Msg) error {
		err := rows.Scan(&m.N, &m.Request, &m.Class, &m.Target, &m.Body)
		m.Body = orNil(m.Body)
		return err
	}, "SELECT n, request, class, target, body FROM inbox WHERE n > ? ORDER BY n LIMIT ?", after)
}
