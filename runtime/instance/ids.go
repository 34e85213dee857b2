package instance

import (
	"math"
	"time"
)

// Instant is a point in time: nanoseconds since 1970 in UTC. Zero is no instant.
type Instant int64

// Forever is the last Instant there is.
const Forever Instant = math.MaxInt64

// At returns t as an Instant, or the nearest one there is: the first is in the year
// 1677, the last in 2262.
func At(t time.Time) Instant {
	switch {
	case t.Before(time.Unix(0, math.MinInt64)):
		return math.MinInt64
	case t.After(time.Unix(0, math.MaxInt64)):
		return math.MaxInt64
	}
	return Instant(t.UnixNano())
}

// Time returns i as a time in UTC; the zero time for the zero Instant.
func (i Instant) Time() time.Time {
	if i == 0 {
		return time.Time{}
	}
	return time.Unix(0, int64(i)).UTC()
}

// Add returns i plus d, or the last Instant there is where that is later.
func (i Instant) Add(d time.Duration) Instant {
	if d > 0 && int64(i) > math.MaxInt64-int64(d) {
		return math.MaxInt64
	}
	return i + Instant(d)
}

// Sub returns the time from j to i, or the longest there is where that is longer.
func (i Instant) Sub(j Instant) time.Duration {
	switch d := i - j; {
	case i >= j && d < 0:
		return math.MaxInt64
	case i < j && d > 0:
		return math.MinInt64
	default:
		return time.Duration(d)
	}
}

// PtrID names a pointer of an instance. It comes from a durable counter and is
// never used again. Zero is no pointer; as a parent it is the workflow itself.
type PtrID uint64

// Seq is the number that the store gives to an event when it becomes visible,
// and, inside an instance, the order in which steps were completed.
type Seq uint64
