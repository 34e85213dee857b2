package guide

import (
	"fmt"
	"strconv"

	wfe "github.com/wfegen/wfe/runtime"
)

// Boxed packs the number of boxes that the note says.
//
//wfe:workflow id=boxed version=1
func Boxed(w *wfe.Flow, o *Order) {
	boxes, err := strconv.Atoi(o.Note)
	if err != nil {
		wfe.Fail(w, fmt.Errorf("the note: %w", err)) // err is not saved: nothing waits in between
	}
	for i := range boxes {
		wfe.Do(w, Pack{Item: fmt.Sprint("box ", i+1)})
	}
	wfe.Do(w, Ship{})
}
