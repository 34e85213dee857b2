package guide

// Insured has large orders insured.
//
//wfe:workflow id=insured version=1
func Insured(b *OrderBuilder) {
	b.If("large", func(o *Order) bool { return o.Cents > 500_00 }, func(b *OrderBuilder) {
		b.Insure()
	}).Else(func(b *OrderBuilder) {
		b.Reserve()
	})
	b.Ship()
}
