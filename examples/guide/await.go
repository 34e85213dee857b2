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
func Prepaid(w *wfe.Flow, o *Order) {
	p, ok := wfe.WaitForWithin[Payment](w, o.ID, 72*time.Hour)
	if !ok {
		wfe.Do(w, Remind{})
		return
	}
	o.Paid = p.Cents >= o.Cents
	//wfe:id paid
	if o.Paid {
		wfe.Do(w, Ship{})
	}
}
