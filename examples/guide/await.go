package guide

import (
	"time"

	wfe "github.com/wfegen/wfe/runtime"
)

// Payment says that an order was paid.
//
//wfe:event
type Payment struct{ Cents int64 }

// Prepaid ships when the payment is there, and reminds when it is late.
//
//wfe:workflow id=prepaid version=1
func Prepaid(b *OrderBuilder) {
	wfe.Await(b, "payment",
		func(o *Order) string { return o.ID },
		func(o *Order, p *Payment) { o.Paid = p.Cents >= o.Cents },
	).Timeout(72*time.Hour, func(b *OrderBuilder) { b.Remind() })

	b.If("paid", func(o *Order) bool { return o.Paid }, func(b *OrderBuilder) { b.Ship() })
}
