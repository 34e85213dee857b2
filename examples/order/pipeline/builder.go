package pipeline

import (
	"time"

	wfe "github.com/wfegen/wfe/runtime"
)

// BuiltPipeline is OrderPipeline again, said by calls of a builder: the same nodes
// under the same ids. Wiring by name and type takes the place of what OrderPipeline
// writes out. A test holds them equal; nothing else uses it.
//
//wfe:workflow id=built-pipeline version=1
func BuiltPipeline(b *OrderBuilder) {
	b.ValidateOrder()

	b.If("large", func(o *Order) bool { return o.Cents > Large }, func(b *OrderBuilder) {
		wfe.Await(b, "approval",
			func(o *Order) string { return o.ID },
			func(o *Order, a *Approval) { o.Approver, o.Approved = a.By, a.OK },
		).Timeout(72*time.Hour, nil)
		b.If("refused", func(o *Order) bool { return !o.Approved }, func(b *OrderBuilder) { b.End() })
	})

	b.Saga("payment", func(b *OrderBuilder) {
		b.ForEachItems(func(b *OrderBuilder, it *Item) {
			b.ReserveStock(func(o *Order, s *ReserveStock) { s.SKU, s.Qty = it.SKU, it.Qty }).
				Out(func(o *Order, s *ReserveStock) { o.Reservations = append(o.Reservations, s.Reservation) })
		})
		b.ChargeCard()
	})

	b.Delay("cool-off", 300*time.Millisecond)

	b.Parallel("dispatch",
		func(b *OrderBuilder) { b.SendReceipt() },
		func(b *OrderBuilder) { b.ShipOrder() },
	)
}
