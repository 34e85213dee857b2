package guide

import wfe "github.com/wfegen/wfe/runtime"

// Packed packs all items at once, at most 16 at a time, then ships.
//
//wfe:workflow id=packed version=1
func Packed(w *wfe.Flow, o *Order) {
	wfe.ForEach(w, o.Items, func(item string) {
		wfe.Do(w, Pack{Item: item})
	}, wfe.Limit(16))
	wfe.Do(w, Ship{})
}

// Queued packs them one after the other: that is a for.
//
//wfe:workflow id=queued version=1
func Queued(w *wfe.Flow, o *Order) {
	for _, item := range o.Items {
		wfe.Do(w, Pack{Item: item})
	}
	wfe.Do(w, Ship{})
}
