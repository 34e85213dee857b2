package guide

import (
	"time"

	wfe "github.com/wfegen/wfe/runtime"
)

// Sold charges the card and, where that fails, waits three days for the money.
//
//wfe:workflow
func Sold(w *wfe.Flow, o *Order) {
	failed := wfe.Try(w, func() {
		wfe.Do(w, Reserve{})
		wfe.Do(w, Charge{Card: o.Card})
	})
	if failed != nil {
		wfe.Do(w, Remind{})
		o.Reminded++
		if _, ok := wfe.WaitForWithin[Payment](w, o.ID, 72*time.Hour); !ok {
			return
		}
	}
	for _, item := range o.Items {
		wfe.Do(w, Pack{Item: item})
	}
	o.Paid = true
}
