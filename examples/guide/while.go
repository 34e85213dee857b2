package guide

// Chased reminds the customer three times.
//
//wfe:workflow id=chased version=1
func Chased(b *OrderBuilder) {
	b.While("unpaid", func(o *Order) bool { return o.Reminded < 3 }, func(b *OrderBuilder) {
		b.Remind()
		b.Set("count", func(o *Order) { o.Reminded++ })
	})
}
