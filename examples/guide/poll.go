package guide

import (
	"time"

	wfe "github.com/wfegen/wfe/runtime"
)

// Carrier is where the carrier answers. Set it before Register.
var Carrier = "https://carrier.example.com"

// Delivered waits until the carrier says that the parcel has arrived.
//
//wfe:workflow id=delivered version=1
func Delivered(b *OrderBuilder) {
	b.Ship()
	b.Poll("arrived", wfe.Endpoint{
		URL:      Carrier + "/parcels/{ID}",
		Until:    wfe.Condition{Path: "state", Equals: "arrived"},
		Interval: 20 * time.Millisecond,
		Timeout:  7 * 24 * time.Hour,
	})
	b.Remind()
}
