package memory

import (
	"context"
	"fmt"

	"github.com/wfegen/wfe/runtime/store"
)

// Acquire waits until the ownership is free and takes it.
func (s *Store) Acquire(ctx context.Context, host string, standby func(owner string)) (store.Lease, error) {
	for told := false; ; told = true {
		if err := ctx.Err(); err != nil {
			return store.Lease{}, fmt.Errorf("memory: acquiring the store: %w", err)
		}
		lease, owner, free := s.take(host)
		if free == nil {
			return lease, nil
		}
		if !told && standby != nil {
			standby(owner)
		}
		select {
		case <-free:
		case <-ctx.Done():
		}
	}
}

// take takes the ownership, or returns the owner and a channel that is closed
// when it is free.
func (s *Store) take(host string) (l store.Lease, owner string, free <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.owned {
		if s.free == nil {
			s.free = make(chan struct{})
		}
		return store.Lease{}, s.host, s.free
	}
	s.host, s.owned, s.unknown = host, true, nil
	s.epoch++
	l = store.Lease{Store: "memory", Host: host, Epoch: s.epoch, Crashed: s.crashed}
	s.crashed = true // until it is released
	return l, "", nil
}

// Release gives the ownership back. ErrFenced: l does not hold it.
func (s *Store) Release(_ context.Context, l store.Lease) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.holds(l) {
		return store.ErrFenced
	}
	s.abandon()
	s.crashed = false
	return nil
}

// Crash declares the owner dead, as kill -9 would do: its lease is fenced, what
// was committed stays, and the next Acquire need not wait.
func (s *Store) Crash() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.abandon()
}

// holds reports whether l is the present ownership. The caller holds mu.
func (s *Store) holds(l store.Lease) bool { return s.owned && l.Epoch == s.epoch }

// abandon frees the ownership. The caller holds mu.
func (s *Store) abandon() {
	s.owned, s.unknown = false, nil
	if s.free != nil {
		close(s.free)
		s.free = nil
	}
}
