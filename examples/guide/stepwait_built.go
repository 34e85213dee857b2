package guide

// BuiltApproved is Approved, with a builder.
//
//wfe:workflow id=built-approved version=1
func BuiltApproved(b *OrderBuilder) {
	b.Approve().When("late", func(b *OrderBuilder) { b.Remind() })
	b.Ship()
}
