package guide

// BuiltInsured is Insured, with a builder.
//
//wfe:workflow id=built-insured version=1
func BuiltInsured(b *OrderBuilder) {
	b.If("large", func(o *Order) bool { return o.Cents > 500_00 }, func(b *OrderBuilder) {
		b.Insure()
	}).Else(func(b *OrderBuilder) {
		b.Reserve()
	})
	b.Ship()
}
