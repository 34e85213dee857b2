package guide

// Sorted treats free, small and large orders differently.
//
//wfe:workflow id=sorted version=1
func Sorted(b *OrderBuilder) {
	b.Decide("size").
		When("free", func(o *Order) bool { return o.Cents == 0 }, func(b *OrderBuilder) { b.End() }).
		When("small", func(o *Order) bool { return o.Cents < 100_00 }, func(b *OrderBuilder) { b.Reserve() }).
		Default(func(b *OrderBuilder) { b.Insure() })
	b.Ship()
}
