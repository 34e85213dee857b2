package guide

// BuiltInspected is Inspected, with a builder.
//
//wfe:workflow id=built-inspected version=1
func BuiltInspected(b *OrderBuilder) {
	b.Inspect().When("valuable", func(b *OrderBuilder) { b.Insure() })
	b.Ship()
}
