package wfe_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/store/memory"
)

// rare is for tests of a long time.
var rare = wfe.Config{Poll: time.Hour, Beat: time.Hour, Stale: 3 * time.Hour}

// ticking is a rig whose steps note when they run.
func ticking(x *times, build func(b *builder)) rig {
	return rig{build: build, do: func(ctx wfe.StepContext, s *task) (wfe.Result, error) {
		x.note()
		s.Out = s.Label
		return ctx.Next(), nil
	}}
}

func TestSchedule_RunsABlockAtATimeOrAfterOne(t *testing.T) {
	bubble(t, func(t *testing.T) {
		x := newTimes()
		r := ticking(x, func(b *builder) {
			b.Schedule("at", func(*data) time.Time { return x.start.Add(time.Hour) }, func(b *builder) { b.task("one") })
			b.Schedule("past", func(*data) time.Time { return x.start }, func(b *builder) { b.task("two") })
			b.ScheduleAfter("after", time.Minute, func(b *builder) { b.task("three") })
			b.task("four")
		})
		h := r.host(t, memory.New(), wfe.Config{})
		require.Equal(t, []string{"one", "two", "three", "four"}, completes(t, begin(t, h, "a", data{})))
		x.on(t, time.Hour, time.Hour, time.Hour+time.Minute, time.Hour+time.Minute)
	})
}

func logs(n int) func(*data) bool { return func(d *data) bool { return len(d.Log) >= n } }

func TestRecur_RunsEachIntervalOnAGridAndMissedRoundsOnce(t *testing.T) {
	bubble(t, func(t *testing.T) {
		x := newTimes()
		r := ticking(x, func(b *builder) {
			b.Recur("poll", wfe.Every(time.Hour), logs(4), func(b *builder) { b.task("look"); b.Delay("rest", 40*time.Minute) })
		})
		st := memory.New()
		h := r.host(t, st, rare)
		begin(t, h, "a", data{})
		<-time.After(90 * time.Minute)
		require.NoError(t, h.Stop(t.Context()))
		<-time.After(3 * time.Hour) // until 4:30; the third round was due at 2:00
		h = r.host(t, st, rare)
		completes(t, wfe.Get(h, ref, "a"))
		x.on(t, 0, time.Hour, 4*time.Hour+30*time.Minute, 5*time.Hour+10*time.Minute)
	})
}

func TestRecur_ByCronFollowsTheClocksOfItsZone(t *testing.T) {
	bubble(t, func(t *testing.T) {
		x := newTimes() // 2000-01-01 00:00 UTC, 05:30 in Kolkata
		r := ticking(x, func(b *builder) {
			b.Recur("daily", wfe.Cron("0 6-7 * * *", "Asia/Kolkata"), logs(3), func(b *builder) { b.task("look") })
		})
		h := r.host(t, memory.New(), rare)
		completes(t, begin(t, h, "a", data{}))
		x.on(t, 30*time.Minute, 90*time.Minute, 24*time.Hour+30*time.Minute)
	})
}

func TestABuilderRefusesRhythmsThatAreNone(t *testing.T) {
	t.Parallel()
	until := logs(1)
	for name, c := range map[string]struct {
		build func(b *builder)
		says  string
	}{
		"no interval":       {func(b *builder) { b.Recur("r", wfe.Every(0), until, nil) }, `node "r": its interval is longer than 0; it is 0s`},
		"negative interval": {func(b *builder) { b.Recur("r", wfe.Every(-1), until, nil) }, "longer than 0"},
		"no rhythm":         {func(b *builder) { b.Recur("r", wfe.Rhythm{}, until, nil) }, "longer than 0"},
		"empty cron":        {func(b *builder) { b.Recur("r", wfe.Cron("", "UTC"), until, nil) }, "longer than 0"},
		"every in cron":     {func(b *builder) { b.Recur("r", wfe.Cron("@every 0s", "UTC"), until, nil) }, "use Every"},
		"no such day":       {func(b *builder) { b.Recur("r", wfe.Cron("0 0 30 2 *", "UTC"), until, nil) }, "there is no such day"},
		"no zone":           {func(b *builder) { b.Recur("r", wfe.Cron("0 9 * * *", ""), until, nil) }, "not the same everywhere"},
		"local zone":        {func(b *builder) { b.Recur("r", wfe.Cron("0 9 * * *", "Local"), until, nil) }, "not the same everywhere"},
		"unknown zone":      {func(b *builder) { b.Recur("r", wfe.Cron("0 9 * * *", "Europe/Atlantis"), until, nil) }, `does not know the time zone "Europe/Atlantis"`},
		"no condition":      {func(b *builder) { b.Recur("r", wfe.Every(1), nil, nil) }, `node "r": its condition is nil`},
		"no time":           {func(b *builder) { b.Schedule("s", nil, nil) }, `node "s": its time is nil`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := rig{build: c.build}.register(wfe.NewHost(memory.New(), wfe.Config{}))
			require.ErrorContains(t, err, c.says)
		})
	}
}
