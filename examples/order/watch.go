package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/wfegen/wfe/examples/order/pipeline"
	wfe "github.com/wfegen/wfe/runtime"
)

// start starts every order and publishes the approvals. Both may have happened in
// an earlier run, and then happen no more.
func start(ctx context.Context, h *wfe.Host, orders []order, approvals []string) ([]wfe.Handle[pipeline.Order], error) {
	handles := make([]wfe.Handle[pipeline.Order], len(orders))
	for i, o := range orders {
		var err error
		if handles[i], err = pipeline.StartOrderPipeline(ctx, h, o.Order, wfe.ID(o.ID)); err != nil {
			return nil, err
		}
	}
	for _, id := range approvals {
		approval := pipeline.Approval{OK: true, By: "the command line"}
		if err := pipeline.PublishApproval(ctx, h, id, approval, wfe.Dedup("approve")); err != nil {
			return nil, err
		}
	}
	return handles, nil
}

// watch returns how each order ended, once none has anything to do by itself. One
// that was approved may not have seen that yet, but it waits no more.
func watch(ctx context.Context, h *wfe.Host, handles []wfe.Handle[pipeline.Order], approved []string, stdout io.Writer) (map[string]end, error) {
	ends := map[string]end{}
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	for {
		for _, handle := range handles {
			if e, known := ends[handle.ID()]; known && e != waiting {
				continue
			}
			i, err := handle.Get(ctx)
			if err != nil {
				return nil, err
			}
			if i.Blocked != nil {
				return nil, fmt.Errorf("%w; -reset begins anew", i.Blocked)
			}
			e := settled(i)
			if e == "" || e == waiting && slices.Contains(approved, i.ID) {
				delete(ends, i.ID)
				continue
			}
			if e != ends[i.ID] {
				show(i, e, stdout)
			}
			ends[i.ID] = e
		}
		if len(ends) == len(handles) {
			return ends, nil
		}
		select {
		case <-look.C:
		case <-h.Done():
			return nil, h.Err()
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// settled is how an order ended; "" while it is under way.
func settled(i wfe.Instance[pipeline.Order]) end {
	switch {
	case i.Status.Ended(), i.Status == wfe.Suspended:
		return end(i.Status)
	case len(i.Waiting) > 0:
		return waiting
	}
	return ""
}

func show(i wfe.Instance[pipeline.Order], e end, stdout io.Writer) {
	detail := ""
	switch {
	case e == waiting:
		detail = fmt.Sprintf("for an approval: %d.%02d; go on with -approve %s", i.Data.Cents/100, i.Data.Cents%100, i.ID)
	case i.Failure != nil && e != complete:
		detail = fmt.Sprintf("%s: %s", i.Failure.Step, i.Failure.Message)
	}
	fmt.Fprintf(stdout, "%-14s %s %s\n", i.ID, e, detail)
}

// report prints the counts; false when an order did not end as it should.
func report(orders []order, ends map[string]end, stdout io.Writer) bool {
	counts := map[end]int{}
	ok := true
	for _, o := range orders {
		e := ends[o.ID]
		counts[e]++
		if e != o.Want && (o.Want != "" || e == suspended) {
			ok = false
			fmt.Fprintf(stdout, "%-14s is %s and should not be (want: %s)\n", o.ID, e, o.Want)
		}
	}
	fmt.Fprintf(stdout, "%d complete, %d terminated, %d suspended, %d waiting for an approval\n",
		counts[complete], counts[terminated], counts[suspended], counts[waiting])
	return ok
}
