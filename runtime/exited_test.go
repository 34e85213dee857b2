package wfe_test

import (
	"runtime"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/store/memory"
)

func TestAConditionThatEndsItsGoroutineBlocksItsInstanceAlone(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := rig{build: func(b *builder) {
			b.If("early", func(d *data) bool {
				if d.Key == "early" {
					runtime.Goexit()
				}
				return false
			}, func(b *builder) { b.task("never") })
			b.task("a")
			b.If("late", func(d *data) bool {
				if d.Key == "late" {
					runtime.Goexit()
				}
				return false
			}, func(b *builder) { b.task("no") })
		}}
		h := r.host(t, memory.New(), wfe.Config{Schedulers: 1})
		for range 3 {
			_, err := wfe.Start(t.Context(), h, ref, &data{Key: "early"}, wfe.ID("early"))
			var blocked *wfe.BlockedError
			require.ErrorAs(t, err, &blocked)
			require.ErrorContains(t, err, "Goexit")
		}
		begin(t, h, "late", data{Key: "late"})
		completes(t, begin(t, h, "good", data{}))
		require.Len(t, blocked(t, h), 1)
		require.Equal(t, "late", blocked(t, h)[0].Instance)
		require.NoError(t, h.Stop(t.Context()))
	})
}

func TestBlocked_AnInstanceThatGoesOnAfterAllIsNotListed(t *testing.T) {
	bubble(t, func(t *testing.T) {
		exits := true
		r := rig{build: func(b *builder) {
			b.await("w")
			b.If("if", func(*data) bool {
				if exits {
					runtime.Goexit()
				}
				return false
			}, func(b *builder) { b.task("never") })
		}}
		h := r.host(t, memory.New(), wfe.Config{Schedulers: 1})
		i := begin(t, h, "i", data{Key: "k"})
		publish(t, h, "k", "first")
		synctest.Wait()
		require.Len(t, blocked(t, h), 1)
		require.NotNil(t, status(t, i).Blocked)
		exits = false
		publish(t, h, "k", "second")
		synctest.Wait()
		require.Equal(t, []string{"first"}, completes(t, i))
		require.Empty(t, blocked(t, h))
		require.NoError(t, h.Stop(t.Context()))
	})
}
