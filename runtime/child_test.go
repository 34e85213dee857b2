package wfe_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/codec"
	"github.com/wfegen/wfe/runtime/store"
	"github.com/wfegen/wfe/runtime/store/memory"
)

// family is a parent, "flow", and what it starts, "sub".
type family struct {
	rig
	sub     func(b *builder)
	version int // of sub; 1 when it is 0
}

var subRef = wfe.Ref[data]{ID: "sub", Version: 1, Data: codec.JSON[data]()}

// child starts a sub that works under the parent's key, and takes its log over.
func (b *builder) child(id string, opts ...wfe.ChildOption) *builder {
	return wfe.Child(b, id, subRef, func(d *data) data { return data{Key: d.Key + "/" + id} },
		func(d *data, result *data) { d.Log = append(d.Log, result.Log...) }, opts...)
}

func (f family) host(t *testing.T, st *memory.Store, c wfe.Config) *wfe.Host {
	t.Helper()
	h := wfe.NewHost(st, c)
	f.register(t, h)
	require.NoError(t, h.Start(t.Context()))
	t.Cleanup(func() { _ = h.Stop(now()) })
	return h
}

func (f family) register(t *testing.T, h *wfe.Host) {
	t.Helper()
	require.NoError(t, f.rig.register(h))
	require.NoError(t, rig{do: f.do, undo: f.undo, retry: f.retry}.registerAs(h, "sub", max(f.version, 1), f.sub))
}

// out is a task that writes its label.
func out(ctx wfe.StepContext, s *task) (wfe.Result, error) {
	s.Out = s.Label
	return ctx.Next(), nil
}

func TestChild_HandsItsTypedResultOn(t *testing.T) {
	bubble(t, func(t *testing.T) {
		st := memory.New()
		h := family{rig: rig{build: func(b *builder) { b.child("ship").task("after") }, do: out},
			sub: func(b *builder) { b.task("pack") }}.host(t, st, wfe.Config{Poll: time.Hour})
		start := time.Now()
		require.Equal(t, []string{"pack", "after"}, completes(t, begin(t, h, "p", data{})))
		require.Less(t, time.Since(start), time.Second, "messages wake the inbox")
		row, err := st.Load(t.Context(), "p/1.1")
		require.NoError(t, err)
		require.Equal(t, "p", row.Parent)
		msgs, err := st.Inbox(t.Context(), 0, 10)
		require.NoError(t, err)
		require.Empty(t, msgs)
	})
}

func TestChild_ThatIsTerminatedIsAnErrorWithItsReason(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := family{rig: rig{build: func(b *builder) { b.child("ship").OnError(wfe.RetryPolicy{Then: wfe.Terminate}) },
			do: func(wfe.StepContext, *task) (wfe.Result, error) { return wfe.Result{}, errTask }},
			sub: func(b *builder) { b.task("pack").OnError(wfe.RetryPolicy{Then: wfe.Terminate}) }}.host(t, memory.New(), wfe.Config{})
		_, err := begin(t, h, "p", data{}).Wait(t.Context())
		var ended *wfe.EndedError
		require.ErrorAs(t, err, &ended)
		require.Equal(t, wfe.Terminated, ended.Status)
		require.Equal(t, "ship", ended.Step)
		require.Equal(t, "child p/1.1 of workflow sub is terminated (failed): node pack: it does not work", ended.Message)
	})
}

func TestChild_ItsParentWaitsWhileItIsSuspended(t *testing.T) {
	bubble(t, func(t *testing.T) {
		fails := true
		h := family{rig: rig{build: func(b *builder) { b.child("ship") },
			do: func(ctx wfe.StepContext, s *task) (wfe.Result, error) {
				if fails {
					return ctx.Next(), wfe.Permanent(errTask)
				}
				return out(ctx, s)
			}}, sub: func(b *builder) { b.task("pack") }}.host(t, memory.New(), wfe.Config{})
		p := begin(t, h, "p", data{})
		time.Sleep(time.Minute)
		require.Equal(t, wfe.Runnable, status(t, p).Status)
		child := wfe.Get(h, subRef, "p/1.1")
		require.Equal(t, wfe.Suspended, status(t, child).Status)
		fails = false
		require.NoError(t, child.Resume(t.Context()))
		require.Equal(t, []string{"pack"}, completes(t, p))
	})
}

func TestChild_IsTerminatedWhenItsSagaRollsBackUnlessAbandoned(t *testing.T) {
	bubble(t, func(t *testing.T) {
		st := memory.New()
		h := family{rig: rig{build: func(b *builder) {
			b.Saga("s", func(b *builder) {
				b.Parallel("p", func(b *builder) { b.child("own") }, func(b *builder) { b.child("free", wfe.Abandon()) },
					func(b *builder) { b.Delay("d", time.Second); b.task("b") })
			})
		}, do: func(wfe.StepContext, *task) (wfe.Result, error) { return wfe.Result{}, wfe.Permanent(errTask) }},
			sub: func(b *builder) { b.await("wait") }}.host(t, st, wfe.Config{})
		start := time.Now()
		_, err := begin(t, h, "p", data{}).Wait(t.Context())
		require.Error(t, err)
		require.Less(t, time.Since(start), 2*time.Second, "the end of the child is awaited, not the grace")
		own, free := wfe.Get(h, subRef, "p/3.1"), wfe.Get(h, subRef, "p/4.1")
		_, err = own.Wait(t.Context())
		require.ErrorContains(t, err, "terminated (operator)")
		require.Equal(t, wfe.Runnable, status(t, free).Status)
		publish(t, h, "/free", "x")
		require.Equal(t, []string{"x"}, completes(t, free), "its parent has ended: the message about that is for nobody")
		time.Sleep(time.Second)
		msgs, err := st.Inbox(t.Context(), 0, 10)
		require.NoError(t, err)
		require.Empty(t, msgs)
	})
}

func TestChild_RunsInADepthOf32AndNoDeeper(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var depths atomic.Int64
		f := family{rig: rig{build: func(b *builder) { b.child("x") },
			do: func(ctx wfe.StepContext, s *task) (wfe.Result, error) { depths.Add(1); return ctx.Next(), nil }}}
		f.sub = func(b *builder) {
			b.task("count")
			wfe.Child(b, "deeper", subRef, func(d *data) data { return *d }, nil).OnError(wfe.RetryPolicy{Then: wfe.Terminate})
		}
		h := f.host(t, memory.New(), wfe.Config{})
		p := begin(t, h, "p", data{})
		time.Sleep(time.Minute)
		require.EqualValues(t, wfe.MaxDepth, depths.Load())
		require.Equal(t, wfe.Suspended, status(t, p).Status)
		require.Contains(t, status(t, p).Failure.Message, "33 instances above it, and at most 32 are allowed")
	})
}

func TestChild_IsTheNewestRegisteredWhenItStarts(t *testing.T) {
	bubble(t, func(t *testing.T) {
		st := memory.New()
		f := family{rig: rig{build: func(b *builder) {
			b.await("wait")
			b.child("newest")
			b.child("first", wfe.Version(1))
		}, do: out}, sub: func(b *builder) { b.task("one") }}
		h := wfe.NewHost(st, wfe.Config{})
		f.register(t, h)
		require.NoError(t, rig{do: out}.registerAs(h, "sub", 2, func(b *builder) { b.task("two") }))
		require.NoError(t, h.Start(t.Context()))
		defer func() { _ = h.Stop(now()) }()
		p := begin(t, h, "p", data{Key: "k"})
		publish(t, h, "k", "go")
		require.Equal(t, []string{"go", "two", "one"}, completes(t, p))
	})
}

func TestStart_RefusesAChildThatNobodyRegistered(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		opts []wfe.ChildOption
		sub  func(h *wfe.Host) error
		want string
	}{
		"no workflow": {nil, func(*wfe.Host) error { return nil },
			`workflow flow version 1, node "ship": its child is workflow sub: the workflow is not registered; register it too`},
		"no version": {[]wfe.ChildOption{wfe.Version(2)}, func(h *wfe.Host) error {
			return rig{}.registerAs(h, "sub", 1, func(b *builder) { b.task("a") })
		}, `its child is workflow sub version 2: the workflow is not registered`},
		"other data": {nil, func(h *wfe.Host) error {
			return h.Register(wfe.NewStepSet("other"), nil, wfe.Workflow[int, *ints]{ID: "sub", Version: 1, Data: codec.JSON[int](),
				Build: func(*ints) {}, New: func(b wfe.Block[int, *ints]) *ints { return &ints{b} }})
		}, `its child is given wfe_test.data, and workflow sub version 1 works on int`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := wfe.NewHost(memory.New(), wfe.Config{})
			require.NoError(t, rig{build: func(b *builder) { b.child("ship", c.opts...) }}.register(h))
			require.NoError(t, c.sub(h))
			require.ErrorContains(t, h.Start(t.Context()), c.want)
		})
	}
}

type ints struct{ wfe.Block[int, *ints] }

func TestRegister_RefusesAChildThatCannotBe(t *testing.T) {
	t.Parallel()
	for want, build := range map[string]func(b *builder){
		"a version is 1 or more": func(b *builder) { b.child("x", wfe.Version(-1)) },
		"its data is nil": func(b *builder) {
			wfe.Child[data](b, "x", subRef, nil, nil)
		},
		"it has no compensation: give it one by Compensate": func(b *builder) {
			b.child("x").OnError(wfe.RetryPolicy{Then: wfe.CompensateThenSuspend})
		},
		`"x" has a second Compensate`: func(b *builder) {
			b.child("x").Compensate(func(b *builder) { b.task("a") }).Compensate(func(b *builder) { b.task("b") })
		},
	} {
		require.ErrorContains(t, rig{build: build}.register(wfe.NewHost(memory.New(), wfe.Config{})), want)
	}
}

func TestChild_AnIdThatIsTakenIsAnErrorOfTheNode(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := family{rig: rig{build: func(b *builder) { b.child("ship") }, do: out}, sub: func(b *builder) { b.task("pack") }}.host(t, memory.New(), wfe.Config{})
		_, err := wfe.Start(t.Context(), h, subRef, &data{Key: "/ship"}, wfe.ID("p/1.1"))
		require.NoError(t, err)
		p := begin(t, h, "p", data{})
		time.Sleep(time.Second)
		require.Equal(t, wfe.Suspended, status(t, p).Status)
		require.Contains(t, status(t, p).Failure.Message, "an instance of that id was started")
		require.NoError(t, p.Resume(t.Context()))
		require.Equal(t, []string{"pack"}, completes(t, p))
	})
}

// TestChild_SurvivesACrashAtAnyCommit runs a parent with several children, one of
// which fails and one of which is not needed any more, with a crash before or after
// each commit there is.
func TestChild_SurvivesACrashAtAnyCommit(t *testing.T) {
	t.Parallel()
	for fault, name := range map[memory.Fault]string{memory.CrashBefore: "before", memory.CrashAfter: "after"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at := 1
			for met := true; met; at++ {
				synctest.Test(t, func(t *testing.T) { met = crashFamily(t, fault, at) })
			}
			require.Greater(t, at, 10, "there are more commits than that")
		})
	}
}

// crashFamily reports whether there was a commit of that number.
func crashFamily(t *testing.T, fault memory.Fault, at int) (met bool) {
	f := family{rig: rig{do: func(ctx wfe.StepContext, s *task) (wfe.Result, error) {
		if s.Label == "bad" {
			return ctx.Next(), wfe.Permanent(errTask)
		}
		return out(ctx, s)
	}}}
	f.build = func(b *builder) {
		b.Parallel("p",
			func(b *builder) { b.child("good") },
			func(b *builder) {
				b.Saga("s", func(b *builder) {
					b.child("done").Compensate(func(b *builder) { b.task("back") })
					b.Parallel("q", func(b *builder) { b.child("stays") }, func(b *builder) { b.task("bad") })
				}).Compensate(func(b *builder) { b.task("self") })
			})
		b.task("after")
	}
	f.sub = func(b *builder) {
		b.If("stays", func(d *data) bool { return d.Key == "/stays" }, func(b *builder) { b.await("wait") })
		b.task("work")
	}
	st := memory.New()
	st.Inject(func(n int, _ store.Batch) memory.Fault {
		if n == at {
			met = true
			return fault
		}
		return memory.None
	})
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	for {
		h := wfe.NewHost(st, wfe.Config{})
		f.register(t, h)
		t.Cleanup(func() { _ = h.Stop(now()) })
		err := h.Start(ctx)
		var d data
		if err == nil {
			var p wfe.Handle[data]
			if p, err = wfe.Start(ctx, h, ref, &data{}, wfe.ID("p")); err == nil {
				d, err = p.Wait(ctx)
			}
		}
		if err != nil {
			require.NoError(t, ctx.Err())
			require.True(t, errors.Is(err, wfe.ErrFenced), "%v", err)
			continue
		}
		time.Sleep(time.Minute) // what is still on its way
		if h.Err() != nil {
			continue // the crash came after the end of p
		}
		require.ElementsMatch(t, []string{"work", "work", "back", "self", "after"}, d.Log, "commit %d", at)
		msgs, err := st.Inbox(ctx, 0, 10)
		require.NoError(t, err)
		require.Empty(t, msgs, "commit %d", at)
		for id, want := range map[string]wfe.Status{"p": wfe.Complete, "p/2.1": wfe.Complete} {
			r, err := st.Load(ctx, id)
			require.NoError(t, err)
			require.Equal(t, want, r.Status)
		}
		started := 0
		for k := range 10 {
			for n := range 3 {
				r, err := st.Load(ctx, fmt.Sprintf("p/%d.%d", k, n))
				if err == nil {
					started++
					require.True(t, r.Status.Ended(), "commit %d: %s is %s", at, r.ID, r.Status)
				}
			}
		}
		require.Equal(t, 3, started, "commit %d", at)
		return met
	}
}

func TestChild_MessagesAreHandedOverWithoutADelay(t *testing.T) {
	bubble(t, func(t *testing.T) {
		st := memory.New()
		h := family{rig: rig{build: func(b *builder) { b.child("one").child("two").child("three") }, do: out},
			sub: func(b *builder) { b.task("pack") }}.host(t, st, wfe.Config{Poll: time.Hour})
		start := time.Now()
		require.Equal(t, []string{"pack", "pack", "pack"}, completes(t, begin(t, h, "p", data{})))
		require.Zero(t, time.Since(start), "no message waits for a look at the store")
	})
}

func TestChild_TheEndOfOneWhoseParentWasPurgedIsDropped(t *testing.T) {
	bubble(t, func(t *testing.T) {
		st := memory.New()
		h := family{rig: rig{build: func(b *builder) {
			b.Parallel("p", func(b *builder) { b.child("free", wfe.Abandon()) }, func(b *builder) { b.Delay("d", time.Second).End() })
		}, do: out}, sub: func(b *builder) { b.await("wait") }}.host(t, st, wfe.Config{})
		p := begin(t, h, "p", data{})
		completes(t, p)
		require.NoError(t, h.Stop(t.Context()))
		lease, err := st.Acquire(t.Context(), "purge", nil)
		require.NoError(t, err)
		_, err = st.Commit(t.Context(), lease, store.Batch{Items: []store.Item{{Purge: &store.Purge{ID: "p", Before: 1 << 62, Limit: 1}}}})
		require.NoError(t, err)
		require.NoError(t, st.Release(t.Context(), lease))
		_, err = st.Load(t.Context(), "p")
		require.ErrorIs(t, err, store.ErrNotFound)
		again := family{rig: rig{build: func(b *builder) {
			b.Parallel("p", func(b *builder) { b.child("free", wfe.Abandon()) }, func(b *builder) { b.Delay("d", time.Second).End() })
		}, do: out}, sub: func(b *builder) { b.await("wait") }}.host(t, st, wfe.Config{})
		publish(t, again, "/free", "x")
		require.Equal(t, []string{"x"}, completes(t, wfe.Get(again, subRef, "p/2.1")))
		time.Sleep(time.Second)
		msgs, err := st.Inbox(t.Context(), 0, 10)
		require.NoError(t, err)
		require.Empty(t, msgs)
	})
}
