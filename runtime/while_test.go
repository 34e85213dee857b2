package wfe_test

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/store/memory"
)

func TestALoopLooksAtTheDataAfterEachRound(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := rig{build: func(b *builder) {
			b.While("poll", func(d *data) bool { return len(d.Log) < 3 }, func(b *builder) { b.task("ask") })
			b.task("after")
		}}
		r.do = func(ctx wfe.StepContext, s *task) (wfe.Result, error) {
			s.Out = s.Label + " " + strconv.Itoa(ctx.Attempt)
			return ctx.Next(), nil
		}
		h := r.host(t, memory.New(), wfe.Config{})
		done, err := begin(t, h, "a", data{}).Wait(t.Context())
		require.NoError(t, err)
		require.Equal(t, []string{"ask 1", "ask 1", "ask 1", "after 1"}, done.Log)
	})
}
