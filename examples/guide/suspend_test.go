package guide_test

import (
	"context"

	"github.com/wfegen/wfe/examples/guide"
)

func Example_suspend() {
	ctx := context.Background()
	h := open(errDeclined)
	defer h.Stop(ctx)
	order, err := guide.StartWatched(ctx, h, guide.Order{})
	check(err)
	suspended(order)
	check(order.Resume(ctx)) // when somebody has talked to the customer
	end(order)
	// Output:
	// charge: declined
	// suspended: declined
	// charge
	// ship
}
