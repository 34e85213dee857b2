package host

import (
	"time"

	"github.com/wfegen/wfe/runtime/instance"
)

// Clock is the only source of time of a host.
type Clock interface {
	// Now is the wall clock. It may jump.
	Now() instance.Instant
	// Since is the time that has passed since the clock was made. It never jumps.
	Since() time.Duration
	// AfterFunc calls f in a goroutine of its own after d. stop keeps it from
	// doing so and reports whether it was in time.
	AfterFunc(d time.Duration, f func()) (stop func() bool)
}

// Steady is a Clock whose wall clock does not jump. The host sleeps until the next
// timer, however far off that is; with other clocks it looks every second.
type Steady interface {
	Clock
	Steady()
}

// SystemClock is the clock of the machine.
func SystemClock() Clock { return systemClock{time.Now()} }

type systemClock struct{ start time.Time }

func (c systemClock) Now() instance.Instant { return instance.At(time.Now()) }

func (c systemClock) Since() time.Duration { return time.Since(c.start) }

func (c systemClock) AfterFunc(d time.Duration, f func()) func() bool {
	return time.AfterFunc(d, f).Stop
}
