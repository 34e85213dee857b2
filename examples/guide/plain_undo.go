package guide

import (
	"context"

	wfe "github.com/wfegen/wfe/runtime"
)

// Unpack takes an item out of its box.
//
//wfe:step
type Unpack struct{ Item string }

// Run takes it out.
func (s *Unpack) Run(context.Context) error { return does("unpack " + s.Item) }

// Returned packs and charges. If the charge fails, all is unpacked, the last item first.
//
//wfe:workflow id=returned version=1
func Returned(w *wfe.Flow, o *Order) {
	f := wfe.Try(w, func() {
		for _, item := range o.Items {
			wfe.Do(w, Pack{Item: item})
			wfe.Undo(w, func() { wfe.Do(w, Unpack{Item: item}) })
		}
		wfe.Do(w, Charge{Card: o.Card}, wfe.OnError(wfe.RetryPolicy{}))
	})
	if f != nil {
		o.Note = f.Message
		return
	}
	wfe.Do(w, Ship{})
}
