package guide_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/wfegen/wfe/examples/guide"
	wfe "github.com/wfegen/wfe/runtime"
)

func Example_control() {
	ctx := context.Background()
	h := open()
	defer h.Stop(ctx)
	order, err := guide.StartPrepaid(ctx, h, guide.Order{ID: "o1"}, wfe.ID("1")) // waits for its payment
	check(err)

	check(order.Suspend(ctx)) // or h.Suspend(ctx, "1")
	now, err := order.Get(ctx)
	check(err)
	fmt.Println(now.Status)

	check(order.Resume(ctx))
	check(order.Cancel(ctx)) // returns when it has begun
	end(order)

	var impossible *wfe.CommandError
	fmt.Println(errors.As(order.Resume(ctx), &impossible), impossible.Status)
	// Output:
	// suspended
	// terminated (cancelled)
	// true terminated
}
