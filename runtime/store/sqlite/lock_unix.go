//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package sqlite

import (
	"errors"
	"os"
	"syscall"
)

// flock tries to lock f exclusively.
func flock(f *os.File) (bool, error) {
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case err == nil:
			return true, nil
		case errors.Is(err, syscall.EWOULDBLOCK):
			return false, nil
		case !errors.Is(err, syscall.EINTR):
			return false, os.NewSyscallError("flock", err)
		}
	}
}

// writable returns why this process may not write the file or directory.
func writable(name string) error {
	const write = 2 // W_OK
	return os.NewSyscallError("access", syscall.Access(name, write))
}

func readOnlyFS(err error) bool { return errors.Is(err, syscall.EROFS) }
