package guide

import "time"

// Cooled leaves some time for a change of mind.
//
//wfe:workflow id=cooled version=1
func Cooled(b *OrderBuilder) {
	b.Reserve()
	b.Delay("cool-off", 50*time.Millisecond) // in real life: 14 * 24 * time.Hour
	b.Ship()
}
