package guide

import wfe "github.com/wfegen/wfe/runtime"

// Watched waits for a person when the charge fails.
//
//wfe:workflow id=watched version=1
func Watched(w *wfe.Flow, o *Order) {
	wfe.Do(w, Charge{Card: o.Card}, wfe.OnError(wfe.RetryPolicy{Then: wfe.Suspend}))
	wfe.Do(w, Ship{})
}
