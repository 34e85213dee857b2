package definition

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/netresearch/go-cron"
)

// Cron is a cron expression: minute, hour, day of the month, month, day of the
// week, or a name such as @daily. It speaks of the clock on the wall: Next says
// what that means in a time zone.
type Cron struct {
	wall   *cron.SpecSchedule
	hourly bool // it says nothing of the hour
}

// searchYears is how far ahead a time that matches is looked for. The longest
// wait there is, for a leap day on one day of the week, is 40 years.
const searchYears = 48

// ParseCron reads a cron expression. One that no day matches is an error.
func ParseCron(text string) (*Cron, error) {
	switch {
	case strings.Contains(text, "="):
		return nil, fmt.Errorf("cron expression %q: the time zone is not a part of it", text)
	case strings.HasPrefix(text, "@every"):
		return nil, fmt.Errorf("cron expression %q: an interval is not one; use Every", text)
	}
	parser := cron.MustNewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.Descriptor | cron.DowOrDom).
		WithMaxSearchYears(searchYears)
	s, err := parser.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("cron expression %q: %w", text, err)
	}
	wall, ok := s.(*cron.SpecSchedule)
	if !ok {
		return nil, fmt.Errorf("cron expression %q is not understood", text)
	}
	wall.Location = time.UTC
	if wall.Next(time.Unix(0, 0)).IsZero() {
		return nil, fmt.Errorf("cron expression %q: %w", text, errors.New("there is no such day"))
	}
	const everyHour = 1<<24 - 1
	return &Cron{wall: wall, hourly: wall.Hour&everyHour == everyHour}, nil
}

// Next returns the first time after t in zone that c names.
//
// Where clocks are put back, what names an hour is named once, by the first of
// the two equal times on the wall; what is of every hour goes on in both. Where
// clocks are put forward, what names an hour that is left out is named as much
// later as the clocks were put; what is of every hour goes on after it.
func (c *Cron) Next(t time.Time, zone *time.Location) time.Time {
	earlier, later := offsets(t, zone)
	var best time.Time
	var until time.Time // on the wall: nothing after it can come before best
	for w := c.wall.Next(wallTime(t, min(earlier, later))); !w.IsZero(); w = c.wall.Next(w) {
		if !best.IsZero() && w.After(until) {
			break
		}
		for _, at := range c.instants(w, zone) {
			if at.After(t) && (best.IsZero() || at.Before(best)) {
				best = at
				before, after := offsets(at, zone)
				until = wallTime(at, max(before, after))
			}
		}
	}
	return best
}

// instants returns when the clocks of zone show w, a time on the wall.
func (c *Cron) instants(w time.Time, zone *time.Location) []time.Time {
	before, after := offsets(w, zone)
	first, second := w.Add(-before), w.Add(-after)
	if before == after {
		return []time.Time{first}
	}
	showsFirst, showsSecond := offset(first, zone) == before, offset(second, zone) == after
	switch {
	case showsFirst && showsSecond && c.hourly:
		return []time.Time{first, second}
	case showsFirst:
		return []time.Time{first}
	case showsSecond:
		return []time.Time{second}
	case c.hourly: // no clock shows it
		return nil
	}
	return []time.Time{first}
}

// nearby is more than the clocks of a zone differ from UTC, and less than is
// between two of their changes.
const nearby = 36 * time.Hour

// offsets returns how far the clocks of zone are from UTC some time before t and
// some time after it. They differ when the clocks change nearby.
func offsets(t time.Time, zone *time.Location) (before, after time.Duration) {
	return offset(t.Add(-nearby), zone), offset(t.Add(nearby), zone)
}

func offset(t time.Time, zone *time.Location) time.Duration {
	_, seconds := t.In(zone).Zone()
	return time.Duration(seconds) * time.Second
}

// wallTime is what clocks show that are so far from UTC, as a time in UTC.
func wallTime(t time.Time, offset time.Duration) time.Time { return t.UTC().Add(offset) }
