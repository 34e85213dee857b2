package guide

// BuiltSorted is Sorted, with a builder.
//
//wfe:workflow id=built-sorted version=1
func BuiltSorted(b *OrderBuilder) {
	b.Decide("size").
		When("free", func(o *Order) bool { return o.Cents == 0 }, func(b *OrderBuilder) { b.End() }).
		When("small", func(o *Order) bool { return o.Cents < 100_00 }, func(b *OrderBuilder) { b.Reserve() }).
		Default(func(b *OrderBuilder) { b.Insure() })
	b.Ship()
}
