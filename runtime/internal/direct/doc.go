// Package direct runs a workflow that is written as plain Go as what it is: a Go
// function. Steps are run by their policies, sagas are rolled back, time is skipped.
//
// It is a second account of what the engine does with the compiled workflow, for
// tests. What both are to do stands in docs/semantics.md; where a branch may run
// beside another one, here it runs after it. Nothing is stored and nothing crashes,
// but at each call the data are encoded and read again, as a crash would have it.
//
// A call that does not return leaves the function by a panic with a *stop, which
// the saga around it, or the Run itself, takes.
package direct
