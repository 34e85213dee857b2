//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package artifact

import (
	"errors"
	"os"
)

// flock says that it is not supported: without a lock two processes could write
// one index.
func flock(*os.File, bool) (bool, error) {
	return false, errors.New("artifact: there is no file lock on this platform; use a registry")
}

func syncDir(string) error { return nil }
