// Package pipeline is the workflow of an order: check it, have a large one
// approved, reserve its items and take the payment, send it off.
//
// It knows nothing of stores, hosts or the outside world: steps reach that
// through the interfaces in outside.go.
package pipeline

import (
	"time"

	wfe "github.com/wfegen/wfe/runtime"
)

//go:generate go tool wfegen .

// Large is the amount in cents above which an order needs an approval.
const Large = 100_000

// Order is what an order is and what became of it: the data of the workflow.
//
//wfe:data
type Order struct {
	ID    string `json:"id"`
	Email string `json:"email"`
	Card  string `json:"card" wfe:"secret"`
	Cents int64  `json:"cents"`
	Items []Item `json:"items"`

	Approver     string   `json:"approver,omitempty"`
	Refused      bool     `json:"refused,omitempty"`
	Reservations []string `json:"reservations,omitempty"`
	Receipt      string   `json:"receipt,omitempty"`
	Tracking     string   `json:"tracking,omitempty"`
}

// Item is one line of an order.
type Item struct {
	SKU string `json:"sku"`
	Qty int    `json:"qty"`
}

// Approval is a person's answer to a large order.
//
//wfe:event
type Approval struct {
	OK bool   `json:"ok"`
	By string `json:"by"`
}

// OrderPipeline is run once for each order.
//
//wfe:workflow id=order-pipeline version=1
func OrderPipeline(b *OrderBuilder) {
	b.ValidateOrder()

	b.If("large", func(o *Order) bool { return o.Cents > Large }, func(b *OrderBuilder) {
		wfe.Await(b, "approval",
			func(o *Order) string { return o.ID },
			func(o *Order, a *Approval) { o.Approver, o.Refused = a.By, !a.OK },
		).Timeout(72*time.Hour, func(b *OrderBuilder) { b.End() })
		b.If("refused", func(o *Order) bool { return o.Refused }, func(b *OrderBuilder) { b.End() })
	})

	// When the card is declined for good, or an item is out of stock, what was
	// done in here is undone: newest first, and also after a crash.
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
