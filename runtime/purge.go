package wfe

import (
	"context"
	"fmt"
	"time"

	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/internal/host"
	"github.com/wfegen/wfe/runtime/store"
)

// Ended says which instances Purge deletes.
type Ended struct {
	ID     string    // this one alone
	Status Status    // Complete or Terminated; "" is both
	Before time.Time // ended before; the zero time is any
}

// Purge deletes instances that have ended, with their data, history, failures and
// signals, in batches of 100, and returns how many. With ID it deletes that one:
// ErrLive if it lives, ErrNotFound. When it fails some may be deleted.
func Purge(ctx context.Context, c Client, e Ended) (int, error) {
	if e.Status != "" && !e.Status.Ended() {
		return 0, fmt.Errorf("wfe: purging what is %s: %w", e.Status, ErrLive)
	}
	p := store.Purge{ID: e.ID, Status: e.Status, Before: bound(e.Before)}
	if e.Before.IsZero() {
		p.Before = instance.Forever
	}
	for total := 0; ; {
		n, err := c.purge(ctx, p)
		total += n
		if err != nil || n < host.PurgeBatch || e.ID != "" {
			return total, err
		}
	}
}
