package guide

// BuiltDelivered is Delivered, with a builder.
//
//wfe:workflow id=built-delivered version=1
func BuiltDelivered(b *OrderBuilder) {
	b.Ship()
	b.Poll("arrived", Arrived)
	b.Remind()
}
