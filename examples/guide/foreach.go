package guide

import wfe "github.com/wfegen/wfe/runtime"

// Packed packs the items one after the other, then ships.
//
//wfe:workflow id=packed version=1
func Packed(b *OrderBuilder) {
	b.ForEachItems(func(b *OrderBuilder, item *string) {
		b.Pack(func(o *Order, s *Pack) { s.Item = *item })
	}, wfe.Sequential())
	b.Ship()
}
