package pipeline_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wfegen/wfe/examples/order/pipeline"
	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/wfetest"
)

// world is the outside world: gateway, stock and mail in one. What was done there
// is in the rig's ledger.
type world struct {
	r        *wfetest.Rig
	declined bool   // the card
	missing  string // the SKU that is out of stock
}

var errDeclined = errors.New("the card was declined")

func (w world) Charge(ctx context.Context, _, card string, cents int64) (string, error) {
	if w.declined {
		return "", errDeclined
	}
	w.r.Effect(ctx, "charge %s %d", card, cents)
	return "receipt of " + card, nil
}

func (w world) Refund(ctx context.Context, _, charge string) error {
	if w.did(charge) {
		w.r.Effect(ctx, "refund")
	}
	return nil
}

func (w world) Reserve(ctx context.Context, _, sku string, qty int) (string, error) {
	if sku == w.missing {
		return "", pipeline.ErrOutOfStock
	}
	w.r.Effect(ctx, "reserve %d of %s", qty, sku)
	return "reserved " + sku, nil
}

func (w world) Release(ctx context.Context, _, reserve string) error {
	if w.did(reserve) {
		w.r.Effect(ctx, "release")
	}
	return nil
}

func (w world) Ship(ctx context.Context, _ string, _ []string) (string, error) {
	w.r.Effect(ctx, "ship")
	return "T1", nil
}

func (w world) Send(ctx context.Context, _, to, text string) error {
	w.r.Effect(ctx, "mail to %s: %s", to, text)
	return nil
}

// did reports whether something was done under a key.
func (w world) did(key string) bool {
	for _, e := range w.r.Effects() {
		if e.Key == key {
			return true
		}
	}
	return false
}

// start starts a host in that world, and an order.
func (w world) start(order pipeline.Order) *wfetest.Instance[pipeline.Order] {
	w.r.T.Helper()
	w.r.Host(func(h *wfe.Host) error { return pipeline.Register(h, pipeline.NewSteps(w, w, w)) })
	return wfetest.Start(w.r, pipeline.StartOrderPipeline, order, wfe.ID(order.ID))
}

func order(cents int64, skus ...string) pipeline.Order {
	o := pipeline.Order{ID: "o1", Email: "ann@example.com", Card: "4711", Cents: cents}
	for _, sku := range skus {
		o.Items = append(o.Items, pipeline.Item{SKU: sku, Qty: 1})
	}
	return o
}

func effects(r *wfetest.Rig) (out []string) {
	for _, e := range r.Effects() {
		out = append(out, e.What)
	}
	return out
}

func TestAnOrderIsPaidAndShipped(t *testing.T) {
	t.Parallel()
	wfetest.Test(t, func(r *wfetest.Rig) {
		o := world{r: r}.start(order(4_200, "book", "lamp"))
		done := o.UntilComplete()
		require.Equal(t, "receipt of 4711", done.Receipt)
		require.Equal(t, "T1", done.Tracking)
		require.ElementsMatch(t, []string{"reserved book", "reserved lamp"}, done.Reservations)
		o.Ran("validate-order",
			wfetest.Parallel("reserve-stock", "reserve-stock"),
			"payment/charge-card",
			wfetest.Parallel("send-receipt", wfetest.Sequence("ship-order sleep", "ship-order")))
		require.ElementsMatch(t, []string{"reserve 1 of book", "reserve 1 of lamp", "charge 4711 4200",
			"mail to ann@example.com: your receipt: receipt of 4711", "ship"}, effects(r))
	})
}

func TestALargeOrderAwaitsItsApproval(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer *pipeline.Approval
		ships  bool
	}{
		"granted":   {&pipeline.Approval{OK: true, By: "bob"}, true},
		"refused":   {&pipeline.Approval{By: "bob"}, false},
		"forgotten": {nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wfetest.Test(t, func(r *wfetest.Rig) {
				o := world{r: r}.start(order(pipeline.Large+1, "book"))
				w := o.UntilAwaiting("approval")
				require.Equal(t, "o1", w.Key)
				require.Equal(t, 72*time.Hour, w.Until.Sub(r.Now()))
				if c.answer != nil {
					wfetest.Publish(r, pipeline.PublishApproval, "o1", *c.answer)
				}
				require.Equal(t, c.ships, o.UntilComplete().Tracking != "")
			})
		})
	}
}

func TestADeclinedCardGivesBackTheStock(t *testing.T) {
	t.Parallel()
	wfetest.Test(t, func(r *wfetest.Rig) {
		o := world{r: r, declined: true}.start(order(4_200, "book"))
		end := o.UntilEnded()
		require.Equal(t, wfe.Terminated, end.Status)
		require.Equal(t, "payment/charge-card", end.Failure.Node)
		require.Equal(t, errDeclined.Error(), end.Failure.Message)
		o.Ran("validate-order", "reserve-stock",
			"charge-card failed", "charge-card#2 failed", "charge-card#3 failed", "charge-card#4 failed", "charge-card#5 failed",
			"undo charge-card", "undo reserve-stock")
		require.Equal(t, []string{"reserve 1 of book", "release"}, effects(r))
	})
}

func TestWhatIsOutOfStockIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	wfetest.Test(t, func(r *wfetest.Rig) {
		o := world{r: r, missing: "lamp"}.start(order(4_200, "lamp"))
		require.Equal(t, wfe.Terminated, o.UntilEnded().Status)
		o.Ran("validate-order", "reserve-stock failed", "undo reserve-stock")
		require.Empty(t, effects(r))
	})
}

func TestAnOrderThatMakesNoSenseIsRefused(t *testing.T) {
	t.Parallel()
	for _, bad := range []pipeline.Order{order(0, "book"), {ID: "o1", Cents: 1, Items: []pipeline.Item{{SKU: "book"}}}} {
		wfetest.Test(t, func(r *wfetest.Rig) {
			o := world{r: r}.start(bad)
			require.Equal(t, wfe.Terminated, o.UntilEnded().Status)
			o.Ran("validate-order failed")
		})
	}
}

func TestAnOrderComesToTheSameEndWhateverCrashes(t *testing.T) {
	t.Parallel()
	t.Run("paid", func(t *testing.T) {
		t.Parallel()
		wfetest.CrashEverywhere(t, func(r *wfetest.Rig) {
			o := world{r: r}.start(order(pipeline.Large+1, "book", "lamp"))
			o.UntilAwaiting("approval")
			wfetest.Publish(r, pipeline.PublishApproval, "o1", pipeline.Approval{OK: true, By: "bob"})
			require.Equal(r.T, "T1", o.UntilComplete().Tracking)
		})
	})
	t.Run("declined", func(t *testing.T) {
		t.Parallel()
		wfetest.CrashEverywhere(t, func(r *wfetest.Rig) {
			o := world{r: r, declined: true}.start(order(4_200, "book", "lamp"))
			require.Equal(r.T, wfe.Terminated, o.UntilEnded().Status)
		})
	})
}
