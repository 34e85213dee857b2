package guide

import wfe "github.com/wfegen/wfe/runtime"

// Careful gives back what was taken, and waits for a person.
//
//wfe:workflow id=careful version=1
func Careful(w *wfe.Flow, o *Order) {
	wfe.Do(w, Charge{Card: o.Card}, wfe.OnError(wfe.RetryPolicy{Then: wfe.CompensateThenSuspend}))
	wfe.Do(w, Ship{})
}
