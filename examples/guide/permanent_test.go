package guide_test

import (
	"context"

	"github.com/wfegen/wfe/examples/guide"
)

func Example_permanent() {
	ctx := context.Background()
	h := open(guide.ErrStolen)
	defer h.Stop(ctx)
	order, err := guide.StartPatient(ctx, h, guide.Order{}) // allows three retries
	check(err)
	suspended(order)
	// Output:
	// charge: the card is stolen
	// suspended: the card is stolen
}
