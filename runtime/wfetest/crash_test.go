package wfetest_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/wfetest"
)

// party is a workflow of two trips, each of them a child.
var party = wfe.NewWorkflow("party", 1, func(b *wfe.Generic[trip]) {
	wfe.Each(b, "guests", func(t *trip) []string { return t.Stops }, func(b *wfe.Generic[trip], guest *string) {
		wfe.Child(b, "travel", travel.Ref(), func(t *trip) trip { return trip{Name: *guest, Stops: []string{"a"}} },
			func(t *trip, done *trip) { t.Seen = append(t.Seen, done.Hotel) })
	})
})

func TestCrashEverywhere_WithChildren(t *testing.T) {
	t.Parallel()
	wfetest.CrashEverywhere(t, func(r *wfetest.Rig) {
		r.Host(func(h *wfe.Host) error {
			return errors.Join(register(h), h.Add(party))
		}, book(r, 0))
		done := wfetest.Start(r, party.Start, trip{Stops: []string{"ritz", "savoy"}}).UntilComplete()
		require.ElementsMatch(r.T, []string{"the ritz", "the savoy"}, done.Seen)
	})
}

func TestCrashEverywhere_WithCommands(t *testing.T) {
	t.Parallel()
	w := wfe.NewWorkflow("flow", 1, func(b *wfe.Generic[trip]) {
		b.Saga("saga", func(b *wfe.Generic[trip]) {
			b.Step("book-hotel").OnError(wfe.RetryPolicy{Then: wfe.Suspend})
			b.Delay("long", 365*24*time.Hour)
		})
	})
	for name, do := range map[string]func(h wfe.Handle[trip], ctx context.Context) error{
		"cancel": wfe.Handle[trip].Cancel,
		"resume": wfe.Handle[trip].Resume,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wfetest.CrashEverywhere(t, func(r *wfetest.Rig) {
				free := false
				r.Host(func(h *wfe.Host) error { return h.Add(w, BookHotel{}) }, cancel(r),
					wfetest.Double(func(ctx context.Context, s *BookHotel) error {
						if !free {
							return errors.New("the line is busy")
						}
						r.Effect(ctx, "book")
						return nil
					}))
				i := wfetest.Start(r, w.Start, trip{})
				i.UntilSuspended()
				free = true
				i.Do(func(ctx context.Context, h wfe.Handle[trip]) error { return do(h, ctx) })
				end := i.UntilEnded()
				if name == "cancel" {
					require.Equal(r.T, wfe.ReasonCancelled, end.Reason)
				} else {
					require.Equal(r.T, wfe.Complete, end.Status)
				}
			})
		})
	}
}

func TestTest_RoundsThatRecurForYears(t *testing.T) {
	t.Parallel()
	w := wfe.NewWorkflow("flow", 1, func(b *wfe.Generic[trip]) {
		b.Delay("generation", 30*365*24*time.Hour)
		b.Recur("yearly", wfe.Every(365*24*time.Hour), func(t *trip) bool { return len(t.Seen) == 5 }, func(b *wfe.Generic[trip]) {
			b.Set("note", func(t *trip) { t.Seen = append(t.Seen, "x") })
		})
	})
	wfetest.Test(t, func(r *wfetest.Rig) {
		r.Host(func(h *wfe.Host) error { return h.Add(w) })
		start := r.Now()
		require.Len(t, wfetest.Start(r, w.Start, trip{}).UntilComplete().Seen, 5)
		require.GreaterOrEqual(t, r.Now().Sub(start), 34*365*24*time.Hour)
	})
}
