package guide

import wfe "github.com/wfegen/wfe/runtime"

// BuiltPacked is Packed, with a builder.
//
//wfe:workflow id=built-packed version=1
func BuiltPacked(b *OrderBuilder) {
	b.ForEachItems(func(b *OrderBuilder, item *string) {
		b.Pack(func(o *Order, s *Pack) { s.Item = *item })
	}, wfe.Limit(16))
	b.Ship()
}
