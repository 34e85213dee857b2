package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/wfegen/wfe/runtime/store/sqlite"
)

// reset deletes the database, with the files that stand beside it, and the
// ledger; not while another process works on them.
func reset(ctx context.Context, db, ledger string) error {
	if err := unowned(ctx, db); err != nil {
		return fmt.Errorf("-reset: %w", err)
	}
	for _, file := range []string{db, db + "-wal", db + "-shm", db + ".owner", ledger} {
		if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("-reset: %w", err)
		}
	}
	return nil
}

// unowned reports a process that owns the database. One that cannot be opened is
// nobody's.
func unowned(ctx context.Context, db string) (err error) {
	if _, err := os.Stat(db); err != nil {
		return nil
	}
	st, err := sqlite.Open(ctx, db, sqlite.Config{})
	if err != nil {
		return nil
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	l, err := st.Acquire(ctx, "reset", func(owner string) {
		cancel(fmt.Errorf("another process (%s) works on %s; stop it first", owner, db))
	})
	if err != nil {
		return context.Cause(ctx)
	}
	return st.Release(ctx, l)
}
