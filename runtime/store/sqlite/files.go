package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// The database is never opened here but to create it: closing any descriptor of
// it would drop the locks that SQLite holds on it in this process.

// locate makes sure that there is a file at path that SQLite can use, creating an
// empty one for its owner's eyes only, and returns its true name: the same for
// all who mean the same file.
func locate(path string) (name string, created bool, err error) {
	if path == "" {
		return "", false, &Error{Path: `""`, Doing: "opening", Kind: ErrNotFile}
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", false, fail(path, "opening", err)
	}
	created, err = create(abs)
	if err != nil {
		return "", false, err
	}
	if name, err = filepath.EvalSymlinks(abs); err != nil {
		return "", false, fail(path, "opening", err)
	}
	return name, created, usable(name)
}

// create makes an empty file at path, unless there is something. SQLite gives the
// files it adds (-wal, -shm) the mode of this one.
func create(path string) (created bool, err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	switch {
	case errors.Is(err, fs.ErrExist):
		return false, nil
	case err != nil:
		return false, &Error{Path: path, Doing: "creating", Kind: denied(err), Err: err}
	}
	return true, fail(path, "creating", errors.Join(f.Chmod(0o600), f.Close()))
}

// usable reports what is wrong with the file at path or its directory, as far as
// the file system tells. Mode bits count for the superuser as well: a file that
// was made read-only is meant to stay as it is.
func usable(path string) error {
	st, err := os.Stat(path)
	if err != nil {
		return fail(path, "opening", err)
	}
	if !st.Mode().IsRegular() {
		return &Error{Path: path, Doing: "opening", Kind: ErrNotFile, Note: describe(st.Mode())}
	}
	if st.Mode().Perm()&0o222 == 0 {
		return &Error{Path: path, Doing: "opening", Kind: ErrReadOnly, Note: fmt.Sprintf("its mode is %v", st.Mode())}
	}
	dir := filepath.Dir(path)
	if st, err = os.Stat(dir); err != nil {
		return fail(path, "opening", err)
	}
	if st.Mode().Perm()&0o222 == 0 {
		return &Error{Path: path, Doing: "opening", Kind: ErrReadOnly, Note: fmt.Sprintf("the mode of %s is %v", dir, st.Mode())}
	}
	for _, name := range []string{path, dir} {
		if err := writable(name); err != nil {
			return &Error{Path: path, Doing: "opening", Kind: denied(err), Note: "no right to write " + name, Err: err}
		}
	}
	return nil
}

func describe(m fs.FileMode) string {
	if m.IsDir() {
		return "it is a directory"
	}
	return "its mode is " + m.String()
}

// denied returns ErrReadOnly if err says so, else nil.
func denied(err error) error {
	if errors.Is(err, fs.ErrPermission) || readOnlyFS(err) {
		return ErrReadOnly
	}
	return nil
}

// emptied reports whether the file at path has lost its contents: it has none,
// and the lock file beside it has the name of an owner.
func emptied(path string) bool {
	db, err := os.Stat(path)
	if err != nil || db.Size() > 0 {
		return false
	}
	owner, err := os.Stat(lockPath(path))
	return err == nil && owner.Size() > 0
}
