//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package sqlite

func writable(string) error { return nil }

func readOnlyFS(error) bool { return false }
