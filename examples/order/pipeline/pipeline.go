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
	Approved     bool     `json:"approved,omitempty"`
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

// OrderPipeline is run once for each order. It is ordinary Go, which wfegen compiles:
// where it calls wfe the workflow may rest, and goes on there after a crash.
//
//wfe:workflow id=order-pipeline version=1
func OrderPipeline(w *wfe.Flow, o *Order) {
	wfe.Do(w, ValidateOrder{Cents: o.Cents, Items: o.Items})

	//wfe:id large
	if o.Cents > Large {
		a, ok := wfe.WaitForWithin[Approval](w, o.ID, 72*time.Hour)
		o.Approver, o.Approved = a.By, ok && a.OK
		//wfe:id refused
		if !o.Approved {
			wfe.End(w)
		}
	}

	// When the card is declined for good, or an item is out of stock, what was
	// done in here is undone: newest first, and also after a crash.
	//wfe:id payment
	wfe.Saga(w, func() {
		wfe.ForEach(w, o.Items, func(it Item) {
			r := wfe.Do(w, ReserveStock{SKU: it.SKU, Qty: it.Qty})
			o.Reservations = append(o.Reservations, r.Reservation)
		})
		o.Receipt = wfe.Do(w, ChargeCard{Card: o.Card, Cents: o.Cents}).Receipt
	})

	wfe.Sleep(w, 300*time.Millisecond, wfe.Name("cool-off"))

	//wfe:id dispatch
	wfe.Parallel(w,
		func() { wfe.Do(w, SendReceipt{Email: o.Email, Receipt: o.Receipt}) },
		func() {
			shipped, _ := wfe.Steer(w, ShipOrder{Reservations: o.Reservations})
			o.Tracking = shipped.Tracking
		})
}
