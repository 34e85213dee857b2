package guide

import wfe "github.com/wfegen/wfe/runtime"

// Careful gives back what was taken, and waits for a person.
//
//wfe:workflow id=careful version=1
func Careful(b *OrderBuilder) {
	b.Charge().OnError(wfe.RetryPolicy{Then: wfe.CompensateThenSuspend})
	b.Ship()
}
