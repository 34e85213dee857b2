// Package engine is the pure core: Advance is the whole behaviour of a workflow.
//
// Advance takes what happened to an instance and says what is to be done about
// it. It has no I/O, no clock, no randomness, no goroutine and no order taken
// from a map, so the same inputs always have the same effects: tests, simulation
// and every store run this one function.
//
// What it guarantees: pointer ids are never given twice; a stale input changes
// nothing; what a crash may have cut short is run again or undone, never skipped;
// the cells that a transition lists are exactly those that it changed. What it
// leaves to the host: that effects become durable before they are acted upon, that
// timers are not early, and in which order events are offered.
//
// One file answers one question: input and suspend (what comes in, and while the
// instance is suspended), step and failure (a body's way), flow and code (what
// primitives and closures may do), halt, rollback and undo (sagas), machine (the
// queue of what follows). The rules are those of docs/semantics.md.
package engine
