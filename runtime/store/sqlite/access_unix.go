//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package sqlite

import (
	"errors"
	"os"
	"syscall"
)

// writable returns why this process may not write the file or directory.
func writable(name string) error {
	const write = 2 // W_OK
	return os.NewSyscallError("access", syscall.Access(name, write))
}

func readOnlyFS(err error) bool { return errors.Is(err, syscall.EROFS) }
