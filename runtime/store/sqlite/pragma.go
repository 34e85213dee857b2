package sqlite

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"time"

	sqlite3 "github.com/mattn/go-sqlite3"
)

// pragma is a setting of a connection: how it is set ("" if the driver does),
// how it is read back, and what must come back.
type pragma struct {
	set, get string
	want     driver.Value
}

// oldestSQLite is the first version of SQLite without the fault that could lose a
// WAL (3.7.0 to 3.51.2).
const oldestSQLite = 3051003

// fit reports whether a version of SQLite is free of known faults.
func fit(version int) bool { return version >= oldestSQLite }

// common are the settings of every connection.
func common() []pragma {
	return []pragma{
		{"PRAGMA trusted_schema = OFF", "PRAGMA trusted_schema", int64(0)},
		{"PRAGMA cell_size_check = ON", "PRAGMA cell_size_check", int64(1)},
		{"", "PRAGMA synchronous", int64(2)},
		{"", "PRAGMA foreign_keys", int64(1)},
	}
}

// wal are the settings of every connection once the file has its schema.
func wal(more ...pragma) []pragma {
	return append(append(common(), pragma{"", "PRAGMA journal_mode", "wal"}), more...)
}

// The roles of connections.

// examiner looks at a file that may be anything.
func (c Config) examiner() role {
	return role{pragmas: common(), txlock: "immediate", busy: c.Busy, cache: 2000}
}

// writer is the owner's. The checkpoints that it runs after a commit keep the WAL
// at a few MB; a checkpointer of its own would never see a WAL without readers.
func (c Config) writer() role {
	return role{
		txlock: "immediate",
		busy:   c.Busy,
		cache:  16 << 10,
		pragmas: wal(
			pragma{"", "PRAGMA busy_timeout", c.Busy.Milliseconds()},
			pragma{"PRAGMA wal_autocheckpoint = 1000", "PRAGMA wal_autocheckpoint", int64(1000)},
			pragma{"PRAGMA journal_size_limit = 67108864", "PRAGMA journal_size_limit", int64(67108864)},
		),
	}
}

// outside is for what a process may write without the ownership. It does not wait
// for locks inside SQLite, whose growing pauses starve it beside a busy owner, and
// leaves checkpoints to the owner unless there is none for long.
func (c Config) outside() role {
	return role{
		txlock: "immediate",
		cache:  2000,
		pragmas: wal(
			pragma{"", "PRAGMA busy_timeout", int64(0)},
			pragma{"PRAGMA wal_autocheckpoint = 10000", "PRAGMA wal_autocheckpoint", int64(10000)},
		),
	}
}

// reader is for reading alone; its transactions take no lock that anyone waits for.
func (c Config) reader() role {
	return role{
		txlock:  "deferred",
		busy:    5 * time.Second,
		cache:   4000,
		queries: 32,
		pragmas: wal(
			pragma{"PRAGMA wal_autocheckpoint = 0", "PRAGMA wal_autocheckpoint", int64(0)},
			pragma{"PRAGMA query_only = ON", "PRAGMA query_only", int64(1)},
		),
	}
}

// applyPragmas makes the settings and reads them back.
func applyPragmas(c *sqlite3.SQLiteConn, pragmas []pragma) error {
	for _, p := range pragmas {
		if p.set == "" {
			continue
		}
		if _, err := c.Exec(p.set, nil); err != nil {
			return err
		}
	}
	for _, p := range pragmas {
		got, err := one(c, p.get)
		if err != nil {
			return err
		}
		if got != p.want {
			return refusal{ErrSetting, fmt.Sprintf("%s is %v, not %v", p.get, got, p.want)}
		}
	}
	return nil
}

// one returns the first column of the first row of a query.
func one(c *sqlite3.SQLiteConn, query string) (driver.Value, error) {
	rows, err := c.Query(query, nil)
	if err != nil {
		return nil, err
	}
	dest := make([]driver.Value, len(rows.Columns()))
	err = rows.Next(dest)
	if e := rows.Close(); err == nil {
		err = e
	}
	switch {
	case errors.Is(err, io.EOF):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return dest[0], nil
}
