package wfe_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/store/memory"
)

// steady is a clock of which the host knows that it does not jump by itself, so
// that years pass quickly.
type steady struct{ *clock }

func (steady) Steady() {}

// set puts a clock that has not been used to a time.
func (c *clock) set(t time.Time) { c.wall = instance.At(t) }

// rounds runs a rhythm from a time on for so long, and returns when its rounds began.
// At each of the days it jumps by the duration that belongs to it.
func rounds(t *testing.T, rhythm wfe.Rhythm, from time.Time, days int, jumps map[int]time.Duration) []time.Time {
	t.Helper()
	c := newClock()
	c.set(from)
	var mu sync.Mutex
	var at []time.Time
	r := rig{build: func(b *builder) {
		b.Recur("daily", rhythm, func(*data) bool { return false }, func(b *builder) { b.task("round") })
	}}
	r.do = func(ctx wfe.StepContext, _ *task) (wfe.Result, error) {
		mu.Lock()
		defer mu.Unlock()
		at = append(at, c.Now().Time())
		return ctx.Next(), nil
	}
	const quiet = 1000 * time.Hour * 24
	config := wfe.Config{Clock: steady{c}, Poll: quiet, Beat: quiet, Stale: 2 * quiet}
	if len(jumps) > 0 {
		config.Clock = c // it is looked at every second
	}
	h := r.host(t, memory.New(), config)
	begin(t, h, "one", data{})
	for day := range days {
		c.advance(24 * time.Hour)
		c.jump(jumps[day])
	}
	require.NoError(t, h.Err())
	return at
}

// changes lists the days of a year on which the clocks of a zone are changed.
func changes(zone *time.Location, year int) (days []time.Time) {
	for d := time.Date(year, 1, 1, 0, 0, 0, 0, zone); d.Year() == year; d = d.AddDate(0, 0, 1) {
		_, a := d.Zone()
		if _, b := d.AddDate(0, 0, 1).Zone(); a != b {
			days = append(days, d)
		}
	}
	return days
}

func TestRecur_RunsOnceADayWhenClocksAreChanged(t *testing.T) {
	for _, name := range []string{"Europe/Berlin", "America/New_York", "America/Santiago", "Australia/Lord_Howe", "Africa/Cairo"} {
		for _, hour := range []string{"0", "1", "2", "3"} {
			t.Run(name+" at half past "+hour, func(t *testing.T) {
				bubble(t, func(t *testing.T) {
					zone, err := time.LoadLocation(name)
					require.NoError(t, err)
					days := changes(zone, 2030)
					require.Len(t, days, 2, "forward and back")
					for _, day := range days {
						from := day.AddDate(0, 0, -2).UTC().Truncate(24 * time.Hour)
						at := rounds(t, wfe.Cron("30 "+hour+" * * *", name), from, 5, nil)
						require.GreaterOrEqual(t, len(at), 4, "%v", at)
						first := at[0].In(zone)
						for i, round := range at {
							local := round.In(zone)
							noon := time.Date(first.Year(), first.Month(), first.Day()+i, 12, 0, 0, 0, zone)
							require.Equal(t, noon.Format(time.DateOnly), local.Format(time.DateOnly), "one round a day: %v", at)
							due, err := time.ParseInLocation("2006-01-02 15:04", noon.Format(time.DateOnly)+" 0"+hour+":30", zone)
							require.NoError(t, err)
							if clockOf(due) == "0"+hour+":30" { // there is that time on that day
								require.Equal(t, clockOf(due), clockOf(local), "%v", at)
							}
							require.NotEqual(t, clockOf(local), clockOf(local.Add(-time.Hour)), "the second of two equal times: %v", at)
						}
					}
				})
			})
		}
	}
}

func clockOf(t time.Time) string { return t.Format("15:04") }

func TestRecur_FindsTheLeapDay(t *testing.T) {
	bubble(t, func(t *testing.T) {
		at := rounds(t, wfe.Cron("0 12 29 2 *", "UTC"), time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC), 6*366, nil)
		require.Len(t, at, 2)
		require.Equal(t, time.Date(2032, 2, 29, 12, 0, 0, 0, time.UTC), at[0].UTC())
		require.Equal(t, time.Date(2036, 2, 29, 12, 0, 0, 0, time.UTC), at[1].UTC())
	})
}

// A clock that jumps over rounds runs them once; one that jumps back runs none again.
func TestRecur_NeverRunsARoundTwiceWhenClocksJump(t *testing.T) {
	bubble(t, func(t *testing.T) {
		from := time.Date(2030, 5, 1, 0, 30, 0, 0, time.UTC)
		at := rounds(t, wfe.Cron("0 0 * * *", "UTC"), from, 4, map[int]time.Duration{0: -time.Hour, 1: time.Hour, 2: 10 * 366 * 24 * time.Hour})
		for i, round := range at {
			if i > 0 {
				require.True(t, at[i-1].Truncate(24*time.Hour).Before(round.Truncate(24*time.Hour)), "%v", at)
			}
			require.Zero(t, round.Truncate(time.Hour).Hour(), "early: %v", at)
		}
		require.Equal(t, 2040, at[len(at)-1].Year(), "%v", at)
	})
}
