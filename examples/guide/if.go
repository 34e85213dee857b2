package guide

import wfe "github.com/wfegen/wfe/runtime"

// Insured has large orders insured.
//
//wfe:workflow id=insured version=1
func Insured(w *wfe.Flow, o *Order) {
	if o.Cents > 500_00 {
		wfe.Do(w, Insure{})
	} else {
		wfe.Do(w, Reserve{})
	}
	wfe.Do(w, Ship{})
}
