// Package programs holds tests that generate random workflows in plain Go, compile
// them with wfegen, and compare what becomes of them on a host, in memory and on
// SQLite with the process killed at random commits, with what the same functions do
// when they are run directly.
//
// A program is known by its seed and its size: the same two give the same source. What
// it may do is what wfegen accepts and what has one outcome: branches that run in
// parallel only add to what they share, fail only where they catch it themselves, and
// are compared branch by branch.
package programs
