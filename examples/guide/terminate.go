package guide

import wfe "github.com/wfegen/wfe/runtime"

// Strict gives an order up when the charge fails.
//
//wfe:workflow id=strict version=1
func Strict(w *wfe.Flow, o *Order) {
	wfe.Do(w, Charge{Card: o.Card}, wfe.OnError(wfe.RetryPolicy{Then: wfe.Terminate}))
	wfe.Do(w, Ship{})
}
