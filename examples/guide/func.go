package guide

import (
	"errors"

	wfe "github.com/wfegen/wfe/runtime"
)

// Checked refuses an order without items.
//
//wfe:workflow id=checked version=1
func Checked(b *OrderBuilder) {
	b.Func("check", func(ctx wfe.StepContext, o *Order) (wfe.Result, error) {
		if len(o.Items) == 0 {
			return ctx.Next(), wfe.Permanent(errors.New("there is nothing to ship"))
		}
		o.Cents = int64(len(o.Items)) * 10_00
		return ctx.Next(), nil
	}).OnError(wfe.RetryPolicy{Then: wfe.Terminate})
	b.Ship()
}
