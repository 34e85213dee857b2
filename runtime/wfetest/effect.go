package wfetest

import (
	"context"
	"fmt"

	wfe "github.com/wfegen/wfe/runtime"
)

// Effect is something that a step did to the outside world.
type Effect struct {
	Key      string // the idempotency key of the run
	Instance string
	Node     string
	What     string
}

// String returns the effect as "node: what".
func (e Effect) String() string { return e.Node + ": " + e.What }

// Effect records that the step whose context is ctx does something to the outside
// world. It is false when that step has done the same under the same idempotency
// key before: a double that then does nothing is as idempotent as what it stands
// for. The ledger outlives hosts that crash.
func (r *Rig) Effect(ctx context.Context, format string, args ...any) bool {
	info := wfe.Info(ctx)
	e := Effect{info.IdempotencyKey, info.Instance, info.Node, fmt.Sprintf(format, args...)}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, was := range r.effects {
		if was == e {
			return false
		}
	}
	r.effects = append(r.effects, e)
	return true
}

// Effects returns what was recorded, in that order.
func (r *Rig) Effects() []Effect {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Effect(nil), r.effects...)
}
