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
		"WHERE w.name = ? AND w.key = ? AND (w.k, w.ptr) > (?, ?) AND w.after < ? AND i.born < ? ORDER BY w.k, w.ptr LIMIT ?",
		e.Name, e.Key, after.K, int64(after.Ptr), int64(e.Seq), int64(e.Seq))
}

const eventColumns = "seq, name, key, pubid, published, payload, round"

func scanEvent(rows interface{ Scan(...any) error }, e *store.Event) error {
	err := rows.Scan(&e.Seq, &e.Name, &e.Key, &e.Dedup, &e.Published, &e.Payload, &e.Round)
	e.Payload = orNil(e.Payload)
	return err
}

// Undelivered lists events that have not been delivered.
func (s *Store) Undelivered(ctx context.Context, after instance.Seq, limit int) ([]store.Event, error) {
	return page(ctx, s, "events", limit, func(rows *sql.Rows, e *store.Event) error {
		return scanEvent(rows, e)
	}, "SELECT "+eventColumns+" FROM event WHERE done = 0 AND seq > ? ORDER BY seq LIMIT ?", int64(after))
}

// Match returns the first event above after of that name and key; ErrNotFound.
func (s *Store) Match(ctx context.Context, name, key string, after instance.Seq) (store.Event, error) {
	var e store.Event
	row := s.readers.QueryRowContext(ctx,
		"SELECT "+eventColumns+" FROM event WHERE name = ? AND key = ? AND seq > ? ORDER BY seq LIMIT 1", name, key, int64(after))
	if err := scanEvent(row, &e); err != nil {
		return store.Event{}, s.unread(ctx, err, "event %q with key %q above %d", name, key, after)
	}
	return e, nil
}

// Inbox lists messages to the owner.
func (s *Store) Inbox(ctx context.Context, after int64, limit int) ([]store.Msg, error) {
	return page(ctx, s, "messages", limit, func(rows *sql.Rows, m *store.Msg) error {
		err := rows.Scan(&m.N, &m.Request, &m.Class, &m.Body)
		m.Body = orNil(m.Body)
		return err
	}, "SELECT n, request, class, body FROM inbox WHERE n > ? ORDER BY n LIMIT ?", after)
}
