package sqlite

import (
	"context"
	"database/sql"

	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/store"
)

// Texts calls visit with all that may refer to artifacts, as of one moment.
func (s *Store) Texts(ctx context.Context, visit func(t store.Text) error) error {
	if err := s.texts(ctx, visit); err != nil {
		return s.unread(ctx, err, "what refers to artifacts")
	}
	return nil
}

func (s *Store) texts(ctx context.Context, visit func(t store.Text) error) error {
	tx, err := s.readers.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // it only reads
	mark := []byte(instance.DigestMark)
	for _, q := range []struct {
		text    string
		message bool
		args    []any
	}{
		{"SELECT head FROM instance WHERE artifacts = 1", false, nil},
		{"SELECT c.body FROM instance i JOIN cell c ON c.k = i.k WHERE i.artifacts = 1 AND c.kind < ?", false, []any{int64(instance.Archive)}},
		{"SELECT payload FROM event WHERE instr(payload, ?) > 0", false, []any{mark}},
		{"SELECT payload FROM event_later WHERE instr(payload, ?) > 0", false, []any{mark}},
		{"SELECT body FROM inbox", true, nil},
	} {
		rows, err := tx.QueryContext(ctx, q.text, q.args...)
		if err != nil {
			return err
		}
		if err := eachText(rows, q.message, visit); err != nil {
			return err
		}
	}
	return nil
}

func eachText(rows *sql.Rows, message bool, visit func(t store.Text) error) error {
	defer func() { _ = rows.Close() }()
	var body sql.RawBytes
	for rows.Next() {
		if err := rows.Scan(&body); err != nil {
			return err
		}
		if err := visit(store.Text{Message: message, Body: body}); err != nil {
			return err
		}
	}
	return rows.Err()
}
