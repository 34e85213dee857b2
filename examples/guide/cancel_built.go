package guide

import (
	"time"

	wfe "github.com/wfegen/wfe/runtime"
)

// BuiltNagged is Nagged, with a builder.
//
//wfe:workflow id=built-nagged version=1
func BuiltNagged(b *OrderBuilder) {
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
