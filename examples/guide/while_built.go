package guide

// BuiltChased is Chased, with a builder: what is counted is kept in the data.
//
//wfe:workflow id=built-chased version=1
func BuiltChased(b *OrderBuilder) {
	b.While("unpaid", func(o *Order) bool { return o.Reminded < 3 }, func(b *OrderBuilder) {
		b.Remind()
		b.Set("count", func(o *Order) { o.Reminded++ })
	})
}
