package guide_test

import (
	"context"
	"fmt"

	"github.com/wfegen/wfe/examples/guide"
	wfe "github.com/wfegen/wfe/runtime"
	"github.com/wfegen/wfe/runtime/store/memory"
)

func Example_listener() {
	ctx := context.Background()
	var heard []string // a listener runs in a goroutine of its own; Stop waits for it
	h := wfe.NewHost(memory.New(), wfe.Config{Listeners: []func(wfe.Notice){func(n wfe.Notice) {
		if n.Kind == wfe.RecordStepFailed {
			heard = append(heard, n.Instance+" "+n.Node+": "+n.Text)
		}
	}}})
	check(guide.Register(h, guide.NewSteps(&bank{[]error{errDeclined}})))
	check(h.Start(ctx))
	order, err := guide.StartPatient(ctx, h, guide.Order{}, wfe.ID("1"))
	check(err)
	end(order)
	check(h.Stop(ctx))
	fmt.Println(heard)
	// Output:
	// charge: declined
	// charge
	// ship
	// [1 charge: declined]
}
