package guide

import (
	"time"

	wfe "github.com/wfegen/wfe/runtime"
)

// Settled ships what was paid.
//
//wfe:workflow id=settled version=1
func Settled(w *wfe.Flow, o *Order) {
	if ok := paid(w, o.ID, net(o.Cents)); !ok {
		wfe.Do(w, Remind{})
		return
	}
	wfe.Do(w, Ship{})
}

// paid takes the *wfe.Flow: it is compiled into each workflow that calls it.
func paid(w *wfe.Flow, id string, cents int64) bool {
	p, ok := wfe.WaitForWithin[Payment](w, id, 72*time.Hour)
	if !ok {
		return false
	}
	return p.Cents >= cents
}

// net leaves out the tax. It does not take the Flow: it is called as it is.
//
//wfe:pure
func net(cents int64) int64 { return cents * 100 / 119 }
