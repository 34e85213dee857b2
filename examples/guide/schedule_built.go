package guide

import "time"

// BuiltReminded is Reminded, with a builder.
//
//wfe:workflow id=built-reminded version=1
func BuiltReminded(b *OrderBuilder) {
	b.Schedule("due", func(o *Order) time.Time { return o.Due }, func(b *OrderBuilder) {
		b.Remind()
	})
	b.Ship()
}
