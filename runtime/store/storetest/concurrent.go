package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/store"
)

func concurrentTests() []test {
	return []test{
		{"readers beside Commit see an instance with the cells of one revision", func(e *env) {
			e.own()
			row := fresh("a")
			row.Head, row.Cells = []byte("1"), []instance.Cell{cell(1, 1, 1, "1")}
			k := e.commit(store.Item{Instance: row})[0].K
			ctx, stop := context.WithCancel(e.Context())
			defer stop()
			var wg sync.WaitGroup
			defer wg.Wait()
			for range 3 {
				wg.Go(func() {
					for last := uint64(0); ctx.Err() == nil; {
						got, err := e.Store.Load(ctx, "a")
						if errors.Is(err, context.Canceled) {
							return
						}
						if !assert.NoError(e, err) {
							return
						}
						assert.Equal(e, fmt.Sprint(got.Rev), string(got.Head))
						assert.Equal(e, fmt.Sprint(got.Rev), string(got.Cells[0].Body))
						assert.GreaterOrEqual(e, got.Rev, last)
						last = got.Rev
					}
				})
			}
			for rev := uint64(2); rev <= 100; rev++ {
				row := next("a", k, rev)
				row.Head, row.Cells = fmt.Append(nil, rev), []instance.Cell{cell(1, 1, 1, fmt.Sprint(rev))}
				e.commit(store.Item{Instance: row})
			}
			stop()
		}},
		{"publishers and posters beside Commit lose nothing and share no number", func(e *env) {
			e.own()
			const writers, each = 4, 15
			var mu sync.Mutex
			seqs := map[instance.Seq]bool{}
			var wg sync.WaitGroup
			for w := range writers {
				s := e.Store
				if w%2 == 0 {
					s = e.Open()
				}
				wg.Go(func() {
					for i := range each {
						got, err := s.Publish(e.Context(), []store.Event{{Name: "n", Key: fmt.Sprint(w)}})
						if !assert.NoError(e, err) {
							return
						}
						mu.Lock()
						seqs[got[0]] = true
						mu.Unlock()
						assert.NoError(e, s.Post(e.Context(), []store.Msg{{Request: fmt.Sprint(w, i)}}))
					}
				})
			}
			for i := range each {
				e.start(fmt.Sprint(i))
				out := e.commit(store.Item{Event: &store.Event{Name: "own", Key: "k"}})
				mu.Lock()
				seqs[out[0].Seq] = true
				mu.Unlock()
			}
			wg.Wait()
			require.Len(e, seqs, writers*each+each)
			require.Len(e, e.undelivered(), writers*each+each)
			require.Len(e, e.inbox(0), writers*each)
		}},
		{"of several standbys one gets the store", func(e *env) {
			e.own()
			const standbys = 3
			ctx, cancel := context.WithCancel(e.Context())
			defer cancel()
			results := make(chan acquired, standbys)
			for i := range standbys {
				_, result := e.standby(ctx, e.Open(), fmt.Sprint(i))
				go func() { results <- <-result }()
			}
			require.NoError(e, e.Store.Release(e.Context(), e.lease))
			require.NoError(e, (<-results).err)
			cancel()
			for range standbys - 1 {
				require.ErrorIs(e, (<-results).err, context.Canceled)
			}
		}},
	}
}
