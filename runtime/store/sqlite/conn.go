package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"net/url"
	"strconv"
	"time"

	sqlite3 "github.com/mattn/go-sqlite3"
)

// conn is a connection that one goroutine uses at a time. It is an interface so
// that tests can have any call of it fail.
type conn interface {
	// prepare compiles one statement. It must be closed before the connection.
	prepare(sql string) (stmt, error)
	// idle reports whether no transaction is open.
	idle() bool
	close() error
}

// stmt is a prepared statement. args are the values of its parameters in order;
// they are used only during the call and may be used again.
type stmt interface {
	// exec runs it to its end.
	exec(args []driver.NamedValue) (driver.Result, error)
	// row runs it and reads the first row into dest; false: there is none.
	row(args []driver.NamedValue, dest []driver.Value) (bool, error)
	close() error
}

// role is what a connection is for.
type role struct {
	pragmas []pragma
	txlock  string // how the driver begins a transaction
	busy    time.Duration
	cache   int // KiB of pages to keep
	queries int // prepared queries that the driver keeps
}

// open opens the existing database at path, with the settings of r, and reads
// them back.
func open(path string, r role) (*sqlite3.SQLiteConn, error) {
	params := url.Values{
		"mode":             {"rw"},
		"_txlock":          {r.txlock},
		"_synchronous":     {"FULL"},
		"_foreign_keys":    {"on"},
		"_busy_timeout":    {strconv.FormatInt(r.busy.Milliseconds(), 10)},
		"_cache_size":      {strconv.Itoa(-r.cache)},
		"_stmt_cache_size": {strconv.Itoa(r.queries)},
	}
	dsn := "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + params.Encode()
	dc, err := (&sqlite3.SQLiteDriver{}).Open(dsn)
	if err != nil {
		return nil, err
	}
	c := dc.(*sqlite3.SQLiteConn)
	if err := applyPragmas(c, r.pragmas); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// rawConn is a connection of the driver.
type rawConn struct{ c *sqlite3.SQLiteConn }

func (r rawConn) idle() bool   { return r.c.AutoCommit() }
func (r rawConn) close() error { return r.c.Close() }

func (r rawConn) prepare(sql string) (stmt, error) {
	s, err := r.c.Prepare(sql)
	if err != nil {
		return nil, err
	}
	return rawStmt{s.(*sqlite3.SQLiteStmt)}, nil
}

// rawStmt is a statement of the driver. It is only given contexts that cannot be
// cancelled: the driver pays for others with a goroutine per call, and would
// interrupt the transaction that many share.
type rawStmt struct{ s *sqlite3.SQLiteStmt }

func (r rawStmt) close() error { return r.s.Close() }

func (r rawStmt) exec(args []driver.NamedValue) (driver.Result, error) {
	return r.s.ExecContext(context.Background(), args)
}

func (r rawStmt) row(args []driver.NamedValue, dest []driver.Value) (bool, error) {
	rows, err := r.s.QueryContext(context.Background(), args)
	if err != nil {
		return false, err
	}
	err = rows.Next(dest)
	if e := rows.Close(); err == nil {
		err = e
	}
	if errors.Is(err, io.EOF) {
		return false, nil
	}
	return err == nil, err
}
