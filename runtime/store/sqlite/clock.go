package sqlite

import (
	"context"
	"time"
)

// clock is what the package knows of time. Only differences of now count.
type clock interface {
	now() time.Time
	// sleep waits d, or until ctx is done.
	sleep(ctx context.Context, d time.Duration)
}

// systemClock is the clock of the system.
type systemClock struct{}

func (systemClock) now() time.Time { return time.Now() }

func (systemClock) sleep(ctx context.Context, d time.Duration) {
	if ctx.Done() == nil {
		time.Sleep(d)
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
