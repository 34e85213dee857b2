package wfe_test

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/store/sqlite"
)

// serve owns the database until standard input ends. Its workflow reserves
// something that can be undone, and waits; in the instance "weak" it fails once.
func serve(path string) error {
	ctx := context.Background()
	st, err := sqlite.Open(ctx, path, sqlite.Config{})
	if err != nil {
		return err
	}
	var failed atomic.Bool
	r := rig{retry: &wfe.RetryPolicy{Then: wfe.Suspend}, build: func(b *builder) {
		b.Saga("s", func(b *builder) { b.task("a"); b.await("w") })
	}}
	r.do = func(ctx wfe.StepContext, s *task) (wfe.Result, error) {
		if s.Out = "reserved"; ctx.Instance == "weak" && !failed.Swap(true) {
			return ctx.Next(), errTask
		}
		return ctx.Next(), nil
	}
	r.undo = func(ctx context.Context, _ *task) error {
		return os.WriteFile(path+"."+wfe.Info(ctx).Instance+".undone", nil, 0o600)
	}
	h := wfe.NewHost(st, wfe.Config{})
	if err := errors.Join(r.register(h), h.Start(ctx)); err != nil {
		return err
	}
	_, _ = io.Copy(io.Discard, os.Stdin)
	return errors.Join(h.Stop(ctx), st.Close())
}

// Whoever has the file can command its instances; the process that owns it does
// what it is told, and answers.
func TestControl_FromAnotherProcess(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "wfe.db")
	owner := exec.CommandContext(t.Context(), os.Args[0])
	owner.Env = append(os.Environ(), "WFE_TEST_SERVE="+path)
	owner.Stderr = os.Stderr
	stdin, err := owner.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, owner.Start())
	require.Eventually(t, func() bool { _, err := os.Stat(path); return err == nil }, time.Minute, 5*time.Millisecond)
	st, err := sqlite.Open(t.Context(), path, sqlite.Config{})
	require.NoError(t, err)
	c := wfe.NewClient(st)
	is := func(id string, want wfe.Status) func() bool {
		return func() bool {
			i, err := wfe.Get(c, ref, id).Get(t.Context())
			return err == nil && i.Status == want
		}
	}
	reserved := func(id string) func() bool {
		return func() bool {
			i, err := wfe.Get(c, ref, id).Get(t.Context())
			return err == nil && len(i.Data.Log) == 1
		}
	}

	x := begin(t, c, "x", data{Key: "x"})
	require.Eventually(t, reserved("x"), time.Minute, time.Millisecond)
	require.NoError(t, x.Suspend(t.Context()))
	require.True(t, is("x", wfe.Suspended)(), "the answer comes when it is done")
	require.NoError(t, x.Resume(t.Context()))
	require.True(t, is("x", wfe.Runnable)())
	require.NoError(t, x.Cancel(t.Context()))
	_, err = x.Wait(t.Context())
	var ended *wfe.EndedError
	require.ErrorAs(t, err, &ended)
	require.Equal(t, wfe.ReasonCancelled, ended.Reason)
	require.FileExists(t, path+".x.undone")

	weak := begin(t, c, "weak", data{Key: "weak"})
	require.Eventually(t, is("weak", wfe.Suspended), time.Minute, time.Millisecond)
	require.NoError(t, weak.Retry(t.Context()))
	require.Eventually(t, reserved("weak"), time.Minute, time.Millisecond)
	require.NoError(t, weak.Terminate(t.Context(), "enough"))
	_, err = weak.Wait(t.Context())
	require.ErrorAs(t, err, &ended)
	require.Equal(t, wfe.ReasonOperator, ended.Reason)
	require.NoFileExists(t, path+".weak.undone")

	var refused *wfe.CommandError
	require.ErrorAs(t, weak.Resume(t.Context()), &refused)
	require.Equal(t, wfe.Terminated, refused.Status)
	require.ErrorIs(t, c.Suspend(t.Context(), "nobody"), wfe.ErrNotFound)

	require.NoError(t, st.Close())
	require.NoError(t, stdin.Close())
	require.NoError(t, owner.Wait())
}
