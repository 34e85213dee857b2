package guide

import wfe "github.com/wfegen/wfe/runtime"

// Watched waits for a person when the charge fails.
//
//wfe:workflow id=watched version=1
func Watched(b *OrderBuilder) {
	b.Charge().OnError(wfe.RetryPolicy{Then: wfe.Suspend})
	b.Ship()
}
