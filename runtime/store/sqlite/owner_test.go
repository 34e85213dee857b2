package sqlite

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/store"
)

// jump is a clock that moves when somebody sleeps; each sleep is told of first.
type jump struct {
	t     time.Time
	slept func(at time.Duration)
}

func (j *jump) now() time.Time { return j.t }

func (j *jump) sleep(_ context.Context, d time.Duration) {
	j.t = j.t.Add(d)
	if j.slept != nil {
		j.slept(j.t.Sub(jumpStart))
	}
}

var jumpStart = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)

// newJump gives s a clock that jumps, and the default stale time of 10 s.
func newJump(s *Store, slept func(at time.Duration)) *jump {
	j := &jump{jumpStart, slept}
	s.clock = j
	s.cfg.Stale, s.cfg.Poll = 10*time.Second, 100*time.Millisecond
	return j
}

// beat commits an empty batch.
func beat(t *testing.T, s *Store, l store.Lease) {
	t.Helper()
	_, err := s.Commit(t.Context(), l, store.Batch{})
	require.NoError(t, err)
}

func TestAnOwnerThatCommitsIsNotTakenOverAndOneThatDoesNotIs(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "wfe.db")
	first, second := openAt(t, path, quick()), openAt(t, path, quick())
	old, err := first.Acquire(t.Context(), "first", nil)
	require.NoError(t, err)
	last := time.Duration(0)
	clock := newJump(second, func(at time.Duration) {
		if at < time.Minute && at-last >= 9*time.Second {
			last = at
			beat(t, first, old)
		}
	})
	l, err := second.Acquire(t.Context(), "second", nil)
	require.NoError(t, err)
	require.Greater(t, last, 40*time.Second)
	took := clock.t.Sub(jumpStart)
	require.GreaterOrEqual(t, took, last+10*time.Second)
	require.Less(t, took, last+11*time.Second)
	_, err = first.Commit(t.Context(), old, store.Batch{Items: []store.Item{{Instance: row("a", 1)}}})
	require.ErrorIs(t, err, store.ErrFenced)
	_, err = second.Load(t.Context(), "a")
	require.ErrorIs(t, err, store.ErrNotFound)
	beat(t, second, l)
}

func TestAPauseOfTheStandbyItselfIsNotTheOwners(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "wfe.db")
	first, second := openAt(t, path, quick()), openAt(t, path, quick())
	_, err := first.Acquire(t.Context(), "first", nil)
	require.NoError(t, err)
	looks := 0
	clock := newJump(second, nil)
	clock.slept = func(time.Duration) {
		if looks++; looks == 5 {
			clock.t = clock.t.Add(time.Hour)
		}
	}
	_, err = second.Acquire(t.Context(), "second", nil)
	require.NoError(t, err)
	require.Greater(t, looks, 50)
}

func TestALockThatComesFreeDoesNotCountAgainstWhoTookOverWithoutIt(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "wfe.db")
	first, second, third := openAt(t, path, quick()), openAt(t, path, quick()), openAt(t, path, quick())
	_, err := first.Acquire(t.Context(), "first", nil)
	require.NoError(t, err)
	newJump(second, nil)
	l, err := second.Acquire(t.Context(), "second", nil) // first still has the lock file
	require.NoError(t, err)
	require.NoError(t, first.Close()) // now nobody has

	// A third one gets the lock, but second is alive.
	ctx, cancel := context.WithCancel(t.Context())
	looks := 0
	newJump(third, func(time.Duration) {
		if looks++; looks == 50 {
			cancel()
		}
	})
	_, err = third.Acquire(ctx, "third", func(owner string) { require.Equal(t, "second", owner) })
	require.ErrorIs(t, err, context.Canceled)

	// With its next commits second gets the lock itself, and its end is seen at once.
	second.clock.sleep(t.Context(), time.Second)
	beat(t, second, l)
	lk, err := tryLock(path)
	require.NoError(t, err)
	require.Nil(t, lk)
	row, err := second.readOwner(t.Context())
	require.NoError(t, err)
	require.True(t, row.held)
	require.NoError(t, second.Close())
	before := third.clock.now()
	_, err = third.Acquire(t.Context(), "third", nil)
	require.NoError(t, err)
	require.Equal(t, before, third.clock.now())
}

func TestAStoreThatWasFencedMayAcquireAgain(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "wfe.db")
	first, second := openAt(t, path, quick()), openAt(t, path, quick())
	old, err := first.Acquire(t.Context(), "first", nil)
	require.NoError(t, err)
	newJump(second, nil)
	l, err := second.Acquire(t.Context(), "second", nil)
	require.NoError(t, err)
	_, err = first.Commit(t.Context(), old, store.Batch{})
	require.ErrorIs(t, err, store.ErrFenced)
	require.NoError(t, second.Release(t.Context(), l))
	again, err := first.Acquire(t.Context(), "first", nil)
	require.NoError(t, err)
	require.Greater(t, again.Epoch, l.Epoch)
	beat(t, first, again)
}

func TestAHostOfThisProcessThatCommitsNothingIsTakenOverToo(t *testing.T) {
	t.Parallel()
	s := openAt(t, filepath.Join(t.TempDir(), "wfe.db"), quick())
	old, err := s.Acquire(t.Context(), "first", nil)
	require.NoError(t, err)
	newJump(s, nil)
	l, err := s.Acquire(t.Context(), "second", nil)
	require.NoError(t, err)
	_, err = s.Commit(t.Context(), old, store.Batch{})
	require.ErrorIs(t, err, store.ErrFenced)
	beat(t, s, l)
	require.NoError(t, s.Release(t.Context(), l))
	lk, err := tryLock(s.path)
	require.NoError(t, err)
	require.NotNil(t, lk)
	require.NoError(t, lk.release())
}

func TestATakeoverOfUnknownOutcomeIsDoneAgain(t *testing.T) {
	t.Parallel()
	for _, mode := range []fault{fails, doubts} {
		s, f := openAt(t, filepath.Join(t.TempDir(), "wfe.db"), quick()), &faulty{}
		f.install(s)
		f.set(func(_ int, text string) fault {
			if text == "COMMIT" {
				return mode
			}
			return works
		})
		_, err := s.Acquire(t.Context(), "x", nil)
		require.ErrorIs(t, err, errInjected)
		f.set(nil)
		l, err := s.Acquire(t.Context(), "x", nil)
		require.NoError(t, err)
		beat(t, s, l)
	}
}

func TestAReleaseThatFailsGivesTheLockUpNevertheless(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "wfe.db")
	s, f := openAt(t, path, quick()), &faulty{}
	f.install(s)
	l, err := s.Acquire(t.Context(), "x", nil)
	require.NoError(t, err)
	f.set(func(_ int, text string) fault {
		if text == "COMMIT" {
			return fails
		}
		return works
	})
	require.ErrorIs(t, s.Release(t.Context(), l), errInjected)
	_, err = s.Commit(t.Context(), l, store.Batch{})
	require.ErrorIs(t, err, store.ErrFenced)
	other := openAt(t, path, quick())
	_, err = other.Acquire(t.Context(), "y", func(string) { t.Error("it had to wait") })
	require.NoError(t, err)
}

func TestAnOwnerInTheMiddleOfATransactionBlocksTheTakeover(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "wfe.db")
	first := openAt(t, path, quick())
	_, err := first.Acquire(t.Context(), "first", nil)
	require.NoError(t, err)
	stopped, err := open(path, first.cfg.writer())
	require.NoError(t, err)
	_, err = stopped.Exec("BEGIN IMMEDIATE", nil)
	require.NoError(t, err)

	log := &logged{}
	second := openAt(t, path, quick())
	second.cfg.Busy, second.log = time.Millisecond, log
	looks := 0
	newJump(second, func(time.Duration) {
		if looks++; looks == 200 {
			_, err := stopped.Exec("ROLLBACK", nil)
			require.NoError(t, err)
		}
	})
	_, err = second.Acquire(t.Context(), "second", nil)
	require.NoError(t, err)
	require.Equal(t, 1, log.warnings)
	require.GreaterOrEqual(t, looks, 200)
	require.NoError(t, stopped.Close())
}

type logged struct{ warnings int }

func (l *logged) Warn(string, ...any) { l.warnings++ }
func (l *logged) Info(string, ...any) {}

func TestCommitsThatFollowEachOtherLeaveAGapForOthers(t *testing.T) {
	t.Parallel()
	s := openAt(t, filepath.Join(t.TempDir(), "wfe.db"), quick())
	l, err := s.Acquire(t.Context(), "x", nil)
	require.NoError(t, err)
	gaps := 0
	clock := newJump(s, func(time.Duration) { gaps++ })
	for range 40 { // with no time between them
		clock.t = clock.t.Add(90 * time.Microsecond)
		beat(t, s, l)
	}
	require.Zero(t, gaps)
	for range 60 {
		clock.t = clock.t.Add(90 * time.Microsecond)
		beat(t, s, l)
	}
	require.Equal(t, 1, gaps)
	for range 100 { // with pauses of their own
		clock.t = clock.t.Add(time.Millisecond)
		beat(t, s, l)
	}
	require.Equal(t, 1, gaps)
}

func TestTheOwnersNameIsInTheLockFile(t *testing.T) {
	t.Parallel()
	s := openAt(t, filepath.Join(t.TempDir(), "wfe.db"), quick())
	for _, name := range []string{"a long name of a host", "short"} {
		l, err := s.Acquire(t.Context(), name, nil)
		require.NoError(t, err)
		require.EqualValues(t, len(name)+1, size(t, lockPath(s.path)))
		require.NoError(t, s.Release(t.Context(), l))
	}
	_, err := s.Acquire(t.Context(), "", nil)
	require.NoError(t, err)
	require.False(t, errors.Is(err, store.ErrFenced))
}
