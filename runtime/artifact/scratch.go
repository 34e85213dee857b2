package artifact

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/wfegen/wfe/runtime/internal/filelock"
)

// scratch is a directory of files and directories that are there for a while:
// blobs that are being written, and what runs unpack. Each process has a
// subdirectory, which it locks as long as it lives; those of processes that have
// ended are removed.
type scratch struct {
	root string

	mu   sync.Mutex
	own  string   // "" before it is needed
	lock *os.File // of own
}

const ownerFile = ".owner"

// dir returns the subdirectory of this process.
func (s *scratch) dir() (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.own != "" {
		return s.own, nil
	}
	if err := os.MkdirAll(s.root, 0o700); err != nil {
		return "", err
	}
	unlock, err := lockFile(filepath.Join(s.root, ".lock"))
	if err != nil {
		return "", err
	}
	defer unlock()
	s.clean()
	own, err := os.MkdirTemp(s.root, "process-")
	if err != nil {
		return "", err
	}
	f, err := os.OpenFile(filepath.Join(own, ownerFile), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return "", err
	}
	if err := filelock.Lock(f); err != nil {
		return "", errors.Join(err, f.Close())
	}
	s.own, s.lock = own, f
	return own, nil
}

// clean removes what processes that have ended left behind. The caller has the
// lock of root, so none is just beginning.
func (s *scratch) clean() {
	entries, _ := os.ReadDir(s.root)
	for _, e := range entries {
		dir := filepath.Join(s.root, e.Name())
		if !e.IsDir() || !strings.HasPrefix(e.Name(), "process-") || dir == s.own {
			continue
		}
		f, err := os.OpenFile(filepath.Join(dir, ownerFile), os.O_RDWR, 0)
		if errors.Is(err, fs.ErrNotExist) { // it ended while it began
			_ = os.RemoveAll(dir)
			continue
		}
		if err != nil {
			continue
		}
		if free, err := filelock.TryLock(f); err == nil && free {
			_ = os.RemoveAll(dir) // what cannot be removed is tried again by the next process
		}
		_ = f.Close()
	}
}

// sweep removes what processes that have ended left behind.
func (s *scratch) sweep() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := os.Stat(s.root); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	unlock, err := lockFile(filepath.Join(s.root, ".lock"))
	if err != nil {
		return err
	}
	defer unlock()
	s.clean()
	return nil
}

// close removes the subdirectory of this process.
func (s *scratch) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.own == "" {
		return nil
	}
	err := errors.Join(os.RemoveAll(s.own), s.lock.Close())
	s.own, s.lock = "", nil
	return err
}

// tempFile makes a file that is there for a while.
func (s *scratch) tempFile() (*os.File, error) {
	dir, err := s.dir()
	if err != nil {
		return nil, err
	}
	return os.CreateTemp(dir, "blob-") // with mode 0600
}

// spool writes what r has to a new file, which is then at its beginning. check is
// asked before each part, and may be nil.
func (s *scratch) spool(ctx context.Context, r io.Reader, check func(n int) error) (*os.File, *meter, error) {
	f, err := s.tempFile()
	if err != nil {
		return nil, nil, err
	}
	m := newMeter(ctx, f)
	m.check = check
	err = copyTo(m, r)
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		discard(f)
		return nil, nil, err
	}
	return f, m, nil
}

// tempDir makes a directory that is there for a while.
func (s *scratch) tempDir() (string, error) {
	dir, err := s.dir()
	if err != nil {
		return "", err
	}
	return os.MkdirTemp(dir, "run-") // with mode 0700
}

// lockFile waits for the lock of a file, which is made if it is not there.
func lockFile(name string) (unlock func(), err error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	err = filelock.Lock(f)
	if errors.Is(err, errors.ErrUnsupported) { // without a lock two processes could write one index
		err = errors.New("there is no file lock on this platform; use a registry")
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("locking %s: %w", name, err), f.Close())
	}
	return func() { _ = f.Close() }, nil
}
