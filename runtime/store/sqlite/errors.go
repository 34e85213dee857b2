package sqlite

import (
	"errors"
	"fmt"
	"strings"

	sqlite3 "github.com/mattn/go-sqlite3"

	"github.com/wfegen/wfe/runtime/store"
)

// What can be wrong with a database, for errors.Is.
var (
	ErrNotFile     = errors.New("it is not a regular file")
	ErrReadOnly    = errors.New("it cannot be written")
	ErrNotDatabase = errors.New("it is not an SQLite database")
	ErrForeign     = errors.New("it is a database of another application")
	ErrCorrupt     = errors.New("it is damaged")
	ErrNewerSchema = errors.New("it was written by a newer version of the program")
	ErrOlderSchema = errors.New("its owner is an older version of the program")
	ErrReplaced    = errors.New("the file was removed or replaced while it was open")
	ErrDiskFull    = errors.New("the disk is full")
	ErrBusy        = errors.New("another process holds its write lock")
	ErrLibrary     = errors.New("the SQLite library is not fit for use")
	ErrSetting     = errors.New("SQLite did not accept a setting")
	ErrPlatform    = errors.New("this system has no file locks that the program knows")
	ErrClosed      = errors.New("the store is closed")
)

// Error is an error of a database, with the file it concerns and what to do.
type Error struct {
	Path  string
	Doing string // what failed, as "opening"
	Kind  error  // one of the errors above; nil if it is none of them
	Note  string // particulars of this case; may be ""
	Err   error  // what SQLite or the system said; may be nil
}

// Error returns the message.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "sqlite: %s %s", e.Doing, e.Path)
	if e.Kind != nil {
		fmt.Fprintf(&b, ": %v", e.Kind)
	}
	if e.Note != "" {
		fmt.Fprintf(&b, " (%s)", e.Note)
	}
	if e.Err != nil {
		fmt.Fprintf(&b, ": %v", e.Err)
	}
	if r := e.Remedy(); r != "" {
		fmt.Fprintf(&b, "; %s", r)
	}
	return b.String()
}

// Unwrap returns the kind and the cause; store.ErrLost too, where only another
// Open can help.
func (e *Error) Unwrap() []error {
	var errs []error
	for _, err := range []error{e.Kind, e.Err} {
		if err != nil {
			errs = append(errs, err)
		}
	}
	switch e.Kind {
	case ErrReplaced, ErrClosed, ErrCorrupt, ErrNotDatabase:
		errs = append(errs, store.ErrLost)
	}
	return errs
}

// Remedy says what to do about it; "" if that is not known.
func (e *Error) Remedy() string {
	switch e.Kind {
	case ErrNotFile:
		return "name a file"
	case ErrReadOnly:
		return "make the file and its directory writable for this user"
	case ErrNotDatabase:
		return "name another file, or restore this one from a backup"
	case ErrForeign:
		return "name another file"
	case ErrCorrupt:
		return "stop all programs that use it and restore it from a backup, together with its -wal file"
	case ErrNewerSchema:
		return "use the newer program, or another file"
	case ErrOlderSchema:
		return "stop the older program first, so that this one can bring the file up to date"
	case ErrReplaced:
		return "restart the program"
	case ErrDiskFull:
		return "free some space; nothing that was acknowledged is lost"
	case ErrBusy:
		return "look for a program that is stopped or hangs in the middle of a transaction"
	case ErrLibrary:
		return "build with a newer github.com/mattn/go-sqlite3, without the tag libsqlite3"
	case ErrSetting:
		return "keep the file on a local disk, and build without tags for go-sqlite3"
	case ErrPlatform:
		return "use a Unix system, or another store"
	}
	return ""
}

// fail returns err as an *Error about the store's file; nil for nil.
func (s *Store) fail(doing string, err error) error { return fail(s.path, doing, err) }

// fail returns err as an *Error about the file at path; nil for nil. An *Error
// stays what it is.
func fail(path, doing string, err error) error {
	if err == nil {
		return nil
	}
	var own *Error
	var r refusal
	switch {
	case errors.As(err, &own):
		return err
	case errors.As(err, &r):
		return &Error{Path: path, Doing: doing, Kind: r.kind, Note: r.note}
	}
	return &Error{Path: path, Doing: doing, Kind: kind(err), Err: err}
}

// refusal says why a database is not used.
type refusal struct {
	kind error
	note string
}

func (r refusal) Error() string { return r.note }
func (r refusal) Unwrap() error { return r.kind }

// kind returns which of the package's errors an error of SQLite is, or nil.
func kind(err error) error {
	var e sqlite3.Error
	if !errors.As(err, &e) {
		return nil
	}
	switch e.Code {
	case sqlite3.ErrNotADB:
		return ErrNotDatabase
	case sqlite3.ErrCorrupt:
		return ErrCorrupt
	case sqlite3.ErrFull:
		return ErrDiskFull
	case sqlite3.ErrReadonly, sqlite3.ErrPerm, sqlite3.ErrCantOpen:
		return ErrReadOnly
	case sqlite3.ErrBusy:
		return ErrBusy
	}
	return nil
}

// isBusy reports whether err says that another connection is writing.
func isBusy(err error) bool { return errors.Is(kind(err), ErrBusy) }
