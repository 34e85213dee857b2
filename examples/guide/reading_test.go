package guide_test

import (
	"context"
	"fmt"
	"time"

	"github.com/wfegen/wfe/examples/guide"
	wfe "github.com/wfegen/wfe/runtime"
)

func Example_reading() {
	ctx := context.Background()
	h := open(errDeclined) // or wfe.NewClient(st) in any other process
	defer h.Stop(ctx)
	order, err := guide.StartWatched(ctx, h, guide.Order{}, wfe.ID("1"), wfe.Reference("customer 7"))
	check(err)
	suspended(order)

	// Who waits for somebody?
	page, err := wfe.Query(ctx, h, wfe.Filter{Status: wfe.Suspended})
	check(err)
	for _, i := range page.Instances { // the next page: Filter.Cursor = page.Next
		where, err := wfe.Describe(ctx, h, i.ID)
		check(err)
		fmt.Println(i.ID, i.Workflow, i.Reference, "stands at", where.Positions[0].Node)
	}
	failures, err := wfe.Failures(ctx, h, "1")
	check(err)
	fmt.Println(failures[0].Step, failures[0].Attempt, failures[0].Message)

	check(order.Resume(ctx))
	end(order)
	history, err := wfe.History(ctx, h, "1")
	check(err)
	fmt.Println("completed:", history[len(history)-1].Kind == wfe.RecordCompleted)

	// What ended more than 30 days ago is not needed any more; of this one nothing is.
	n, err := wfe.Purge(ctx, h, wfe.Ended{Before: time.Now().AddDate(0, 0, -30)})
	check(err)
	fmt.Println("purged", n)
	// Output:
	// charge: declined
	// suspended: declined
	// 1 watched customer 7 stands at charge
	// charge 1 declined
	// charge
	// ship
	// completed: true
	// purged 0
}
