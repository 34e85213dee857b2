package guide

import (
	"context"

	wfe "github.com/wfegen/wfe/runtime"
)

// Parcel is the data of the child.
//
//wfe:data
type Parcel struct{ Order, Tracking string }

// Book takes a number for a parcel.
//
//wfe:step
type Book struct {
	Order    string
	Tracking string `wfe:"out"`
}

// Run takes it.
func (s *Book) Run(context.Context) error {
	s.Tracking = "T-" + s.Order
	return nil
}

// Delivery is run for each order that is sent.
//
//wfe:workflow id=delivery version=1
func Delivery(w *wfe.Flow, p *Parcel) {
	p.Tracking = wfe.Do(w, Book{Order: p.Order}).Tracking
}

// Sent hands an order to a delivery, and keeps its number.
//
//wfe:workflow id=sent version=1
func Sent(w *wfe.Flow, o *Order) {
	o.Tracking = wfe.SubWorkflow(w, Delivery, Parcel{Order: o.ID}).Tracking
	wfe.Do(w, Ship{})
}
