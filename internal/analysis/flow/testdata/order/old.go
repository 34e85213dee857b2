//go:build go1.21

package order

import wfe "github.com/wfegen/wfe/runtime"

//wfe:workflow
func Old(w *wfe.Flow, o *Order) { // want WFE4001 Old is in a file whose build constraint makes it of a Go before 1.22
	for i := 0; i < 3; i++ {
		wfe.Do(w, Charge{})
	}
}
