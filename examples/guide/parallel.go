package guide

import wfe "github.com/wfegen/wfe/runtime"

// Dispatched insures and packs at the same time, and ships when both are done.
//
//wfe:workflow id=dispatched version=1
func Dispatched(w *wfe.Flow, _ *Order) {
	wfe.Parallel(w,
		func() { wfe.Do(w, Insure{}) },
		func() { wfe.Do(w, Reserve{}) })
	wfe.Do(w, Ship{})
}
