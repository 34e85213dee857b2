// Package filelock locks files against other processes, and against other descriptors of
// this one. A lock is advisory, and ends with its descriptor, so with its process: a crash
// leaves none behind.
package filelock
