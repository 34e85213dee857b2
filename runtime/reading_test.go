package wfe_test

import (
	"context"
	"fmt"
	"os"
	"strconv"
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

func signal(t *testing.T, c wfe.Client, id, text string, opts ...wfe.PublishOption) error {
	t.Helper()
	return wfe.Signal(t.Context(), c, noteEvent, id, &note{text}, opts...)
}

func TestSignal_ReachesTheOldestWaitOfTheInstanceWhateverItsKeyBeforeOrAfterTheWait(t *testing.T) {
	bubble(t, func(t *testing.T) {
		gate := make(chan struct{})
		r := rig{
			build: func(b *builder) {
				b.task("first")
				b.awaitKey("one", "-1")
				b.awaitKey("two", "-2")
				b.await("three")
			},
			do: func(ctx wfe.StepContext, _ *task) (wfe.Result, error) { <-gate; return ctx.Next(), nil },
		}
		st := memory.New()
		h := r.host(t, st, wfe.Config{})
		i, other := begin(t, h, "a", data{Key: "k"}), begin(t, h, "b", data{Key: "k"})
		require.NoError(t, signal(t, h, "a", "first"))
		require.NoError(t, signal(t, wfe.NewClient(st), "a", "second", wfe.Dedup("id")))
		require.NoError(t, signal(t, wfe.NewClient(st), "a", "second", wfe.Dedup("id")))
		synctest.Wait()
		close(gate)
		time.Sleep(time.Second)
		require.Equal(t, "three", status(t, i).Waiting[0].Node)
		require.Equal(t, "one", status(t, other).Waiting[0].Node, "a signal is for one instance")
		require.NoError(t, signal(t, h, "a", "third"))
		require.Equal(t, []string{"first", "second", "third"}, completes(t, i))
		require.ErrorIs(t, signal(t, h, "a", "too late"), wfe.ErrNotFound)
		require.ErrorIs(t, signal(t, wfe.NewClient(st), "none", "nobody"), wfe.ErrNotFound)
	})
}

func TestSignal_InTimeKeepsAWaitFromGivingUp(t *testing.T) {
	bubble(t, func(t *testing.T) {
		st := memory.New()
		r := rig{build: func(b *builder) { b.await("w").Timeout(time.Minute, func(b *builder) { b.task("late") }) }}
		h := r.host(t, st, wfe.Config{Poll: time.Hour}) // it finds the signal only when it looks
		i := begin(t, h, "a", data{Key: "k"})
		time.Sleep(time.Second)
		require.NoError(t, signal(t, wfe.NewClient(st), "a", "in time"))
		require.Equal(t, []string{"in time"}, completes(t, i))
	})
}

func TestPublishAt_IsSeenWhenItsTimeIsReachedAndNotBefore(t *testing.T) {
	bubble(t, func(t *testing.T) {
		st := memory.New()
		r := rig{build: func(b *builder) { b.await("one"); b.await("two") }}
		h := r.host(t, st, wfe.Config{Poll: time.Second})
		i := begin(t, h, "a", data{Key: "k"})
		start := time.Now()
		publish(t, h, "k", "later", wfe.PublishAt(start.Add(time.Hour)))
		publish(t, wfe.NewClient(st), "k", "now", wfe.PublishAt(start.Add(-time.Hour)))
		time.Sleep(time.Hour - time.Millisecond)
		require.Equal(t, "two", status(t, i).Waiting[0].Node)
		require.Equal(t, []string{"now", "later"}, completes(t, i))
		require.Less(t, time.Since(start), time.Hour+10*time.Millisecond)
	})
}

func TestPublishAt_AtTheDeadlineOfAWaitIsInTime(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := rig{build: func(b *builder) { b.await("w").Timeout(time.Minute, func(b *builder) { b.task("late") }) }}
		h := r.host(t, memory.New(), wfe.Config{})
		publishAt := time.Now().Add(time.Minute)
		i := begin(t, h, "a", data{Key: "k"})
		publish(t, h, "k", "in time", wfe.PublishAt(publishAt))
		require.Equal(t, []string{"in time"}, completes(t, i))
	})
}

func TestAwait_AsOfATimeTakesWhatWasPublishedThenOrLaterBeforeTheStartToo(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var since time.Time
		r := rig{build: func(b *builder) {
			b.await("one").AsOf(func(*data) time.Time { return since })
			b.await("two").AsOf(func(*data) time.Time { return since })
		}}
		h := r.host(t, memory.New(), wfe.Config{})
		publish(t, h, "k", "too old")
		time.Sleep(time.Second)
		since = time.Now()
		publish(t, h, "k", "first")
		publish(t, h, "k", "second")
		time.Sleep(time.Second)
		require.Equal(t, []string{"first", "second"}, completes(t, begin(t, h, "a", data{Key: "k"})))
	})
}

func TestEvents_AreDeletedAfterTheirTimeToLiveButNotWhileAWaitMayTakeThem(t *testing.T) {
	bubble(t, func(t *testing.T) {
		st := memory.New()
		h := rig{build: func(b *builder) { b.await("one") }}.host(t, st, wfe.Config{Poll: 30 * time.Second, Beat: time.Hour, Stale: 3 * time.Hour})
		publish(t, h, "short", "gone soon", wfe.TTL(time.Hour))
		publish(t, h, "default", "kept for a week")
		synctest.Wait()
		left := func() (keys []string) {
			events, err := wfe.Untaken(t.Context(), h, 0, 0)
			require.NoError(t, err)
			for _, e := range events {
				keys = append(keys, e.Key)
			}
			return keys
		}
		time.Sleep(time.Hour - time.Minute)
		require.Equal(t, []string{"short", "default"}, left())
		time.Sleep(3 * time.Minute)
		require.Equal(t, []string{"default"}, left())
		time.Sleep(wfe.DefaultTTL)
		require.Empty(t, left())
		require.ErrorContains(t, wfe.Publish(t.Context(), h, noteEvent, "k", &note{}, wfe.TTL(-1)), "longer than 0")
	})
}

func TestEvents_WhosePayloadDoesNotFitAreKeptAndListed(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := rig{build: func(b *builder) { b.await("w") }}
		st := memory.New()
		h := r.host(t, st, wfe.Config{})
		i := begin(t, h, "a", data{Key: "k"})
		synctest.Wait()
		_, err := st.Publish(t.Context(), []store.Event{{Name: "note", Key: "k", Payload: []byte("poison")}})
		require.NoError(t, err)
		time.Sleep(time.Second)
		bad, err := wfe.Unusable(t.Context(), wfe.NewClient(st), 0, 0)
		require.NoError(t, err)
		require.Len(t, bad, 1)
		require.Equal(t, "poison", string(bad[0].Payload))
		failures, err := wfe.Failures(t.Context(), h, "a")
		require.NoError(t, err)
		require.Contains(t, failures[0].Message, `event note, key "k", number 1`)
		publish(t, h, "k", "good")
		require.Equal(t, []string{"good"}, completes(t, i))
		untaken, err := wfe.Untaken(t.Context(), h, 0, 0)
		require.NoError(t, err)
		require.Empty(t, untaken)
	})
}

// TestEvents_OfAHotKeyAreOneRowAndStallNobody counts what a publish to many waiters
// costs: one row for the event, batches of at most a page of waiters, and another
// key's event is through long before.
func TestEvents_OfAHotKeyAreOneRowAndStallNobody(t *testing.T) {
	t.Parallel()
	waiters := 10_000
	if n, err := strconv.Atoi(os.Getenv("WFE_WAITERS")); err == nil {
		waiters = n
	}
	st := memory.New()
	h := rig{build: func(b *builder) { b.await("w") }}.host(t, st, wfe.Config{})
	start := func(id, key string) wfe.Handle[data] { return begin(t, h, id, data{Key: key}) }
	work := make(chan int, 256)
	done := make(chan error, 256)
	for range 256 {
		go func() {
			for n := range work {
				if _, err := wfe.Start(context.Background(), h, ref, &data{Key: "hot"}, wfe.ID(fmt.Sprint(n))); err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	for n := range waiters {
		work <- n
	}
	close(work)
	for range 256 {
		require.NoError(t, <-done)
	}
	cold := start("cold", "cold")
	var events, transitions, most, before atomic.Int64
	coldDone := make(chan struct{})
	st.Inject(func(_ int, b store.Batch) memory.Fault {
		most.Store(max(most.Load(), int64(len(b.Items))))
		for _, it := range b.Items {
			if it.Event != nil && it.Event.Key == "hot" {
				events.Add(1)
			}
			if it.Instance != nil {
				transitions.Add(1)
				if it.Instance.ID == "cold" {
					before.Store(transitions.Load())
					close(coldDone)
				}
			}
		}
		return memory.None
	})
	publish(t, h, "hot", "x")
	publish(t, h, "cold", "x")
	<-coldDone
	require.Less(t, before.Load(), int64(waiters/2), "the other key was not stalled")
	completes(t, cold)
	for n := range waiters {
		completes(t, wfe.Get(h, ref, fmt.Sprint(n)))
	}
	st.Inject(nil)
	require.EqualValues(t, 1, events.Load())
	require.LessOrEqual(t, most.Load(), int64(512))
}

func TestFailures_AreRecordedWithStepAttemptAndTime(t *testing.T) {
	bubble(t, func(t *testing.T) {
		policy := wfe.Retry(2, time.Second)
		r := rig{retry: &policy, build: func(b *builder) { b.task("a") }}
		r.do = func(ctx wfe.StepContext, _ *task) (wfe.Result, error) {
			if wfe.Info(ctx).Attempt < 3 {
				return wfe.Result{}, fmt.Errorf("failed %d", wfe.Info(ctx).Attempt)
			}
			return ctx.Next(), nil
		}
		h := r.host(t, memory.New(), wfe.Config{})
		start := time.Now()
		completes(t, begin(t, h, "a", data{}))
		failures, err := wfe.Failures(t.Context(), h, "a")
		require.NoError(t, err)
		require.Len(t, failures, 2)
		for i, f := range failures {
			require.Equal(t, fmt.Sprintf("a task %d failed %d", i+1, i+1), fmt.Sprintf("%s %s %d %s", f.Node, f.Step, f.Attempt, f.Message))
			require.EqualValues(t, 1, f.Pointer)
			require.False(t, f.At.Before(start))
		}
		_, err = wfe.Failures(t.Context(), h, "none")
		require.ErrorIs(t, err, wfe.ErrNotFound)
	})
}

func TestHistory_IsReadFromAnyProcessDuringAndAfterTheRun(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := rig{build: func(b *builder) { b.await("w"); b.each("each", wfe.Sequential()); b.Delay("sleep", time.Second) }}
		st := memory.New()
		h := r.host(t, st, wfe.Config{})
		i := begin(t, h, "a", data{Key: "k", Items: make([]int, 200)})
		synctest.Wait()
		read := func() []wfe.Record {
			records, err := wfe.History(t.Context(), wfe.NewClient(st), "a")
			require.NoError(t, err)
			for n, r := range records {
				require.EqualValues(t, n+1, r.N)
			}
			return records
		}
		require.Len(t, read(), 2)
		publish(t, h, "k", "x")
		completes(t, i)
		records := read()
		require.Len(t, records, 3+2*200+2+1)
		require.Equal(t, []wfe.RecordKind{wfe.RecordStarted, wfe.RecordWaiting, wfe.RecordEventTaken, wfe.RecordStepStarted, wfe.RecordStepCompleted},
			[]wfe.RecordKind{records[0].Kind, records[1].Kind, records[2].Kind, records[3].Kind, records[4].Kind})
		require.Equal(t, "w note k 1", fmt.Sprint(records[2].Node, " ", records[2].Text, " ", records[2].Key, " ", records[2].Event))
		require.True(t, strings.HasSuffix(records[3].Node, "each") && records[3].Step == "task", records[3])
		require.Equal(t, wfe.RecordCompleted, records[len(records)-1].Kind)
		require.Equal(t, time.Second, records[len(records)-1].At.Sub(records[len(records)-3].At))
	})
}

func TestHistory_IsEmptyWhereItIsNotKept(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := rig{build: func(b *builder) { b.task("a") }}.host(t, memory.New(), wfe.Config{NoHistory: true})
		completes(t, begin(t, h, "a", data{}))
		records, err := wfe.History(t.Context(), h, "a")
		require.NoError(t, err)
		require.Empty(t, records)
	})
}

func TestStartAt_IsThereAtOnceAndBeginsThen(t *testing.T) {
	bubble(t, func(t *testing.T) {
		ran := newTimes()
		r := rig{build: func(b *builder) { b.task("a") }}
		r.do = func(ctx wfe.StepContext, _ *task) (wfe.Result, error) { ran.note(); return ctx.Next(), nil }
		st := memory.New()
		h := r.host(t, st, wfe.Config{Poll: time.Second})
		at := time.Now().Add(time.Hour)
		i, err := wfe.Start(t.Context(), wfe.NewClient(st), ref, &data{}, wfe.ID("a"), wfe.StartAt(at), wfe.Reference("r"))
		require.NoError(t, err)
		d, err := wfe.Describe(t.Context(), h, "a")
		require.NoError(t, err)
		require.Equal(t, wfe.Summary{ID: "a", Workflow: "flow", Version: 1, Reference: "r", Status: wfe.Runnable, Created: d.Created}, d.Summary)
		require.Equal(t, []wfe.Position{{Pointer: 1, Node: "a", Step: "task", Does: "scheduled", Due: at.UTC()}}, d.Positions)
		require.Equal(t, "a", i.ID())
		completes(t, wfe.Get(h, ref, "a"))
		ran.on(t, time.Hour)
	})
}

func TestReference_ThatIsUniqueIsRefusedWhileALiveInstanceHasIt(t *testing.T) {
	bubble(t, func(t *testing.T) {
		st := memory.New()
		h := rig{build: func(b *builder) { b.await("w") }}.host(t, st, wfe.Config{})
		start := func(c wfe.Client, id string, opts ...wfe.StartOption) error {
			_, err := wfe.Start(t.Context(), c, ref, &data{Key: "k"}, append(opts, wfe.ID(id))...)
			return err
		}
		require.NoError(t, start(h, "a", wfe.Reference("r"), wfe.Unique()))
		require.NoError(t, start(h, "a", wfe.Reference("r"), wfe.Unique()), "it is the same one")
		require.ErrorIs(t, start(h, "b", wfe.Reference("r"), wfe.Unique()), wfe.ErrReferenceTaken)
		require.ErrorIs(t, start(wfe.NewClient(st), "b", wfe.Reference("r")), wfe.ErrReferenceTaken)
		require.NoError(t, start(h, "c", wfe.Reference("other")))
		publish(t, h, "k", "x")
		completes(t, wfe.Get(h, ref, "a"))
		require.NoError(t, start(h, "b", wfe.Reference("r"), wfe.Unique()))
		require.ErrorContains(t, start(h, "d", wfe.Unique()), "Unique needs a Reference")
		require.ErrorContains(t, start(h, "d", wfe.Reference("")), `the reference "" is empty`)
	})
}

func TestQuery_PagesAreStableAndPurgeDeletesWhatHasEnded(t *testing.T) {
	bubble(t, func(t *testing.T) {
		st := memory.New()
		h := rig{build: func(b *builder) { b.await("w") }}.host(t, st, wfe.Config{})
		for n := range 7 {
			begin(t, h, fmt.Sprint(n), data{Key: fmt.Sprint(n % 2)})
			time.Sleep(time.Second)
		}
		publish(t, h, "0", "x")
		for n := range 7 {
			if n%2 == 0 {
				completes(t, wfe.Get(h, ref, fmt.Sprint(n)))
			}
		}
		ids := func(f wfe.Filter) (ids []string) {
			for {
				p, err := wfe.Query(t.Context(), wfe.NewClient(st), f)
				require.NoError(t, err)
				for _, i := range p.Instances {
					ids = append(ids, i.ID)
				}
				if f.Cursor = p.Next; p.Next == "" {
					return ids
				}
			}
		}
		require.Equal(t, []string{"0", "1", "2", "3", "4", "5", "6"}, ids(wfe.Filter{Limit: 2}))
		require.Equal(t, []string{"6", "4", "2", "0"}, ids(wfe.Filter{Limit: 3, Newest: true, Status: wfe.Complete, Workflow: "flow"}))
		require.Empty(t, ids(wfe.Filter{Workflow: "flow", Version: 2}))
		_, err := wfe.Query(t.Context(), h, wfe.Filter{Cursor: "nonsense"})
		require.ErrorIs(t, err, wfe.ErrCursor)
		_, err = wfe.Query(t.Context(), h, wfe.Filter{Limit: wfe.MaxPage + 1})
		require.ErrorContains(t, err, "the limit is 1001")

		purge := func(c wfe.Client, e wfe.Ended) int {
			n, err := wfe.Purge(t.Context(), c, e)
			require.NoError(t, err)
			return n
		}
		_, err = wfe.Purge(t.Context(), wfe.NewClient(st), wfe.Ended{ID: "1"})
		require.ErrorIs(t, err, wfe.ErrLive)
		_, err = wfe.Purge(t.Context(), h, wfe.Ended{Status: wfe.Suspended})
		require.ErrorIs(t, err, wfe.ErrLive)
		_, err = wfe.Purge(t.Context(), h, wfe.Ended{ID: "none"})
		require.ErrorIs(t, err, wfe.ErrNotFound)
		require.Zero(t, purge(h, wfe.Ended{Status: wfe.Terminated}))
		require.Zero(t, purge(h, wfe.Ended{Before: time.Now().Add(-time.Hour)}))
		require.Equal(t, 1, purge(wfe.NewClient(st), wfe.Ended{ID: "2"}))
		require.Equal(t, 3, purge(wfe.NewClient(st), wfe.Ended{}))
		require.Equal(t, []string{"1", "3", "5"}, ids(wfe.Filter{}))
		require.Len(t, ids(wfe.Filter{Status: wfe.Runnable, Limit: 1}), 3)
		_, err = wfe.History(t.Context(), h, "0")
		require.ErrorIs(t, err, wfe.ErrNotFound)
	})
}

func TestPurge_GoesOnFromBatchToBatch(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := rig{build: func(b *builder) {}}.host(t, memory.New(), wfe.Config{})
		for n := range 250 {
			completes(t, begin(t, h, fmt.Sprint(n), data{}))
		}
		n, err := wfe.Purge(t.Context(), h, wfe.Ended{})
		require.NoError(t, err)
		require.Equal(t, 250, n)
	})
}
