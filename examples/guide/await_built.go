package guide

import (
	"time"

	wfe "github.com/wfegen/wfe/runtime"
)

// BuiltPrepaid is Prepaid, with a builder.
//
//wfe:workflow id=built-prepaid version=1
func BuiltPrepaid(b *OrderBuilder) {
	wfe.Await(b, "payment",
		func(o *Order) string { return o.ID },
		func(o *Order, p *Payment) { o.Paid = p.Cents >= o.Cents },
	).Timeout(72*time.Hour, func(b *OrderBuilder) { b.Remind() })

	b.If("paid", func(o *Order) bool { return o.Paid }, func(b *OrderBuilder) { b.Ship() })
}
