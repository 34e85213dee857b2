package guide

import (
	"time"

	wfe "github.com/wfegen/wfe/runtime"
)

// Nagged reminds after a week, unless the payment is there before.
//
//wfe:workflow id=nagged version=1
func Nagged(w *wfe.Flow, o *Order) {
	wfe.Parallel(w,
		func() {
			wfe.WaitFor[Payment](w, o.ID)
			o.Paid = true
		},
		func() {
			wfe.Sleep(w, 7*24*time.Hour, wfe.CancelWhen(func() bool { return o.Paid }))
			wfe.Do(w, Remind{})
		})
	wfe.Do(w, Ship{})
}
