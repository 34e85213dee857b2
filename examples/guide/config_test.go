package guide_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/wfegen/wfe/examples/guide"
	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/store/memory"
)

// traced wraps each run of a body.
func traced(next wfe.StepFunc) wfe.StepFunc {
	return func(ctx wfe.StepContext) (wfe.Result, error) {
		result, err := next(ctx)
		fmt.Printf("%s attempt %d: %v\n", ctx.Step, ctx.Attempt, err)
		return result, err
	}
}

// bounded refuses starts.
func bounded(next wfe.StartFunc) wfe.StartFunc {
	return func(ctx context.Context, s wfe.StartInfo) error {
		if s.Workflow == "strict" {
			return errors.New("not today")
		}
		return next(ctx, s)
	}
}

func Example_config() {
	ctx := context.Background()
	h := wfe.NewHost(memory.New(), wfe.Config{
		Bodies:          100,                                                           // at a time
		Limits:          map[string]wfe.StepLimit{"charge": {Concurrent: 2, Rate: 10}}, // what the bank allows
		StepMiddleware:  []wfe.StepMiddleware{traced},
		StartMiddleware: []wfe.StartMiddleware{bounded},
	})
	check(guide.Register(h, guide.NewSteps(&bank{})))
	check(h.Start(ctx))
	defer h.Stop(ctx)

	order, err := guide.StartInsured(ctx, h, guide.Order{})
	check(err)
	end(order)
	_, err = guide.StartStrict(ctx, h, guide.Order{})
	fmt.Println(err != nil)
	// Output:
	// reserve
	// reserve attempt 1: <nil>
	// ship
	// ship attempt 1: <nil>
	// true
}
