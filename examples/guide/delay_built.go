package guide

import "time"

// BuiltCooled is Cooled, with a builder.
//
//wfe:workflow id=built-cooled version=1
func BuiltCooled(b *OrderBuilder) {
	b.Reserve()
	b.Delay("cool-off", 50*time.Millisecond) // in real life: 14 * 24 * time.Hour
	b.Ship()
}
