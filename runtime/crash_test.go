package wfe_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/store/memory"
	"github.com/wfegen/wfe/runtime/store/sqlite"
)

// lives begins an instance whose body runs for ever, and has n processes in a row
// own the store, each until a body runs and meanwhile is done; end ends it.
func lives(t *testing.T, n, maxCrashes int, meanwhile func(h *wfe.Host), end func(st *memory.Store, h *wfe.Host)) wfe.Instance[data] {
	t.Helper()
	st := memory.New()
	r := rig{build: func(b *builder) { b.task("a") }, retry: &wfe.RetryPolicy{}}
	r.do = func(ctx wfe.StepContext, s *task) (wfe.Result, error) { <-ctx.Done(); return ctx.Next(), ctx.Err() }
	c := wfe.Config{MaxCrashes: maxCrashes}
	var h *wfe.Host
	for life := range n {
		h = r.host(t, st, c)
		if life == 0 {
			begin(t, h, "i", data{})
		}
		synctest.Wait()
		meanwhile(h)
		synctest.Wait()
		end(st, h)
	}
	h = r.host(t, st, c)
	synctest.Wait()
	i := status(t, wfe.Get(h, ref, "i"))
	require.NoError(t, h.Stop(now()))
	return i
}

func crash(st *memory.Store, h *wfe.Host) {
	st.Crash()
	_ = h.Stop(now())
}

func nothing(*wfe.Host) {}

func TestCrashLoop_EndsAfterSoManyCrashes(t *testing.T) {
	for _, n := range []int{1, 2, 3, 10} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				crashes := max(n, 2) // the last one of a body alone
				require.Equal(t, wfe.Runnable, lives(t, crashes-1, n, nothing, crash).Status)
				i := lives(t, crashes, n, nothing, crash)
				require.Equal(t, wfe.Suspended, i.Status)
				require.True(t, strings.HasPrefix(i.Failure.Message, wfe.ErrCrashLoop.Error()), i.Failure.Message)
			})
		})
	}
}

func TestCrashLoop_CanBeTurnedOff(t *testing.T) {
	bubble(t, func(t *testing.T) {
		require.Equal(t, wfe.Runnable, lives(t, 15, -1, nothing, crash).Status)
		require.Equal(t, wfe.Suspended, lives(t, 10, 0, nothing, crash).Status, "the default is 10")
	})
}

func TestCrashLoop_DoesNotCountWhereTheHostHasCommittedMeanwhile(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := 0
		commits := func(h *wfe.Host) {
			n++
			publish(t, h, fmt.Sprint(n), "something")
		}
		require.Equal(t, wfe.Runnable, lives(t, 8, 3, commits, crash).Status)
		idles := func(*wfe.Host) { time.Sleep(5 * time.Minute) } // signs of life are no commits
		require.Equal(t, wfe.Suspended, lives(t, 8, 3, idles, crash).Status)
	})
}

func TestCrashLoop_DoesNotCountOrderlyEnds(t *testing.T) {
	bubble(t, func(t *testing.T) {
		stop := func(_ *memory.Store, h *wfe.Host) { require.NoError(t, h.Stop(now())) }
		require.Equal(t, wfe.Runnable, lives(t, 8, 3, nothing, stop).Status)
	})
}

// poisoned is the workflow of the child processes: an instance named poison ends
// its process, before anything can clear it; the bodies of the others take a while.
var poisoned = rig{
	build: func(b *builder) { b.task("one"); b.task("two") },
	retry: &wfe.RetryPolicy{},
	do: func(ctx wfe.StepContext, s *task) (wfe.Result, error) {
		if strings.HasPrefix(wfe.Info(ctx).Instance, "poison") {
			os.Exit(3)
		}
		time.Sleep(150 * time.Millisecond)
		return ctx.Next(), nil
	},
}

// child is a process that works on the database of the given path until all its
// instances have ended or are suspended. Those named in ids are started in the
// first life.
func child(path string, ids []string) error {
	ctx := context.Background()
	st, err := sqlite.Open(ctx, path, sqlite.Config{})
	if err != nil {
		return err
	}
	h := wfe.NewHost(st, wfe.Config{MaxCrashes: 6})
	if err := errors.Join(poisoned.register(h), h.Start(ctx)); err != nil {
		return err
	}
	for _, id := range ids {
		if _, err := wfe.Start(ctx, h, ref, &data{}, wfe.ID(id)); err != nil {
			return err
		}
	}
	for _, id := range ids {
		for {
			i, err := wfe.Get(h, ref, id).Get(ctx)
			if err != nil {
				return err
			}
			if i.Status != wfe.Runnable {
				break
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
	return errors.Join(h.Stop(ctx), st.Close())
}

// crashes runs child processes on one database until one ends in an orderly way,
// and returns how many did not.
func crashes(t *testing.T, path string, ids ...string) int {
	t.Helper()
	for n := 0; ; n++ {
		require.Less(t, n, 60, "it goes on for ever")
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), "WFE_TEST_CHILD="+path, "WFE_TEST_IDS="+strings.Join(ids, " "))
		out, err := cmd.CombinedOutput()
		var exit *exec.ExitError
		switch {
		case err == nil:
			return n
		case !errors.As(err, &exit) || exit.ExitCode() != 3:
			t.Fatalf("%v: %s", err, out)
		}
	}
}

func inspect(t *testing.T, path, id string) wfe.Instance[data] {
	t.Helper()
	st, err := sqlite.Open(t.Context(), path, sqlite.Config{})
	require.NoError(t, err)
	defer func() { require.NoError(t, st.Close()) }()
	return status(t, wfe.Get(wfe.NewClient(st), ref, id))
}

func TestCrashLoop_ABodyThatEndsItsProcessFails(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "wfe.db")
	require.Equal(t, 6, crashes(t, path, "poison"))
	i := inspect(t, path, "poison")
	require.Equal(t, wfe.Suspended, i.Status)
	require.Contains(t, i.Failure.Message, "crash loop: the process crashed 6 times")
}

func TestCrashLoop_InnocentBodiesBesideItAreNotFailed(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "wfe.db")
	ids := []string{"a", "b", "poison", "c", "d"}
	require.GreaterOrEqual(t, crashes(t, path, ids...), 6)
	for _, id := range ids {
		i := inspect(t, path, id)
		if id == "poison" {
			require.Equal(t, wfe.Suspended, i.Status)
			require.Contains(t, i.Failure.Message, wfe.ErrCrashLoop.Error())
			continue
		}
		require.Equal(t, wfe.Complete, i.Status, id)
		require.Nil(t, i.Failure, id)
	}
}
