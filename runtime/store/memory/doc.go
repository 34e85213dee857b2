// Package memory keeps a store in memory, for tests and for workflows that need
// not outlive their process.
//
// One Store stands for one database: all hosts of a process that are given the
// same Store see the same instances, so that a test can crash one host and start
// another. It passes the conformance suite of storetest. What goes in and what
// comes out is copied; listings are ordered as the contract says, and nothing in
// the package reads a clock, so equal calls have equal results.
//
// Faults can be put in the way of commits, see Store.Inject, and the owner can be
// declared dead, see Store.Crash. Nothing survives the end of the process.
package memory
