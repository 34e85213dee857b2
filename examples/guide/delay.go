package guide

import (
	"time"

	wfe "github.com/wfegen/wfe/runtime"
)

// Cooled leaves some time for a change of mind.
//
//wfe:workflow id=cooled version=1
func Cooled(w *wfe.Flow, _ *Order) {
	wfe.Do(w, Reserve{})
	wfe.Sleep(w, 50*time.Millisecond) // in real life: 14 * 24 * time.Hour
	wfe.Do(w, Ship{})
}
