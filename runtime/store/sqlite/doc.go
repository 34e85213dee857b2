// Package sqlite keeps a store in one SQLite file, next to the program that uses
// it: no server, and a crash or a power cut loses nothing that was acknowledged.
//
// # What it guarantees
//
// A batch is one transaction in WAL mode with synchronous=FULL: when Commit
// returns without an error it is on the disk. An error of SQLite's COMMIT does not
// say whether it is; it is reported as store.ErrUnknown, and Settle finds out by a
// write, since no read can (SQLite may hide a transaction that a crash would bring
// back).
//
// One process owns the file, by a lock on FILE.owner and an epoch in the file that
// each of its transactions checks. A standby takes over when the lock is free, or
// when the owner has committed nothing, not even an empty batch, for Config.Stale
// on the standby's own clock; a common clock is not needed. Other processes
// publish events, post messages and read.
//
// Open refuses what it cannot keep safe: another application's file, a damaged
// one, one of a newer schema, one that cannot be written, an SQLite library with
// known faults, settings that did not take. It says what is wrong and what to do
// (see Error) and leaves the file as it was.
//
// # What it does not do
//
// It does not work over network file systems, nor without file locks. It gathers
// no batches; that is the host's work. It never reads the time in SQL.
package sqlite
