package definition_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/definition"
)

// next lists n times after a time, as they are shown in the zone.
func next(t *testing.T, text, zone, after string, n int) []string {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	require.NoError(t, err)
	c, err := definition.ParseCron(text)
	require.NoError(t, err)
	at, err := time.Parse(time.RFC3339, after)
	require.NoError(t, err)
	var l []string
	for range n {
		now := c.Next(at, loc)
		require.True(t, now.After(at), "%s is not after %s", now, at)
		at = now
		l = append(l, at.In(loc).Format("01-02T15:04Z07:00"))
	}
	return l
}

func TestCron_RunsOnceInTheAutumnAndInTheGapOfSpring(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text, zone, after string
		want              []string
	}{
		"Berlin, spring":    {"30 2 * * *", "Europe/Berlin", "2027-03-27T12:00:00Z", []string{"03-28T03:30+02:00", "03-29T02:30+02:00"}},
		"Berlin, autumn":    {"30 2 * * *", "Europe/Berlin", "2027-10-30T12:00:00Z", []string{"10-31T02:30+02:00", "11-01T02:30+01:00"}},
		"New York, spring":  {"15 2 * * *", "America/New_York", "2027-03-13T12:00:00Z", []string{"03-14T03:15-04:00", "03-15T02:15-04:00"}},
		"New York, autumn":  {"30 1 * * *", "America/New_York", "2027-11-06T12:00:00Z", []string{"11-07T01:30-04:00", "11-08T01:30-05:00"}},
		"Lord Howe, spring": {"10 2 * * *", "Australia/Lord_Howe", "2027-10-02T00:00:00Z", []string{"10-03T02:40+11:00", "10-04T02:10+11:00"}},
		"Lord Howe, autumn": {"45 1 * * *", "Australia/Lord_Howe", "2027-04-03T00:00:00Z", []string{"04-04T01:45+11:00", "04-05T01:45+10:30"}},
		"Santiago, spring":  {"0 0 * * *", "America/Santiago", "2027-09-04T12:00:00Z", []string{"09-05T01:00-03:00", "09-06T00:00-03:00"}},
		"Santiago, autumn":  {"30 23 * * *", "America/Santiago", "2027-04-03T12:00:00Z", []string{"04-03T23:30-03:00", "04-04T23:30-04:00"}},
		"Kolkata":           {"30 2 * * *", "Asia/Kolkata", "2027-03-27T12:00:00Z", []string{"03-28T02:30+05:30", "03-29T02:30+05:30"}},
		"Apia, no such day": {"0 9 * * *", "Pacific/Apia", "2011-12-29T20:00:00Z", []string{"12-31T09:00+14:00", "01-01T09:00+14:00"}},

		"all of a gap, in order":          {"10,50 2,3 * * *", "Europe/Berlin", "2027-03-27T12:00:00Z", []string{"03-28T03:10+02:00", "03-28T03:50+02:00", "03-29T02:10+02:00"}},
		"near the end of a gap":           {"50 2 * * *", "Europe/Berlin", "2027-03-28T01:00:00Z", []string{"03-28T03:50+02:00", "03-29T02:50+02:00"}},
		"every hour, spring":              {"30 * * * *", "Europe/Berlin", "2027-03-28T00:00:00Z", []string{"03-28T01:30+01:00", "03-28T03:30+02:00", "03-28T04:30+02:00"}},
		"every hour, autumn":              {"30 * * * *", "Europe/Berlin", "2027-10-31T00:00:00Z", []string{"10-31T02:30+02:00", "10-31T02:30+01:00", "10-31T03:30+01:00"}},
		"each half hour, autumn":          {"*/30 * * * *", "Europe/Berlin", "2027-10-31T00:20:00Z", []string{"10-31T02:30+02:00", "10-31T02:00+01:00", "10-31T02:30+01:00", "10-31T03:00+01:00"}},
		"leap day":                        {"0 9 29 2 *", "Europe/Berlin", "2027-01-01T00:00:00Z", []string{"02-29T09:00+01:00", "02-29T09:00+01:00"}},
		"no leap day in 2100":             {"0 9 29 2 *", "UTC", "2096-03-01T00:00:00Z", []string{"02-29T09:00Z"}},
		"a day of week or month":          {"0 9 1 * MON", "UTC", "2027-01-30T00:00:00Z", []string{"02-01T09:00Z", "02-08T09:00Z"}},
		"a name":                          {"@daily", "Asia/Kolkata", "2027-01-30T00:00:00Z", []string{"01-31T00:00+05:30"}},
		"the time itself is not after it": {"0 9 * * *", "UTC", "2027-01-30T09:00:00Z", []string{"01-31T09:00Z"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.want, next(t, c.text, c.zone, c.after, len(c.want)))
		})
	}
}

// TestCron_NamesEachTimeOnTheWallOnce compares a year in five zones with what a
// clock that is looked at each minute shows.
func TestCron_NamesEachTimeOnTheWallOnce(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Africa/Cairo"} {
		for _, text := range []string{"5,25 1-2 * * *", "0 0,23 * * *", "*/20 * * * *"} {
			t.Run(zone+" "+text, func(t *testing.T) {
				t.Parallel()
				loc, err := time.LoadLocation(zone)
				require.NoError(t, err)
				c, err := definition.ParseCron(text)
				require.NoError(t, err)
				start := time.Date(2028, 1, 1, 12, 0, 0, 0, time.UTC)
				end := start.AddDate(1, 0, 0)
				days := map[string]int{}
				for at := c.Next(start, loc); at.Before(end); {
					days[at.In(loc).Format(time.DateOnly)]++
					now := c.Next(at, loc)
					require.True(t, now.After(at))
					at = now
				}
				if text == "*/20 * * * *" {
					total := 0
					for _, n := range days {
						total += n
					}
					require.InDelta(t, end.Sub(start)/(20*time.Minute), total, 3, "each twenty minutes, whatever the clocks show")
					return
				}
				for day := start.AddDate(0, 0, 1); day.Before(end.AddDate(0, 0, -1)); day = day.AddDate(0, 0, 1) {
					want := 4
					if text == "0 0,23 * * *" {
						want = 2
					}
					require.Equal(t, want, days[day.Format(time.DateOnly)], "%s", day.Format(time.DateOnly))
				}
			})
		}
	}
}

func TestParseCron_RefusesWhatNamesNoTime(t *testing.T) {
	t.Parallel()
	for text, says := range map[string]string{
		"":                      "empty",
		"@every 0s":             "use Every",
		"@every 1h":             "use Every",
		"0 0 30 2 *":            "there is no such day",
		"60 * * * *":            "60",
		"* * * *":               "expected",
		"* * * * * *":           "expected",
		"TZ=UTC":                "time zone is not a part",
		"CRON_TZ=UTC 0 9 * * *": "time zone is not a part",
		"*/0 * * * *":           "*/0",
		"@reboot":               "@reboot",
		"0 9 * * *\x00":         "*",
		"1-99999999999 * * * *": "1-99999999999",
		"0 9 31 2,4,6,9,11 *":   "there is no such day",
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			_, err := definition.ParseCron(text)
			require.ErrorContains(t, err, says)
		})
	}
}
