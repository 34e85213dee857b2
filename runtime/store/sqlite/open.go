package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	sqlite3 "github.com/mattn/go-sqlite3"

	"github.com/wfegen/wfe/runtime/store"
)

// Store is a store in an SQLite file. Make one with Open.
type Store struct {
	path     string
	cfg      Config
	clock    clock
	log      logger
	newest   int                        // schema version that this program writes
	connect  func(r role) (conn, error) // opens a connection for writing
	readers  *sql.DB
	identity os.FileInfo // of the file that was opened

	mu      sync.Mutex // guards what follows: the owner's side
	closed  bool
	w       *writer // nil until needed, and after it failed
	lease   lease
	pending *pending // a batch that Settle has to settle
	looked  time.Time
	busy    time.Time // since when commits follow each other without a pause
	ended   time.Time // end of the last commit

	turn chan struct{} // holds one token; who has it uses out
	out  *outside      // nil until needed, and after it failed
}

var _ store.Store = (*Store)(nil)

// logger is what the package logs with.
type logger interface {
	Warn(msg string, args ...any)
	Info(msg string, args ...any)
}

// Open opens the database at path and creates it if there is none. A schema of an
// older version is brought up to date if nobody owns the database. The errors are
// *Error; what is refused is left as it was.
func Open(ctx context.Context, path string, c Config) (*Store, error) {
	c = c.withDefaults()
	if name, n, _ := sqlite3.Version(); !fit(n) {
		return nil, &Error{Path: path, Doing: "opening", Kind: ErrLibrary, Note: "version " + name + " can lose data; 3.51.3 is needed"}
	}
	list, err := migrations()
	if err != nil {
		return nil, fail(path, "opening", err)
	}
	name, created, err := locate(path)
	if err != nil {
		return nil, err
	}
	s := &Store{
		path: name, cfg: c, clock: systemClock{}, log: c.Log, newest: len(list),
		turn: make(chan struct{}, 1),
	}
	s.turn <- struct{}{}
	s.connect = func(r role) (conn, error) {
		raw, err := open(name, r)
		if err != nil {
			return nil, err
		}
		return rawConn{raw}, nil
	}
	if err := s.prepare(ctx, list, created); err != nil {
		return nil, err
	}
	if s.identity, err = os.Stat(name); err != nil {
		return nil, s.fail("opening", err)
	}
	s.readers = sql.OpenDB(connector{name, c.reader()})
	s.readers.SetMaxOpenConns(c.Readers)
	s.readers.SetMaxIdleConns(c.Readers)
	if err := s.readers.PingContext(ctx); err != nil {
		return nil, errors.Join(s.fail("opening", err), s.readers.Close())
	}
	return s, nil
}

// connector opens connections for reading.
type connector struct {
	path string
	role role
}

func (c connector) Connect(context.Context) (driver.Conn, error) {
	conn, err := open(c.path, c.role)
	if err != nil {
		return nil, err // not a nil *SQLiteConn in an interface
	}
	return conn, nil
}

func (c connector) Driver() driver.Driver { return &sqlite3.SQLiteDriver{} }

// prepare waits until the file is a database of our schema in WAL mode, and makes
// it one if nobody owns it.
func (s *Store) prepare(ctx context.Context, list []string, created bool) error {
	for deadline := s.clock.now().Add(s.cfg.Busy); ; {
		found, ready, err := s.check(list)
		if ready || err != nil {
			return err
		}
		l, err := tryLock(s.path)
		if err != nil {
			return err
		}
		if l != nil {
			err := s.initialise(list, l, created)
			return errors.Join(err, s.fail("unlocking", l.release()))
		}
		if ctx.Err() != nil || s.clock.now().After(deadline) {
			return errors.Join(&Error{
				Path: s.path, Doing: "opening", Kind: ErrOlderSchema,
				Note: fmt.Sprintf("its schema has version %d, this program's %d", found.version, s.newest),
			}, ctx.Err())
		}
		s.clock.sleep(ctx, 10*time.Millisecond)
	}
}

// check examines the file. It is ready if there is nothing to do to it.
func (s *Store) check(list []string) (found schema, ready bool, err error) {
	c, err := open(s.path, s.cfg.examiner())
	if err != nil {
		return found, false, s.fail("opening", err)
	}
	found, err = examine(c, s.newest)
	if err == nil && found.version == s.newest {
		if err = compare(c, list); err == nil && found.wal {
			ready = true
		}
	}
	return found, ready, s.fail("opening", errors.Join(err, c.Close()))
}

// initialise makes the file a database of the newest schema. The caller has the
// lock.
func (s *Store) initialise(list []string, l *lock, created bool) error {
	if created {
		if err := l.name(""); err != nil { // of one that was deleted
			return s.fail("locking", err)
		}
	} else if emptied(s.path) {
		return &Error{
			Path: s.path, Doing: "opening", Kind: ErrCorrupt,
			Note: "it is empty, and was in use: to begin anew delete it together with " + lockPath(s.path),
		}
	}
	c, err := open(s.path, s.cfg.examiner())
	if err != nil {
		return s.fail("opening", err)
	}
	return s.fail("opening", errors.Join(s.upgrade(c, list), c.Close()))
}

func (s *Store) upgrade(c *sqlite3.SQLiteConn, list []string) error {
	found, err := examine(c, s.newest) // again: now nobody else changes it
	if err != nil {
		return err
	}
	mode, err := one(c, "PRAGMA journal_mode = WAL")
	if err != nil {
		return err
	}
	if mode != "wal" {
		return refusal{ErrSetting, fmt.Sprintf("PRAGMA journal_mode is %v, not wal", mode)}
	}
	if err := migrate(c, found.version, list); err != nil {
		return err
	}
	return compare(c, list)
}

// Close closes files and connections. It gives up the lock file, as a crash would,
// and does not release the ownership.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	<-s.turn
	err := errors.Join(s.readers.Close(), s.dropWriter(), s.dropOutside(), s.lease.drop())
	close(s.turn)
	return s.fail("closing", err)
}
