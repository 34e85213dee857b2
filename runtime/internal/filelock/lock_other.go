//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package filelock

import (
	"errors"
	"os"
)

// Lock says that there are no locks that it knows.
func Lock(*os.File) error { return errors.ErrUnsupported }

// TryLock says that there are no locks that it knows.
func TryLock(*os.File) (bool, error) { return false, errors.ErrUnsupported }
