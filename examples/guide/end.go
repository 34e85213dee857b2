package guide

// Quick ends when the first of two things is done.
//
//wfe:workflow id=quick version=1
func Quick(b *OrderBuilder) {
	b.If("nothing", func(o *Order) bool { return len(o.Items) == 0 }, func(b *OrderBuilder) { b.End() })
	b.Ship()
}
