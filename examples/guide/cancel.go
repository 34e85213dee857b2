package guide

import (
	"time"

	wfe "github.com/wfegen/wfe/runtime"
)

// Nagged reminds after a week, unless the payment is there before.
//
//wfe:workflow id=nagged version=1
func Nagged(b *OrderBuilder) {
	b.Parallel("wait",
		func(b *OrderBuilder) {
			wfe.Await(b, "payment",
				func(o *Order) string { return o.ID },
				func(o *Order, p *Payment) { o.Paid = true })
		},
		func(b *OrderBuilder) {
			b.Delay("week", 7*24*time.Hour).CancelWhen(func(o *Order) bool { return o.Paid })
			b.Remind()
		},
	)
	b.Ship()
}
