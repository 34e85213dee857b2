// Package store is the contract between the host and what keeps instances: the
// rows, the batched commit, and what the owner reads back.
//
// Commit is synchronous and takes a batch; gathering a batch is the host's work
// and is the same for every store. A batch is one transaction. Each item in it
// has an outcome of its own and never fails its neighbours.
//
// One process owns a store at a time, under an epoch. Every transaction of the
// owner checks the epoch, so that a process that lost the ownership without
// noticing cannot write (ErrFenced). Other processes only publish events, post
// messages and read.
//
// storetest holds the conformance suite; memory and sqlite pass it.
package store
