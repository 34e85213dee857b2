//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package filelock

import (
	"errors"
	"os"
	"syscall"
)

// Lock waits until f is locked for this descriptor alone.
func Lock(f *os.File) error {
	_, err := flock(f, syscall.LOCK_EX)
	return err
}

// TryLock locks f for this descriptor alone; false means that another one has it. Its error is
// [errors.ErrUnsupported] on systems that have no such locks.
func TryLock(f *os.File) (bool, error) { return flock(f, syscall.LOCK_EX|syscall.LOCK_NB) }

func flock(f *os.File, how int) (bool, error) {
	for {
		err := syscall.Flock(int(f.Fd()), how)
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
