package guide

import wfe "github.com/wfegen/wfe/runtime"

// Lenient ships even if the charge fails, after giving back what was taken.
//
//wfe:workflow id=lenient version=1
func Lenient(b *OrderBuilder) {
	b.Charge().OnError(wfe.RetryPolicy{Then: wfe.Compensate})
	b.Ship()
}
