package guide

import (
	"time"

	wfe "github.com/wfegen/wfe/runtime"
)

// Clean gives back what an attempt may have taken before it tries again.
//
//wfe:workflow id=clean version=1
func Clean(w *wfe.Flow, o *Order) {
	wfe.Do(w, Charge{Card: o.Card}, wfe.OnError(wfe.RetryPolicy{MaxRetries: 2, Interval: 10 * time.Millisecond, Then: wfe.CompensateThenRetry}))
	wfe.Do(w, Ship{})
}
