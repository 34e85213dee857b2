package wfe_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/store/memory"
)

func TestMarkingNoErrorIsNoError(t *testing.T) {
	t.Parallel()
	require.NoError(t, wfe.Permanent(nil))
	require.NoError(t, wfe.RetryAfter(nil, time.Second))
}

func TestASleepUntilATimeBeyondAllOthersDoesNotEnd(t *testing.T) {
	bubble(t, func(t *testing.T) {
		runs := 0
		r := rig{build: func(b *builder) { b.task("a") }}
		r.do = func(ctx wfe.StepContext, _ *task) (wfe.Result, error) {
			if runs++; runs > 1 {
				return ctx.Next(), nil
			}
			return ctx.SleepUntil(time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)), nil
		}
		h := r.host(t, memory.New(), wfe.Config{})
		i := begin(t, h, "i", data{})
		<-time.After(10 * time.Minute)
		require.Equal(t, wfe.Runnable, status(t, i).Status)
		require.Equal(t, 1, runs)
	})
}
