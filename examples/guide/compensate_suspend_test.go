package guide_test

import (
	"context"

	"github.com/wfegen/wfe/examples/guide"
)

func Example_compensate_suspend() {
	ctx := context.Background()
	h := open(errDeclined)
	defer h.Stop(ctx)
	order, err := guide.StartCareful(ctx, h, guide.Order{})
	check(err)
	suspended(order)
	check(order.Resume(ctx)) // when somebody has talked to the customer
	end(order)
	// Output:
	// charge: declined
	// refund
	// suspended: declined
	// charge
	// ship
}
