package guide

import wfe "github.com/wfegen/wfe/runtime"

// Chased reminds the customer three times.
//
//wfe:workflow id=chased version=1
func Chased(w *wfe.Flow, _ *Order) {
	for n := 1; n <= 3; n++ {
		wfe.Do(w, Remind{})
	}
}
