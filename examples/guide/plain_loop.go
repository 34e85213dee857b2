package guide

import wfe "github.com/wfegen/wfe/runtime"

// Filled packs what fits into a parcel of a kilogram.
//
//wfe:workflow id=filled version=1
func Filled(w *wfe.Flow, o *Order) {
	left := 1000
	for _, item := range o.Items {
		if item == "" {
			continue // no call of wfe in this if: it is plain code, and no node
		}
		grams := wfe.Do(w, Weigh{Item: item}).Grams
		if grams > left {
			break
		}
		left -= grams
		wfe.Do(w, Pack{Item: item})
	}
	if left == 1000 {
		return // nothing to ship: the instance is complete
	}
	wfe.Do(w, Ship{})
}
