package guide

import wfe "github.com/wfegen/wfe/runtime"

// Bought reserves and charges; when that fails it undoes both.
//
//wfe:workflow id=bought version=1
func Bought(w *wfe.Flow, o *Order) {
	wfe.Saga(w, func() {
		wfe.Do(w, Reserve{})
		wfe.Do(w, Charge{Card: o.Card}, wfe.OnError(wfe.RetryPolicy{})) // no retries
	})
	wfe.Do(w, Ship{})
}

// Tried does the same, and goes on: Try is a saga that hands its failure on.
//
//wfe:workflow id=tried version=1
func Tried(w *wfe.Flow, o *Order) {
	f := wfe.Try(w, func() {
		wfe.Do(w, Reserve{})
		wfe.Do(w, Charge{Card: o.Card}, wfe.OnError(wfe.RetryPolicy{}))
	})
	if f != nil {
		o.Note = f.Message
		wfe.Do(w, Remind{})
	}
}
