package wfe_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/store"
	"github.com/wfegen/wfe/runtime/store/memory"
)

// lost is a store that is closed under its host.
type lost struct {
	*memory.Store
	gone atomic.Bool
}

func (s *lost) Commit(ctx context.Context, l store.Lease, b store.Batch) ([]store.Outcome, error) {
	if s.gone.Load() {
		return nil, fmt.Errorf("it is closed: %w", store.ErrLost)
	}
	return s.Store.Commit(ctx, l, b)
}

func (s *lost) Release(context.Context, store.Lease) error { return errors.New("it is closed") }

func TestAHostWhoseStoreIsClosedEndsAndSaysSo(t *testing.T) {
	bubble(t, func(t *testing.T) {
		st := &lost{Store: memory.New()}
		h := wfe.NewHost(st, wfe.Config{})
		require.NoError(t, rig{build: func(b *builder) { b.await("wait") }}.register(h))
		require.NoError(t, h.Start(t.Context()))
		i := begin(t, h, "i", data{Key: "k"})
		st.gone.Store(true)
		<-h.Done() // found at its next sign of life
		require.ErrorIs(t, h.Err(), wfe.ErrLost)
		require.ErrorContains(t, h.Err(), "it is closed")
		_, err := i.Wait(t.Context())
		require.ErrorIs(t, err, wfe.ErrLost)
		_, err = wfe.Start(t.Context(), h, ref, &data{})
		require.ErrorIs(t, err, wfe.ErrLost)
		require.NoError(t, h.Stop(t.Context()))
	})
}
