package guide

import wfe "github.com/wfegen/wfe/runtime"

// Discounted takes a tenth off, and ships.
//
//wfe:workflow id=discounted version=1
func Discounted(w *wfe.Flow, o *Order) {
	o.Cents -= o.Cents / 10
	wfe.Do(w, Ship{})
}
