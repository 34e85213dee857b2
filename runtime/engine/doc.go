// Package engine is the pure core: Advance is the whole behaviour of a workflow.
//
// Advance takes what happened to an instance and says what is to be done about
// it. It has no I/O, no clock, no randomness, no goroutine and no order taken
// from a map, so the same inputs always have the same effects: tests, simulation
// and every store run this one function.
//
// The rules that it implements are those of docs/semantics.md.
package engine
