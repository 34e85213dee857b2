package guide

// BuiltDiscounted is Discounted, with a builder.
//
//wfe:workflow id=built-discounted version=1
func BuiltDiscounted(b *OrderBuilder) {
	b.Set("discount", func(o *Order) { o.Cents -= o.Cents / 10 })
	b.Ship()
}
