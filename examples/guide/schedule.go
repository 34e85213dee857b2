package guide

import wfe "github.com/wfegen/wfe/runtime"

// Reminded reminds at the time that the order says, and ships after it.
//
//wfe:workflow id=reminded version=1
func Reminded(w *wfe.Flow, o *Order) {
	wfe.SleepUntil(w, o.Due)
	wfe.Do(w, Remind{})
	wfe.Do(w, Ship{})
}
