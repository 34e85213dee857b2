package memory

import (
	"errors"

	"github.com/wfegen/wfe/runtime/store"
)

// Fault is what befalls a commit.
type Fault uint8

// The faults of a commit.
const (
	None        Fault = iota
	Refused           // nothing is written; the error is ErrRefused, and store.ErrUnknown from Settle
	Lost              // nothing is written; the error is store.ErrUnknown
	Kept              // all is written; the error is store.ErrUnknown
	CrashBefore       // nothing is written, and the owner is dead: store.ErrFenced, now and from then on
	CrashAfter        // all is written, and the owner is dead: store.ErrFenced, now and from then on
)

// ErrRefused is the error of a commit that was Refused.
var ErrRefused = errors.New("memory: the commit was refused by an injected fault")

// Inject has f decide over each batch that has items, whether it comes by Commit
// or by Settle; n counts them from 1 since New. f is called with the store locked
// and must not call it. A nil f ends the faults.
//
// A crash before and after each commit is a loop over n that ends when a run has
// met no fault:
//
//	s.Inject(func(n int, _ store.Batch) memory.Fault {
//		if n == at {
//			return memory.CrashAfter
//		}
//		return memory.None
//	})
func (s *Store) Inject(f func(n int, b store.Batch) Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inject = f
}

// Commits returns how many batches with items there have been, those with
// faults included.
func (s *Store) Commits() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.commits
}
