package guide

import wfe "github.com/wfegen/wfe/runtime"

// Parcel is the data of the child.
//
//wfe:data
type Parcel struct{ Order, Tracking string }

// Delivery is run for each order that is sent.
//
//wfe:workflow id=delivery version=1
func Delivery(b *ParcelBuilder) {
	b.Set("number", func(p *Parcel) { p.Tracking = "T-" + p.Order })
}

// Sent hands an order to a delivery, and keeps its number.
//
//wfe:workflow id=sent version=1
func Sent(b *OrderBuilder) {
	wfe.Child(b, "deliver", DeliveryRef,
		func(o *Order) Parcel { return Parcel{Order: o.ID} },
		func(o *Order, p *Parcel) { o.Tracking = p.Tracking })
}
