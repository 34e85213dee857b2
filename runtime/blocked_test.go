package wfe_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/codec"
	"github.com/wfegen/wfe/runtime/store"
	"github.com/wfegen/wfe/runtime/store/memory"
)

// blocked lists what a host leaves alone.
func blocked(t *testing.T, h *wfe.Host) (list []*wfe.BlockedError) {
	t.Helper()
	for b, err := range h.Blocked(t.Context()) {
		require.NoError(t, err)
		list = append(list, b)
	}
	return list
}

func TestAnInstanceWhoseWorkflowWasChangedIsLeftAloneUntilTheOldCodeIsBack(t *testing.T) {
	two := func(b *builder) { b.await("wait"); b.task("a") }
	one, other := map[string]string{"wait": "1", "a": "1"}, map[string]string{"wait": "1", "a": "2"}
	old := rig{build: two, code: one, schema: 1}
	for name, c := range map[string]struct {
		now  rig
		node string // that is named
		says string
	}{
		"a node was added":     {rig{build: func(b *builder) { two(b); b.task("more") }, code: one}, "more", "added"},
		"a node is gone":       {rig{build: func(b *builder) { b.await("wait") }, code: one}, "a", "any more"},
		"a node differs":       {rig{build: func(b *builder) { b.await("wait"); b.Delay("a", 1) }, code: one}, "a", "differs"},
		"nodes changed places": {rig{build: func(b *builder) { b.task("a"); b.await("wait") }, code: one}, "wait", "differs"},
		"the code was changed": {rig{build: two, code: other}, "a", "the code of the node was changed"},
		"another version":      {rig{build: two, code: one, version: 2}, "", "version 1 is not registered"},
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
				left := blocked(t, h)
				require.Len(t, left, 1)
				require.Equal(t, "i", left[0].Instance)
				require.Equal(t, c.node, left[0].Node)
				require.Contains(t, left[0].Reason, c.says)
				before.Blocked = left[0]
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
				require.Empty(t, blocked(t, h))
			})
		})
	}
}

func TestAnInstanceGoesOnWhenOnlyTypesWereChanged(t *testing.T) {
	bubble(t, func(t *testing.T) {
		st := memory.New()
		r := rig{build: func(b *builder) { b.await("wait"); b.task("a") }, schema: 1}
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
		r := rig{build: func(b *builder) { b.task("a") }, code: map[string]string{"a": "1"}}
		r.do = func(ctx wfe.StepContext, _ *task) (wfe.Result, error) { <-ctx.Done(); return ctx.Next(), ctx.Err() }
		h := r.host(t, st, wfe.Config{})
		begin(t, h, "i", data{})
		synctest.Wait()
		require.NoError(t, h.Stop(now()))
		r.do = nil
		r.code = map[string]string{"a": "2"}
		h = r.host(t, st, wfe.Config{})
		synctest.Wait()
		require.Len(t, blocked(t, h), 1)
		require.NoError(t, h.Stop(now()))
		r.code = map[string]string{"a": "1"}
		h = r.host(t, st, wfe.Config{})
		completes(t, wfe.Get(h, ref, "i"))
	})
}

// code gives each of the nodes a hash, and those that were changed another one.
func code(changed ...string) map[string]string {
	out := map[string]string{}
	for _, id := range []string{"first", "large", "large/then/in", "large/else/out", "wait", "rounds", "rounds/early", "rounds/stop", "rounds/late", "last"} {
		out[id] = "old"
	}
	for _, id := range changed {
		out[id] = "new"
	}
	return out
}

func TestCode_ThatAnInstanceCannotGetToAnyMoreDoesNotBlockIt(t *testing.T) {
	never := func(*data) bool { return false }
	build := func(b *builder) {
		b.task("first")
		b.If("large", never, func(b *builder) { b.task("in") }).Else(func(b *builder) { b.task("out") })
		b.await("wait")
		b.While("rounds", func(d *data) bool { return len(d.Log) == 1 }, func(b *builder) {
			b.task("early")
			b.awaitKey("stop", "stop")
			b.task("late")
		})
		b.task("last")
	}
	for name, c := range map[string]struct {
		changed []string
		stop    bool // the instance stands in the loop, not before it
		blocked string
	}{
		"behind it":                     {[]string{"first", "large", "large/then/in", "large/else/out"}, false, ""},
		"where it stands":               {[]string{"first", "wait"}, false, "wait"},
		"ahead of it":                   {[]string{"last"}, false, "last"},
		"in a loop that is to come":     {[]string{"rounds/late"}, false, "rounds/late"},
		"behind it in a loop":           {[]string{"first", "rounds/early"}, true, "rounds/early"},
		"the condition of its loop":     {[]string{"wait", "rounds"}, true, "rounds"},
		"behind the loop that is about": {[]string{"wait"}, true, ""},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				st := memory.New()
				h := rig{build: build, code: code()}.host(t, st, wfe.Config{})
				begin(t, h, "i", data{Key: "k"})
				if c.stop {
					publish(t, h, "k", "on")
				}
				synctest.Wait()
				require.NoError(t, h.Stop(now()))
				h = rig{build: build, code: code(c.changed...)}.host(t, st, wfe.Config{})
				publish(t, h, "k", "on")
				publish(t, h, "kstop", "stop")
				synctest.Wait()
				if c.blocked == "" {
					require.Empty(t, blocked(t, h))
					return
				}
				require.Len(t, blocked(t, h), 1)
				require.Equal(t, c.blocked, blocked(t, h)[0].Node)
			})
		})
	}
}

func TestCode_OfAllNodesThatDifferIsNamed(t *testing.T) {
	bubble(t, func(t *testing.T) {
		st := memory.New()
		build := func(b *builder) { b.await("wait"); b.task("a"); b.task("b") }
		h := rig{build: build}.host(t, st, wfe.Config{})
		begin(t, h, "i", data{Key: "k"})
		require.NoError(t, h.Stop(now()))
		h = rig{build: build, code: map[string]string{"wait": "2", "b": "2"}}.host(t, st, wfe.Config{})
		synctest.Wait()
		_, err := wfe.Get(h, ref, "i").Wait(t.Context())
		require.ErrorContains(t, err, "at node wait: the code of the node was changed after the instance began, as was that of b")
		require.ErrorContains(t, err, `Host.Adopt("flow", 1)`)
	})
}

func TestAdopt_LetsThePresentCodeRunForInstancesThatBeganOnOther(t *testing.T) {
	bubble(t, func(t *testing.T) {
		st := memory.New()
		build := func(b *builder) { b.await("wait"); b.task("a") }
		h := rig{build: build}.host(t, st, wfe.Config{})
		begin(t, h, "i", data{Key: "k"})
		require.ErrorContains(t, h.Adopt("flow", 1), "before the host is started")
		require.NoError(t, h.Stop(now()))

		h = wfe.NewHost(st, wfe.Config{})
		require.NoError(t, rig{build: build, code: map[string]string{"wait": "2"}}.register(h))
		require.ErrorIs(t, h.Adopt("flow", 2), wfe.ErrNotRegistered)
		require.NoError(t, h.Adopt("flow", 1))
		require.NoError(t, h.Start(t.Context()))
		publish(t, h, "k", "event")
		require.Equal(t, []string{"event"}, completes(t, wfe.Get(h, ref, "i")))
		require.NoError(t, h.Stop(now()))
	})
}

func TestAdopt_DoesNotHelpWhereNodesDiffer(t *testing.T) {
	bubble(t, func(t *testing.T) {
		st := memory.New()
		h := rig{build: func(b *builder) { b.await("wait") }}.host(t, st, wfe.Config{})
		begin(t, h, "i", data{Key: "k"})
		require.NoError(t, h.Stop(now()))
		h = wfe.NewHost(st, wfe.Config{})
		require.NoError(t, rig{build: func(b *builder) { b.await("wait"); b.task("more") }}.register(h))
		require.NoError(t, h.Adopt("flow", 1))
		require.NoError(t, h.Start(t.Context()))
		_, err := wfe.Get(h, ref, "i").Wait(t.Context())
		require.NoError(t, h.Stop(now()))
		require.ErrorContains(t, err, "the node was added after the instance began")
	})
}

func TestRegister_RefusesAWorkflowThatIsNotTheOneThatWasRead(t *testing.T) {
	t.Parallel()
	read := map[string]string{"wait": "", "a": ""}
	for name, c := range map[string]struct {
		build func(b *builder)
		says  string
	}{
		"a node more":      {func(b *builder) { b.await("wait"); b.task("a"); b.task("c") }, `it has a node "c" more`},
		"a node less":      {func(b *builder) { b.await("wait") }, `it has no node "a" any more`},
		"in another order": {func(b *builder) { b.task("a"); b.await("wait") }, "its nodes are connected otherwise"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := rig{build: c.build, code: read, structure: strings.Repeat("0", 64)}
			err := r.register(wfe.NewHost(memory.New(), wfe.Config{}))
			require.ErrorContains(t, err, c.says)
			require.ErrorContains(t, err, "run go generate")
		})
	}
}

// Nothing of its code runs for that, so it can always be got rid of.
func TestTerminate_EndsABlockedInstance(t *testing.T) {
	saga := func(b *builder) {
		b.Saga("saga", func(b *builder) {
			b.task("a")
			b.await("wait").Timeout(time.Hour, nil)
		})
	}
	for name, now := range map[string]rig{
		"no such version":    {build: saga, version: 2},
		"a node differs":     {build: func(b *builder) { saga(b); b.Delay("more", 1) }},
		"data does not read": {build: saga, data: &spoilt},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				st := memory.New()
				old := rig{build: saga, undo: func(context.Context, *task) error { return nil }}
				now.undo = old.undo
				h := old.host(t, st, wfe.Config{})
				begin(t, h, "i", data{Key: "k"})
				synctest.Wait()
				require.NoError(t, h.Stop(context.Background()))

				h = now.host(t, st, wfe.Config{})
				var b *wfe.BlockedError
				require.ErrorAs(t, h.Cancel(t.Context(), "i"), &b, "that would run its code")
				require.Len(t, blocked(t, h), 1)
				remote := wfe.NewClient(st)
				err := remote.Cancel(t.Context(), "i")
				require.ErrorAs(t, err, &b)
				require.Equal(t, blocked(t, h)[0], b, "in another process too")
				require.ErrorContains(t, err, `cancel "i": instance i is blocked`)
				require.NoError(t, remote.Terminate(t.Context(), "i", "gone for good"))
				require.Empty(t, blocked(t, h))
				_, err = wfe.Get(h, ref, "i").Wait(t.Context())
				var ended *wfe.EndedError
				require.ErrorAs(t, err, &ended)
				require.Equal(t, wfe.ReasonOperator, ended.Reason)
				publish(t, h, "k", "nobody waits")
				synctest.Wait()
				due, err := st.Due(t.Context(), store.Timer{}, 10)
				require.NoError(t, err)
				require.Empty(t, due, "nothing of it is left to wake")
				require.NoError(t, h.Terminate(t.Context(), "i", "again"))
			})
		})
	}
}

// spoilt is a codec for data that can read none.
var spoilt = codec.New("data", 9, func(b []byte, _ *data) ([]byte, error) { return append(b, "{}"...), nil },
	func(d *codec.Decoder, _ *data) { d.Fail(errTask) })
