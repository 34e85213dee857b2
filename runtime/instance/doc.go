// Package instance holds what is known of one running workflow: its State, the
// pointers that say where each branch stands, and the inputs that move them.
//
// State is plain data that changes only in engine.Advance. It encodes to one head
// and a number of cells, so that a transition writes what it changed and no more.
// The package has no clock, no I/O and no goroutine.
package instance
