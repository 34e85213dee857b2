package guide

import "time"

// Reminded reminds at the time that the order says, and ships after it.
//
//wfe:workflow id=reminded version=1
func Reminded(b *OrderBuilder) {
	b.Schedule("due", func(o *Order) time.Time { return o.Due }, func(b *OrderBuilder) {
		b.Remind()
	})
	b.Ship()
}
