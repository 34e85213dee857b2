package host

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func never() bool { return false }

// item is something to commit of about that many bytes and rows.
func item(bytes, rows int) *pending {
	return &pending{item: store.Item{Instance: &store.Row{Head: make([]byte, bytes), Drop: make([]instance.CellID, rows)}}}
}

func TestABatchIsBoundedInItemsRowsAndBytes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		bytes, rows, want int
	}{
		"items": {0, 0, maxBatch},
		"rows":  {0, 1023, 4},
		"bytes": {1<<20 - 256, 0, 2},
		"large": {maxBatchBytes, 0, 1},
	} {
		q := newQueue(SystemClock())
		for range maxBatch + 1 {
			if q.bytes+c.bytes < maxQueueBytes {
				q.put(item(c.bytes, c.rows))
			}
		}
		batch, ok := q.take(nil, never)
		require.True(t, ok)
		require.Len(t, batch, c.want, name)
		bytes := 0
		for _, p := range q.items {
			bytes += p.size()
		}
		require.Equal(t, bytes, q.bytes)
	}
}

func TestAFullQueueRefusesCallsFromOutsideBeforeResults(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(SystemClock())
		for range maxQueue * 3 / 4 {
			q.put(item(0, 0))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorIs(t, q.admit(ctx), ErrOverloaded)
		for range maxQueue / 4 {
			q.put(item(0, 0)) // has room
		}
		var all sync.WaitGroup
		all.Go(func() { q.put(item(0, 0)) })
		all.Go(func() { require.NoError(t, q.admit(t.Context())) })
		synctest.Wait()
		for range maxQueue/maxBatch + 1 {
			batch, _ := q.take(nil, never)
			q.finished(batch[len(batch)-1].n)
		}
		all.Wait()
	})
}

func TestTakeWaitsForAnItemOrASignOfLifeThatIsDue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(SystemClock())
		beat := time.Now().Add(time.Second)
		due := func() bool { return !time.Now().Before(beat) }
		time.AfterFunc(time.Second, q.nudge)
		batch, ok := q.take(nil, due)
		require.True(t, ok)
		require.Empty(t, batch)
		time.AfterFunc(time.Second, func() { q.put(item(0, 0)) })
		batch, ok = q.take(nil, never)
		require.True(t, ok)
		require.Len(t, batch, 1)
		q.close()
		_, ok = q.take(nil, never)
		require.False(t, ok)
	})
}

func TestTheBarrierWaitsForTheEventsThatWerePutBefore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(SystemClock())
		q.put(item(0, 0))
		q.published() // there is none
		q.put(&pending{item: store.Item{Event: &store.Event{}}})
		through := make(chan struct{})
		go func() { q.published(); close(through) }()
		synctest.Wait()
		q.put(&pending{item: store.Item{Event: &store.Event{}}}) // later: it is not waited for
		batch, _ := q.take(nil, never)
		q.finished(batch[0].n)
		synctest.Wait()
		select {
		case <-through:
			t.Fatal("it did not wait")
		default:
		}
		q.finished(batch[1].n)
		<-through
	})
}

func TestWhatIsPutAfterTheDrainIsDropped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(SystemClock())
		q.put(item(0, 0))
		drained := make(chan struct{})
		go func() { q.drain(never); close(drained) }()
		synctest.Wait()
		batch, ok := q.take(nil, never)
		require.True(t, ok)
		q.finished(batch[len(batch)-1].n)
		<-drained
		q.put(item(0, 0))
		require.Empty(t, q.items)
		require.NoError(t, q.admit(t.Context()))
	})
}
