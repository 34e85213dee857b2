package guide

// BuiltQuick is Quick, with a builder.
//
//wfe:workflow id=built-quick version=1
func BuiltQuick(b *OrderBuilder) {
	b.Saga("saga", func(b *OrderBuilder) {
		b.If("nothing", func(o *Order) bool { return len(o.Items) == 0 }, func(b *OrderBuilder) { b.End() })
		b.Reserve()
	})
	b.Ship()
}
