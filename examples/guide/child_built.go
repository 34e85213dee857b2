package guide

import wfe "github.com/wfegen/wfe/runtime"

// BuiltSent is Sent, with a builder: a child is named by its generated Ref, whatever its style.
//
//wfe:workflow id=built-sent version=1
func BuiltSent(b *OrderBuilder) {
	wfe.Child(b, "deliver", DeliveryRef,
		func(o *Order) Parcel { return Parcel{Order: o.ID} },
		func(o *Order, p *Parcel) { o.Tracking = p.Tracking })
	b.Ship()
}
