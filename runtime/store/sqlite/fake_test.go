package sqlite

import (
	"database/sql/driver"
	"errors"
	"sync"
)

var errInjected = errors.New("injected fault")

// fault is what happens to a call of a statement.
type fault int

const (
	works  fault = iota
	fails        // it is not run, and an error is returned
	doubts       // it is run, and an error is returned nevertheless
)

// faulty decides over the statements of all writing connections of a store.
type faulty struct {
	mu     sync.Mutex
	calls  int      // since plan was set
	texts  []string // of those calls
	plan   func(n int, text string) fault
	opened int
}

// install puts f between s and SQLite.
func (f *faulty) install(s *Store) {
	next := s.connect
	s.connect = func(r role) (conn, error) {
		c, err := next(r)
		if err != nil {
			return nil, err
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		f.opened++
		return faultyConn{c, f}, nil
	}
}

// set starts a new plan; n counts from 1.
func (f *faulty) set(plan func(n int, text string) fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls, f.texts, f.plan = 0, nil, plan
}

func (f *faulty) seen() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.texts...)
}

func (f *faulty) call(text string) fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.plan == nil {
		return works
	}
	f.calls++
	f.texts = append(f.texts, text)
	return f.plan(f.calls, text)
}

type faultyConn struct {
	conn
	f *faulty
}

func (c faultyConn) prepare(text string) (stmt, error) {
	s, err := c.conn.prepare(text)
	if err != nil {
		return nil, err
	}
	return faultyStmt{s, text, c.f}, nil
}

type faultyStmt struct {
	stmt
	text string
	f    *faulty
}

func (s faultyStmt) exec(args []driver.NamedValue) (driver.Result, error) {
	switch s.f.call(s.text) {
	case fails:
		return nil, errInjected
	case doubts:
		_, err := s.stmt.exec(args)
		return nil, errors.Join(errInjected, err)
	}
	return s.stmt.exec(args)
}

func (s faultyStmt) row(args []driver.NamedValue, dest []driver.Value) (bool, error) {
	switch s.f.call(s.text) {
	case fails:
		return false, errInjected
	case doubts:
		_, err := s.stmt.row(args, dest)
		return false, errors.Join(errInjected, err)
	}
	return s.stmt.row(args, dest)
}
