package reference

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/wfegen/wfe/runtime/store"
	"github.com/wfegen/wfe/runtime/store/memory"
)

// faults says what fails. It depends on the seed, the time and what is done, and not
// on how often or in which order that happens at one time: so it is the same in
// each run of the seed.
type faults struct {
	seed  uint64
	start time.Time
	rate  int // percent of the calls
}

// tick is how exact the times of faults, and of what is told, are: how many commits
// there are in a microsecond is up to the scheduler.
const tick = 10 * time.Millisecond

// number is a number that belongs to something that happens now.
func (f *faults) number(what ...any) uint64 {
	h := sha256.Sum256(fmt.Append(nil, f.seed, time.Since(f.start)/tick, what))
	return binary.BigEndian.Uint64(h[:])
}

func (f *faults) upTo(d time.Duration, what ...any) time.Duration {
	return time.Duration(f.number(what...) % uint64(d))
}

func (f *faults) strikes(what ...any) bool {
	return f.rate > 0 && f.number(what...)%100 < uint64(f.rate)
}

// fault is what befalls the commits of the present time.
func (c *cluster) fault(int, store.Batch) memory.Fault {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.faults.strikes("commit") {
		return memory.None
	}
	f := []memory.Fault{memory.Refused, memory.Refused, memory.Lost, memory.Lost, memory.Kept, memory.Kept,
		memory.CrashBefore, memory.CrashAfter}[c.faults.number("fault")%8]
	c.doomed = f == memory.CrashBefore || f == memory.CrashAfter
	return f
}
