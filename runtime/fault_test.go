package wfe_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/store"
	"github.com/wfegen/wfe/runtime/store/memory"
)

func TestAFencedHostEndsSaysSoAndWritesNothing(t *testing.T) {
	bubble(t, func(t *testing.T) {
		st := memory.New()
		cancelled := make(chan struct{})
		r := rig{build: func(b *builder) { b.task("a"); b.task("b") }}
		r.do = func(ctx wfe.StepContext, s *task) (wfe.Result, error) {
			<-ctx.Done()
			close(cancelled)
			s.Out = "by the old host"
			return ctx.Next(), nil
		}
		h := r.host(t, st, wfe.Config{})
		i := begin(t, h, "a", data{})
		waits := make(chan error, 1)
		go func() { _, err := i.Wait(t.Context()); waits <- err }()
		synctest.Wait()
		st.Crash()
		next := rig{build: r.build}.host(t, st, wfe.Config{})
		<-h.Done() // found at its next sign of life
		<-cancelled
		require.ErrorIs(t, h.Err(), wfe.ErrFenced)
		require.ErrorIs(t, <-waits, wfe.ErrFenced)
		_, err := wfe.Start(t.Context(), h, ref, &data{})
		require.ErrorIs(t, err, wfe.ErrFenced)
		require.ErrorIs(t, wfe.Publish(t.Context(), h, noteEvent, "k", &note{}), wfe.ErrFenced)
		require.NoError(t, h.Stop(t.Context()))
		require.Empty(t, completes(t, wfe.Get(next, ref, "a")))
	})
}

func TestWhileACommitIsUnknownNobodyIsAnsweredAndNoBodyBegins(t *testing.T) {
	for fault, name := range map[memory.Fault]string{memory.Kept: "kept", memory.Lost: "lost"} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				st := memory.New()
				var began atomic.Int32
				r := rig{build: func(b *builder) { b.task("a") }}
				r.do = func(ctx wfe.StepContext, s *task) (wfe.Result, error) { began.Add(1); return ctx.Next(), nil }
				h := r.host(t, st, wfe.Config{})
				st.Inject(func(int, store.Batch) memory.Fault { return fault })
				answered := make(chan error, 2)
				go func() { _, err := wfe.Start(t.Context(), h, ref, &data{}, wfe.ID("a")); answered <- err }()
				go func() { answered <- wfe.Publish(t.Context(), h, noteEvent, "k", &note{}) }()
				<-time.After(10 * time.Second)
				require.Empty(t, answered)
				require.Zero(t, began.Load())
				st.Inject(nil)
				require.NoError(t, <-answered)
				require.NoError(t, <-answered)
				completes(t, wfe.Get(h, ref, "a"))
				require.EqualValues(t, 1, began.Load())
			})
		})
	}
}

func TestAnyCommitMayFailOrBeUnknownOnce(t *testing.T) {
	for fault, name := range map[memory.Fault]string{memory.Kept: "kept", memory.Lost: "lost", memory.Refused: "refused"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for n, last := 1, false; !last; n++ {
				synctest.Test(t, func(t *testing.T) {
					st := memory.New()
					st.Inject(func(i int, _ store.Batch) memory.Fault {
						if i == n {
							return fault
						}
						return memory.None
					})
					var began atomic.Int32
					r := rig{build: func(b *builder) {
						b.task("a")
						b.await("wait")
						b.Delay("sleep", time.Second)
						b.each("item")
					}}
					r.do = func(ctx wfe.StepContext, s *task) (wfe.Result, error) {
						began.Add(1)
						s.Out = s.Label
						return ctx.Next(), nil
					}
					h := r.host(t, st, wfe.Config{})
					i := begin(t, h, "a", data{Key: "k", Items: make([]int, 3)})
					publish(t, h, "k", "event")
					require.Equal(t, []string{"a", "event", "item", "item", "item"}, completes(t, i), "fault at %d", n)
					require.EqualValues(t, 4, began.Load())
					require.NoError(t, h.Stop(t.Context()))
					last = st.Commits() < n
				})
			}
		})
	}
}

func TestAHostThatCannotWriteIsUnhealthyAndHealsByItself(t *testing.T) {
	bubble(t, func(t *testing.T) {
		st := memory.New()
		var began atomic.Int32
		r := rig{build: func(b *builder) { b.task("a") }}
		r.do = func(ctx wfe.StepContext, s *task) (wfe.Result, error) { began.Add(1); return ctx.Next(), nil }
		h := r.host(t, st, wfe.Config{})
		remote := wfe.NewClient(st)
		st.Inject(func(int, store.Batch) memory.Fault { return memory.Refused })
		answered := make(chan error, 1)
		go func() { _, err := wfe.Start(t.Context(), h, ref, &data{}, wfe.ID("first")); answered <- err }()
		<-time.After(5 * time.Second)
		_, err := wfe.Start(t.Context(), h, ref, &data{})
		require.ErrorIs(t, err, wfe.ErrUnhealthy)
		require.ErrorIs(t, wfe.Publish(t.Context(), h, noteEvent, "k", &note{}), wfe.ErrUnhealthy)
		go func() { _, _ = wfe.Start(t.Context(), remote, ref, &data{}, wfe.ID("remote")) }()
		<-time.After(time.Minute)
		require.Empty(t, answered)
		require.Zero(t, began.Load())

		st.Inject(nil)
		require.NoError(t, <-answered)
		completes(t, wfe.Get(h, ref, "first"))
		completes(t, begin(t, h, "later", data{}))
		<-time.After(time.Second)
		completes(t, wfe.Get(h, ref, "remote")) // the message was not forgotten
		require.NoError(t, h.Err())
	})
}

func TestNoBodyBeginsWhenTheLastSignOfLifeIsOld(t *testing.T) {
	bubble(t, func(t *testing.T) {
		st := memory.New()
		gate := make(chan struct{})
		var began atomic.Int32
		r := rig{build: func(b *builder) { b.each("work") }}
		r.do = func(ctx wfe.StepContext, s *task) (wfe.Result, error) { began.Add(1); <-gate; return ctx.Next(), nil }
		h := r.host(t, st, wfe.Config{Bodies: 1, Beat: time.Hour, Stale: time.Minute})
		i := begin(t, h, "a", data{Items: make([]int, 2)})
		synctest.Wait()
		st.Inject(func(int, store.Batch) memory.Fault { return memory.Refused })
		<-time.After(2 * time.Minute)
		gate <- struct{}{}
		<-time.After(2 * time.Minute)
		require.EqualValues(t, 1, began.Load())
		st.Inject(nil)
		close(gate)
		completes(t, i)
		require.EqualValues(t, 2, began.Load())
	})
}

func TestACrashAtAnyCommitEndsAsIfThereWasNone(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault memory.Fault
		log   []string
	}{
		{"before", memory.CrashBefore, nil},
		{"after", memory.CrashAfter, nil},
		{"before, with data in a cell of its own", memory.CrashBefore, []string{strings.Repeat("x", 10_000)}},
		{"after, with data in a cell of its own", memory.CrashAfter, []string{strings.Repeat("x", 10_000)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for n, last := 1, false; !last; n++ {
				synctest.Test(t, func(t *testing.T) {
					st := memory.New()
					st.Inject(func(i int, _ store.Batch) memory.Fault {
						if i == n {
							return c.fault
						}
						return memory.None
					})
					r := rig{build: func(b *builder) {
						b.Parallel("p",
							func(b *builder) {
								b.await("one").Timeout(time.Hour, nil)
								b.await("two")
								b.task("asks")
							},
							func(b *builder) {
								b.awaitKey("never", "none").Timeout(2*time.Second, func(b *builder) { b.task("late") })
							},
							func(b *builder) { b.each("item", wfe.Limit(2)) })
						b.Delay("sleep", time.Second)
						b.task("z")
					}}
					r.do = func(ctx wfe.StepContext, s *task) (wfe.Result, error) {
						s.Out = fmt.Sprint(s.Label, s.Item)
						var n note
						if taken, err := ctx.Event(&n); s.Label == "asks" && !taken {
							return ctx.WaitFor(n, "k").Within(time.Hour), err
						}
						s.Out += n.Text
						return ctx.Next(), nil
					}
					d := data{Key: "k", Items: []int{1, 2, 3}, Log: c.log}
					lives := 0
					live := func() error {
						lives++
						h := wfe.NewHost(st, wfe.Config{})
						require.NoError(t, r.register(h))
						defer func() { _ = h.Stop(now()) }()
						if err := h.Start(t.Context()); err != nil {
							return err
						}
						i, err := wfe.Start(t.Context(), h, ref, &d, wfe.ID("a"))
						if err != nil {
							return err
						}
						for n := range 3 {
							if err := wfe.Publish(t.Context(), h, noteEvent, "k", &note{fmt.Sprint("event", n)}, wfe.Dedup(fmt.Sprint(n))); err != nil {
								return err
							}
						}
						got, err := i.Wait(t.Context())
						if err != nil {
							return err
						}
						require.ElementsMatch(t, append([]string{"event0", "event1", "asks0event2", "item1", "item2", "item3", "late0", "z0"}, c.log...), got.Log, "crash at %d", n)
						return nil
					}
					for err := live(); err != nil; err = live() {
						require.ErrorIs(t, err, wfe.ErrFenced)
						require.Equal(t, 1, lives, "crash at %d", n)
					}
					last = st.Commits() < n
				})
			}
		})
	}
}
