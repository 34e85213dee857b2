package guide

import wfe "github.com/wfegen/wfe/runtime"

// BuiltDivided is Divided, with a builder.
//
//wfe:workflow id=built-divided version=1
func BuiltDivided(b *OrderBuilder) {
	b.Split(func(b *OrderBuilder, parcel *string) {
		b.Pack(func(_ *Order, s *Pack) { s.Item = *parcel })
	}, wfe.Sequential())
}
