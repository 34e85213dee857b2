package guide_test

import (
	"context"

	"github.com/wfegen/wfe/examples/guide"
)

func Example_await() {
	ctx := context.Background()
	h := open()
	defer h.Stop(ctx)
	order, err := guide.StartPrepaid(ctx, h, guide.Order{ID: "o1", Cents: 40_00})
	check(err)
	check(guide.PublishPayment(ctx, h, "o1", guide.Payment{Cents: 40_00}))
	end(order)
	// Output:
	// ship
}
