package guide

import (
	"time"

	wfe "github.com/wfegen/wfe/runtime"
)

// Arrived is where the carrier answers, and with what. Tests set another address before Register.
var Arrived = wfe.Endpoint{
	URL:      "https://carrier.example.com/parcels/{ID}",
	Until:    wfe.Condition{Path: "state", Equals: "arrived"},
	Interval: 20 * time.Millisecond,
	Timeout:  7 * 24 * time.Hour,
}

// Delivered waits until the carrier says that the parcel has arrived.
//
//wfe:workflow id=delivered version=1
func Delivered(w *wfe.Flow, _ *Order) {
	wfe.Do(w, Ship{})
	wfe.Poll(w, Arrived, wfe.Name("arrived"))
	wfe.Do(w, Remind{})
}
