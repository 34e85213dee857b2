package wfetest

import (
	"time"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/instance"
)

// clock is that of the scenario's bubble. It never jumps, so a host over it sleeps
// from one timer to the next.
type clock struct{ start time.Time }

var _ wfe.Clock = clock{}

func (clock) Now() instance.Instant { return instance.At(time.Now()) }

func (c clock) Since() time.Duration { return time.Since(c.start) }

func (clock) AfterFunc(d time.Duration, f func()) func() bool { return time.AfterFunc(d, f).Stop }

// Steady promises that it does not jump.
func (clock) Steady() {}
