package guide

// Dispatched insures and packs at the same time, and ships when both are done.
//
//wfe:workflow id=dispatched version=1
func Dispatched(b *OrderBuilder) {
	b.Parallel("prepare",
		func(b *OrderBuilder) { b.Insure() },
		func(b *OrderBuilder) { b.Reserve() },
	)
	b.Ship()
}
