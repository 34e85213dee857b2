package order

import (
	"time"

	. "github.com/wfegen/wfe/runtime"
)

//wfe:workflow
func ImportsDot(w *Flow, o *Order) {
	Do(w, Charge{Cents: o.Cents})
	if Do(w, Charge{}).Receipt == "" { // want WFE4007 in a condition
		o.N = 1
	}
	Saga(w, func() {
		Undo(w, func() { Do(w, Charge{}) })
		Do(w, Charge{}, OnError(Retry(3, time.Second)), Name("x"))
	})
	Undo(w, func() {}) // want WFE4017 in no saga
	ForEach(w, o.Items, func(it Item) {
		o.Note = it.SKU
		Do(w, Charge{})
	}, Sequential())
	Do[Charge](w, Charge{})
	Fail(w, errStock)
}
