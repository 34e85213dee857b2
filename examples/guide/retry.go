package guide

import (
	"time"

	wfe "github.com/wfegen/wfe/runtime"
)

// Patient tries to charge three more times, after 10, 20 and 40 ms.
//
//wfe:workflow id=patient version=1
func Patient(w *wfe.Flow, o *Order) {
	wfe.Do(w, Charge{Card: o.Card}, wfe.OnError(wfe.Retry(3, 10*time.Millisecond)))
	wfe.Do(w, Ship{})
}
