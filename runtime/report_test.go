package wfe_test

import (
	"bytes"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/store/memory"
)

func TestTheLogTellsOfEachInstanceThatStopsForAnError(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var out bytes.Buffer
		log := slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelWarn}))
		r := rig{build: func(b *builder) {
			b.Parallel("p", func(b *builder) { b.task("suspends") }, func(b *builder) { b.await("wait") })
			b.task("terminates").OnError(wfe.RetryPolicy{Then: wfe.Terminate})
		}, retry: &wfe.RetryPolicy{}}
		var mended atomic.Bool
		r.do = func(ctx wfe.StepContext, s *task) (wfe.Result, error) {
			if mended.Load() && s.Label == "suspends" {
				return ctx.Next(), nil
			}
			return ctx.Next(), errTask
		}
		h := r.host(t, memory.New(), wfe.Config{Logger: log})
		i := begin(t, h, "i", data{Key: "k"})
		synctest.Wait()
		publish(t, h, "k", "while it is suspended")
		synctest.Wait()
		require.Equal(t, 1, strings.Count(out.String(), "\n"), out.String())
		require.Contains(t, out.String(), "instance suspended")
		require.Contains(t, out.String(), "instance=i workflow=flow node=p/suspends step=task attempt=1 error=")

		mended.Store(true)
		require.NoError(t, i.Resume(t.Context()))
		_, err := i.Wait(t.Context())
		require.Error(t, err)
		require.NoError(t, h.Stop(t.Context()))
		require.Contains(t, out.String(), "instance terminated")
	})
}
