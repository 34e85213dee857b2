package guide

import wfe "github.com/wfegen/wfe/runtime"

// Strict gives an order up when the charge fails.
//
//wfe:workflow id=strict version=1
func Strict(b *OrderBuilder) {
	b.Charge().OnError(wfe.RetryPolicy{Then: wfe.Terminate})
	b.Ship()
}
