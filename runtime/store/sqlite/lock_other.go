//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package sqlite

import "os"

// flock says that it is not supported: without a lock two owners could write.
func flock(*os.File) (bool, error) { return false, ErrPlatform }

func writable(string) error { return nil }

func readOnlyFS(error) bool { return false }
