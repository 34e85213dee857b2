package sqlite

import (
	"errors"
	"os"

	"github.com/wfegen/wfe/runtime/internal/filelock"
)

// lock is the advisory lock of an owner, on a file beside the database. The file
// holds the owner's name, for people; it is never removed, since another process
// may be about to lock it.
type lock struct{ f *os.File }

func lockPath(path string) string { return path + ".owner" }

// tryLock takes the lock of the database at path; nil if another has it. Two
// locks of one process exclude each other as well.
func tryLock(path string) (*lock, error) {
	name := lockPath(path)
	f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, &Error{Path: path, Doing: "locking", Kind: denied(err), Err: err}
	}
	free, err := filelock.TryLock(f)
	if errors.Is(err, errors.ErrUnsupported) { // without a lock two owners could write
		err = ErrPlatform
	}
	if err == nil && free {
		if err = f.Chmod(0o600); err == nil { // whatever the umask
			return &lock{f}, nil
		}
	}
	if e := f.Close(); err == nil {
		err = e
	}
	return nil, fail(path, "locking", err)
}

// name writes the owner's name into the lock file.
func (l *lock) name(host string) error {
	if l == nil {
		return nil
	}
	if err := l.f.Truncate(0); err != nil {
		return err
	}
	if host == "" {
		return nil
	}
	_, err := l.f.WriteAt([]byte(host+"\n"), 0)
	return err
}

// release gives the lock up. A nil lock is none.
func (l *lock) release() error {
	if l == nil {
		return nil
	}
	err := l.f.Close() // the lock ends with the descriptor
	if errors.Is(err, os.ErrClosed) {
		return nil
	}
	return err
}
