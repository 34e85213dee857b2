package wfe_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/store/memory"
)

// changed has a host in which all instances of an older code stand at, or before,
// a node that was changed.
func changed(t *testing.T, begin func(h *wfe.Host)) (*memory.Store, *wfe.Host) {
	t.Helper()
	st := memory.New()
	build := func(b *builder) { b.await("first"); b.task("a"); b.awaitKey("last", "last") }
	h := rig{build: build, code: map[string]string{"first": "1", "a": "1", "last": "1"}}.host(t, st, wfe.Config{})
	begin(h)
	synctest.Wait()
	require.NoError(t, h.Stop(t.Context()))
	return st, rig{build: build, code: map[string]string{"first": "1", "a": "2", "last": "1"}}.host(t, st, wfe.Config{})
}

func TestBlocked_ListsWhatTheHostHasNotMetYet(t *testing.T) {
	bubble(t, func(t *testing.T) {
		const n = 1050 // more than one page
		_, h := changed(t, func(h *wfe.Host) {
			for i := range n {
				begin(t, h, fmt.Sprintf("%04d", i), data{Key: "k"})
				time.Sleep(time.Millisecond)
			}
			require.NoError(t, h.Suspend(t.Context(), "0007"))
			require.NoError(t, h.Terminate(t.Context(), "0008", "it has ended"))
			begin(t, h, "beyond", data{Key: "beyond"})
			publish(t, h, "beyond", "event")
		})
		begin(t, h, "new", data{Key: "new"})
		require.ErrorAs(t, h.Resume(t.Context(), "0100"), new(*wfe.BlockedError))

		want := []string{"0100"} // that was met
		for i := range n {
			if i != 7 && i != 8 && i != 100 {
				want = append(want, fmt.Sprintf("%04d", i))
			}
		}
		want = append(want, "0007")
		var got []string
		for _, b := range blocked(t, h) {
			got = append(got, b.Instance)
			require.Equal(t, "a", b.Node)
		}
		require.Equal(t, want, got)

		for range h.Blocked(t.Context()) {
			break // who has seen enough
		}
		for b, err := range h.Blocked(now()) {
			if b == nil {
				require.ErrorIs(t, err, context.Canceled)
				require.ErrorContains(t, err, "listing blocked instances")
				return
			}
		}
		t.Fatal("no error")
	})
}

func TestBlocked_IsShownWhereInstancesAreRead(t *testing.T) {
	bubble(t, func(t *testing.T) {
		st, h := changed(t, func(h *wfe.Host) {
			begin(t, h, "old", data{Key: "k"})
			begin(t, h, "beyond", data{Key: "beyond"})
			publish(t, h, "beyond", "event")
			begin(t, h, "ended", data{Key: "k"})
			require.NoError(t, h.Terminate(t.Context(), "ended", ""))
		})
		read := func(c wfe.Client) (shown []string) {
			page, err := wfe.Query(t.Context(), c, wfe.Filter{})
			require.NoError(t, err)
			require.Len(t, page.Instances, 3)
			for _, s := range page.Instances {
				d, err := wfe.Describe(t.Context(), c, s.ID)
				require.NoError(t, err)
				i := status(t, wfe.Get(c, ref, s.ID))
				require.Equal(t, s, d.Summary)
				require.Equal(t, s.Blocked, i.Blocked)
				if s.Blocked != nil {
					shown = append(shown, s.Blocked.Instance+" at "+s.Blocked.Node)
				}
			}
			return shown
		}
		require.Equal(t, []string{"old at a"}, read(h))
		require.Empty(t, read(wfe.NewClient(st)), "only a host knows")
		require.NoError(t, h.Terminate(t.Context(), "old", ""))
		require.Empty(t, read(h))
		require.NoError(t, h.Stop(t.Context()))
		require.Empty(t, read(h), "it can still be read")
	})
}
