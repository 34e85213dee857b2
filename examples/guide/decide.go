package guide

import wfe "github.com/wfegen/wfe/runtime"

// Sorted treats free, small and large orders differently.
//
//wfe:workflow id=sorted version=1
func Sorted(w *wfe.Flow, o *Order) {
	//wfe:id size
	switch {
	//wfe:id free
	case o.Cents == 0:
		return
	//wfe:id small
	case o.Cents < 100_00:
		wfe.Do(w, Reserve{})
	default:
		wfe.Do(w, Insure{})
	}
	wfe.Do(w, Ship{})
}
