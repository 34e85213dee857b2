package guide

import wfe "github.com/wfegen/wfe/runtime"

// BuiltBought is Bought, with a builder.
//
//wfe:workflow id=built-bought version=1
func BuiltBought(b *OrderBuilder) {
	b.Saga("purchase", func(b *OrderBuilder) {
		b.Reserve()
		b.Charge().OnError(wfe.RetryPolicy{}) // no retries
	})
	b.Ship()
}
