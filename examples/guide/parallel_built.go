package guide

// BuiltDispatched is Dispatched, with a builder.
//
//wfe:workflow id=built-dispatched version=1
func BuiltDispatched(b *OrderBuilder) {
	b.Parallel("prepare",
		func(b *OrderBuilder) { b.Insure() },
		func(b *OrderBuilder) { b.Reserve() },
	)
	b.Ship()
}
