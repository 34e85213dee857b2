package gen

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// write makes the changes. Each new file is first written beside its place, and only when all are there they take their
// places, so that what can fail has failed by then.
func write(changes []Change) error {
	staged := make([]string, len(changes))
	discard := func() {
		for _, name := range staged {
			if name != "" {
				_ = os.Remove(name) // it is gone, or in nobody's way
			}
		}
	}
	defer discard()
	for i, c := range changes {
		if c.Remove {
			continue
		}
		var err error
		if staged[i], err = stage(c); err != nil {
			return unwritable(c.Path, err)
		}
	}
	for i, c := range changes {
		var err error
		if c.Remove {
			if err = os.Remove(c.Path); errors.Is(err, fs.ErrNotExist) {
				err = nil // another run was faster
			}
		} else {
			err = os.Rename(staged[i], c.Path)
		}
		if err != nil {
			return unwritable(c.Path, err)
		}
		staged[i] = ""
	}
	return nil
}

// stage writes a file beside its place, under a name that the go command ignores and no other run has.
func stage(c Change) (string, error) {
	name := filepath.Join(filepath.Dir(c.Path), "."+FileName+"."+rand.Text()+".tmp")
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return "", err
	}
	_, err = f.Write(c.New)
	if c.mode != 0 {
		err = errors.Join(err, f.Chmod(c.mode))
	}
	if err = errors.Join(err, f.Close()); err != nil {
		_ = os.Remove(name) // the error that led here says more
		return "", err
	}
	return name, nil
}
