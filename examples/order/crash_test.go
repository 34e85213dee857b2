package main

import (
	"errors"
	"fmt"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"context"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/examples/order/outside"
	"github.com/wfegen/wfe/examples/order/pipeline"
	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/store"
	"github.com/wfegen/wfe/runtime/store/memory"
)

// life is one process: a host on a store, with its own view of the outside world.
func life(ctx context.Context, st store.Store, p place, orders []order) (map[string]end, error) {
	world := outside.New(p.ledger, 2*time.Millisecond, io.Discard)
	h := wfe.NewHost(st, wfe.Config{})
	if err := pipeline.Register(h, pipeline.NewSteps(world, world, world)); err != nil {
		return nil, err
	}
	err := h.Start(ctx)
	var ends map[string]end
	if err == nil {
		approvals, _ := toApprove("all", orders)
		var handles []wfe.Handle[pipeline.Order]
		if handles, err = start(ctx, h, orders, approvals); err == nil {
			ends, err = watch(ctx, h, handles, approvals, io.Discard)
		}
		dead, cancel := context.WithCancel(ctx)
		cancel() // no ceremony
		err = errors.Join(err, h.Stop(dead))
	}
	return ends, errors.Join(err, world.Close())
}

// crashes runs the orders with a crash at commit n, in the way of fault, and
// returns how many commits there were.
func crashes(t *testing.T, orders []order, n int, fault memory.Fault) (commits int) {
	p := newPlace(t, orders...)
	st := memory.New()
	st.Inject(func(i int, _ store.Batch) memory.Fault {
		if i == n {
			return fault
		}
		return memory.None
	})
	var ends map[string]end
	for lives := 1; ; lives++ {
		var err error
		if ends, err = life(t.Context(), st, p, orders); err == nil {
			break
		}
		require.ErrorIs(t, err, wfe.ErrFenced)
		require.Equal(t, 1, lives, "it crashes once")
	}
	require.Empty(t, audit(orders, ends, p.entries(t)))
	return st.Commits()
}

func TestACrashBeforeOrAfterAnyCommitChangesNothing(t *testing.T) {
	t.Parallel()
	for fault, name := range map[memory.Fault]string{memory.CrashBefore: "before", memory.CrashAfter: "after", memory.None: "none"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for n, last := 1, false; !last; n++ {
				t.Run(fmt.Sprint(n), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						last = crashes(t, shapes("o"), n, fault) < n || fault == memory.None
					})
				})
			}
		})
	}
}
