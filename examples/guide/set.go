package guide

// Discounted takes a tenth off.
//
//wfe:workflow id=discounted version=1
func Discounted(b *OrderBuilder) {
	b.Set("discount", func(o *Order) { o.Cents -= o.Cents / 10 })
}
