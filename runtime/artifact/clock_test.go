package artifact_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/artifact"
	"github.com/wfegen/wfe/runtime/instance"
)

// clock stands still but for sleep.
type clock struct{ now time.Time }

var _ wfe.Clock = (*clock)(nil)

func newClock() *clock { return &clock{time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)} }

func (c *clock) sleep(d time.Duration)                       { c.now = c.now.Add(d) }
func (c *clock) Now() instance.Instant                       { return instance.At(c.now) }
func (c *clock) Since() time.Duration                        { panic("stores ask for the time of day alone") }
func (c *clock) AfterFunc(time.Duration, func()) func() bool { panic("stores set no timers") }

func TestSweep_GoesByTheClockOfTheConfig(t *testing.T) {
	t.Parallel()
	_, repo := repository(t)
	for name, open := range map[string]func(artifact.Config) wfe.ArtifactStore{
		"layout": func(c artifact.Config) wfe.ArtifactStore {
			l, dir := layout(t, c)
			t.Cleanup(func() { require.Empty(t, files(t, dir+"/blobs"), "manifests have the time of that clock too") })
			return l
		},
		"registry": func(c artifact.Config) wfe.ArtifactStore {
			g, _ := remoteStore(t, repo, c)
			return g
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClock()
			s := open(artifact.Config{Clock: c, Keep: time.Hour})
			sweep := func() wfe.ArtifactSweep {
				got, err := s.Sweep(t.Context(), none)
				require.NoError(t, err)
				got.Bytes = 0
				return got
			}
			put(t, s, "a", "first")
			c.sleep(59 * time.Minute)
			put(t, s, "b", "second")
			require.Equal(t, wfe.ArtifactSweep{Kept: 2}, sweep())
			c.sleep(2 * time.Minute)
			require.Equal(t, wfe.ArtifactSweep{Kept: 1, Removed: 1}, sweep())
			put(t, s, "b", "second")
			c.sleep(59 * time.Minute)
			require.Equal(t, wfe.ArtifactSweep{Kept: 1}, sweep(), "its time counts from when it was written last")
			c.sleep(2 * time.Minute)
			require.Equal(t, wfe.ArtifactSweep{Removed: 1}, sweep())
		})
	}
}
