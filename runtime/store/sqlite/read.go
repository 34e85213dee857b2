package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/store"
)

// unread returns the error of reading what: the context's if that is done, and
// ErrNotFound if there are no rows.
func (s *Store) unread(ctx context.Context, err error, format string, args ...any) error {
	what := fmt.Sprintf(format, args...)
	switch {
	case ctx.Err() != nil: // the driver and database/sql have several words for it
		return fmt.Errorf("sqlite: reading %s from %s: %w", what, s.path, ctx.Err())
	case errors.Is(err, sql.ErrNoRows):
		return fmt.Errorf("sqlite: %s: %w", what, store.ErrNotFound)
	}
	return s.fail("reading "+what+" from", err)
}

// Load returns an instance with all its cells, of one revision; ErrNotFound.
func (s *Store) Load(ctx context.Context, id string) (*store.Row, error) {
	row, err := s.load(ctx, id)
	if err != nil {
		return nil, s.unread(ctx, err, "instance %q", id)
	}
	return row, nil
}

func (s *Store) load(ctx context.Context, id string) (row *store.Row, err error) {
	tx, err := s.readers.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer func() {
		if e := tx.Rollback(); err == nil && !errors.Is(e, sql.ErrTxDone) {
			err = e
		}
	}()
	r := &store.Row{ID: id}
	err = tx.QueryRowContext(ctx, "SELECT k, def, ref, uniq, status, reason, rev, ready, born, created, ended, start_hash, head, parent, artifacts FROM instance WHERE id = ?", id).
		Scan(&r.K, &r.Definition, &r.Reference, &r.Unique, &r.Status, &r.Reason, &r.Rev, &r.Ready, &r.Born, &r.Created, &r.Ended, &r.StartHash, &r.Head, &r.Parent, &r.Artifacts)
	if err != nil {
		return nil, err
	}
	r.StartHash, r.Head = orNil(r.StartHash), orNil(r.Head)
	r.Cells, err = list(func() (*sql.Rows, error) {
		return tx.QueryContext(ctx, "SELECT kind, ptr, idx, body FROM cell WHERE k = ? AND kind < ? ORDER BY kind, ptr, idx", r.K, int64(instance.Archive))
	}, scanCell)
	return r, err
}

func scanCell(rows *sql.Rows, c *instance.Cell) error {
	err := rows.Scan(&c.ID.Kind, &c.ID.Ptr, &c.ID.Index, &c.Body)
	c.Body = orNil(c.Body)
	return err
}

// Archive returns the cells of one kind that are no part of an instance's state.
func (s *Store) Archive(ctx context.Context, id string, kind instance.CellKind) ([]instance.Cell, error) {
	cells, err := list(func() (*sql.Rows, error) {
		return s.readers.QueryContext(ctx, "SELECT kind, ptr, idx, body FROM cell WHERE k = (SELECT k FROM instance WHERE id = ?) AND kind = ? ORDER BY ptr, idx", id, int64(kind))
	}, scanCell)
	if err != nil {
		return nil, s.unread(ctx, err, "the archive of instance %q", id)
	}
	return cells, nil
}

// Definition returns the stored body of a definition; ErrNotFound.
func (s *Store) Definition(ctx context.Context, hash string) ([]byte, error) {
	var body []byte
	err := s.readers.QueryRowContext(ctx, "SELECT body FROM definition WHERE hash = ?", hash).Scan(&body)
	if err != nil {
		return nil, s.unread(ctx, err, "definition %s", hash)
	}
	return orNil(body), nil
}

// Reply returns the owner's answer to a request; ErrNotFound while there is none.
func (s *Store) Reply(ctx context.Context, request string) (store.Reply, error) {
	r := store.Reply{Request: request}
	err := s.readers.QueryRowContext(ctx, "SELECT at, code, text FROM reply WHERE request = ?", request).Scan(&r.At, &r.Code, &r.Text)
	if err != nil {
		return store.Reply{}, s.unread(ctx, err, "reply to %q", request)
	}
	return r, nil
}

// list reads all rows of a query.
func list[T any](query func() (*sql.Rows, error), scan func(*sql.Rows, *T) error) (all []T, err error) {
	rows, err := query()
	if err != nil {
		return nil, err
	}
	defer func() {
		if e := rows.Close(); err == nil {
			err = e
		}
	}()
	for rows.Next() {
		var v T
		if err := scan(rows, &v); err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, rows.Err()
}

// orNil is b, or nil if there are none.
func orNil(b []byte) []byte {
	if len(b) == 0 {
		return nil
	}
	return b
}
