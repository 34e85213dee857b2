package wfetest

import (
	"context"

	wfestore "github.com/wfegen/wfe/runtime/store"
	"github.com/wfegen/wfe/runtime/store/memory"
)

// store is the one in memory, which tells its rig of what was written.
type store struct {
	*memory.Store
	r *Rig
}

func newStore(r *Rig) *store {
	s := &store{memory.New(), r}
	s.Inject(func(n int, _ wfestore.Batch) memory.Fault { return r.crash.fault(n) })
	return s
}

func (s *store) Commit(ctx context.Context, l wfestore.Lease, b wfestore.Batch) ([]wfestore.Outcome, error) {
	defer s.tell()
	return s.Store.Commit(ctx, l, b)
}

// sleeps reports whether an instance waits for a time to come.
func (s *store) sleeps() bool {
	due, err := s.Due(context.Background(), wfestore.Timer{}, 1)
	return err != nil || len(due) > 0
}

func (s *store) tell() {
	s.r.mu.Lock()
	defer s.r.mu.Unlock()
	s.r.tell()
}
