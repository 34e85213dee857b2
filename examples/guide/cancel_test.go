package guide_test

import (
	"context"

	"github.com/wfegen/wfe/examples/guide"
)

func Example_cancel() {
	ctx := context.Background()
	h := open()
	defer h.Stop(ctx)
	order, err := guide.StartNagged(ctx, h, guide.Order{ID: "o1"})
	check(err)
	check(guide.PublishPayment(ctx, h, "o1", guide.Payment{}))
	end(order)
	// Output:
	// ship
}
