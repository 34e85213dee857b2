package guide

import wfe "github.com/wfegen/wfe/runtime"

// Bought reserves and charges; when that fails it undoes both.
//
//wfe:workflow id=bought version=1
func Bought(b *OrderBuilder) {
	b.Saga("purchase", func(b *OrderBuilder) {
		b.Reserve()
		b.Charge().OnError(wfe.RetryPolicy{}) // no retries
	})
	b.Ship()
}
