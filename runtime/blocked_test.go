package wfe_test

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/store/memory"
)

func TestAnInstanceWhoseWorkflowWasChangedIsLeftAloneUntilTheOldCodeIsBack(t *testing.T) {
	two := func(b *builder) { b.await("wait"); b.task("a") }
	old := rig{build: two, code: "1", schema: 1}
	for name, c := range map[string]struct {
		now  rig
		node string // that is named
		says string
	}{
		"a node was added":     {rig{build: func(b *builder) { two(b); b.task("more") }, code: "1"}, "more", "added"},
		"a node is gone":       {rig{build: func(b *builder) { b.await("wait") }, code: "1"}, "a", "any more"},
		"a node differs":       {rig{build: func(b *builder) { b.await("wait"); b.Delay("a", 1) }, code: "1"}, "a", "differs"},
		"nodes changed places": {rig{build: func(b *builder) { b.task("a"); b.await("wait") }, code: "1"}, "wait", "differs"},
		"the code was changed": {rig{build: two, code: "2"}, "", "source"},
		"another version":      {rig{build: two, code: "1", version: 2}, "", "version 1 is not registered"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				st := memory.New()
				h := old.host(t, st, wfe.Config{})
				i := begin(t, h, "i", data{Key: "k"})
				synctest.Wait()
				before := status(t, i)
				require.NoError(t, h.Stop(now()))

				h = c.now.host(t, st, wfe.Config{})
				var b *wfe.BlockedError
				_, err := wfe.Get(h, ref, "i").Wait(t.Context()) // also before the host has met it
				require.ErrorAs(t, err, &b)
				publish(t, h, "k", "event")
				synctest.Wait()
				blocked := h.Blocked()
				require.Len(t, blocked, 1)
				require.Equal(t, "i", blocked[0].Instance)
				require.Equal(t, c.node, blocked[0].Node)
				require.Contains(t, blocked[0].Reason, c.says)
				require.Equal(t, before, status(t, wfe.Get(h, ref, "i")))
				require.ErrorAs(t, wfe.Get(h, ref, "i").Resume(t.Context()), &b)
				_, err = wfe.Get(h, ref, "i").Wait(t.Context())
				require.ErrorAs(t, err, &b)
				other := begin(t, h, "new", data{Key: "new"})
				publish(t, h, "new", "event")
				completes(t, other)
				require.NoError(t, h.Stop(now()))

				h = old.host(t, st, wfe.Config{})
				require.Equal(t, []string{"event"}, completes(t, wfe.Get(h, ref, "i")))
				require.Empty(t, h.Blocked())
			})
		})
	}
}

func TestAnInstanceGoesOnWhenOnlyTypesWereChanged(t *testing.T) {
	bubble(t, func(t *testing.T) {
		st := memory.New()
		r := rig{build: func(b *builder) { b.await("wait"); b.task("a") }, code: "1", schema: 1}
		h := r.host(t, st, wfe.Config{})
		begin(t, h, "i", data{Key: "k"})
		require.NoError(t, h.Stop(now()))
		r.schema = 2
		h = r.host(t, st, wfe.Config{})
		begin(t, h, "i", data{Key: "k"}) // the same start is the same still
		publish(t, h, "k", "event")
		require.Equal(t, []string{"event"}, completes(t, wfe.Get(h, ref, "i")))
	})
}

func TestAnInstanceWhoseBodyRanIsBlockedAtTheStartOfAHostWithOtherCode(t *testing.T) {
	bubble(t, func(t *testing.T) {
		st := memory.New()
		r := rig{build: func(b *builder) { b.task("a") }, code: "1"}
		r.do = func(ctx wfe.StepContext, _ *task) (wfe.Result, error) { <-ctx.Done(); return ctx.Next(), ctx.Err() }
		h := r.host(t, st, wfe.Config{})
		begin(t, h, "i", data{})
		synctest.Wait()
		require.NoError(t, h.Stop(now()))
		r.do = nil
		r.code = "2"
		h = r.host(t, st, wfe.Config{})
		synctest.Wait()
		require.Len(t, h.Blocked(), 1)
		require.NoError(t, h.Stop(now()))
		r.code = "1"
		h = r.host(t, st, wfe.Config{})
		completes(t, wfe.Get(h, ref, "i"))
	})
}
