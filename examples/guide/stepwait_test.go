package guide_test

import (
	"context"

	"github.com/wfegen/wfe/examples/guide"
)

func Example_stepWait() {
	ctx := context.Background()
	h := open()
	defer h.Stop(ctx)
	order, err := guide.StartApproved(ctx, h, guide.Order{ID: "o1"})
	check(err)
	check(guide.PublishApproval(ctx, h, "o1", guide.Approval{By: "ann"}))
	check(guide.PublishApproval(ctx, h, "o1", guide.Approval{By: "bob"}))
	end(order)
	// Output:
	// approved by ann and bob
	// ship
}
