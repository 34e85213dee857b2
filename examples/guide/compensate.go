package guide

import wfe "github.com/wfegen/wfe/runtime"

// Lenient ships even if the charge fails, after giving back what was taken.
//
//wfe:workflow id=lenient version=1
func Lenient(w *wfe.Flow, o *Order) {
	wfe.Do(w, Charge{Card: o.Card}, wfe.OnError(wfe.RetryPolicy{Then: wfe.Compensate}))
	wfe.Do(w, Ship{})
}
