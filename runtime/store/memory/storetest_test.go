package memory_test

import (
	"testing"

	"github.com/wfegen/wfe/runtime/store"
	"github.com/wfegen/wfe/runtime/store/memory"
	"github.com/wfegen/wfe/runtime/store/storetest"
)

func TestStoreConforms(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(*testing.T) storetest.Harness {
		s := memory.New()
		return storetest.Harness{
			Store: s,
			Open:  func() store.Store { return s },
			Crash: func(store.Store) { s.Crash() },
			Unknown: func(_ store.Store, durable bool) {
				fired := false
				s.Inject(func(int, store.Batch) memory.Fault {
					switch {
					case fired:
						return memory.None
					case durable:
						fired = true
						return memory.Kept
					}
					fired = true
					return memory.Lost
				})
			},
		}
	})
}
