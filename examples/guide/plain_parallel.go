package guide

import (
	"fmt"

	wfe "github.com/wfegen/wfe/runtime"
)

// Released weighs all items at once, while somebody looks at the order.
//
//wfe:workflow id=released version=1
func Released(w *wfe.Flow, o *Order) {
	grams, by := 0, ""
	wfe.Parallel(w,
		func() {
			wfe.ForEach(w, o.Items, func(item string) {
				weighed := wfe.Do(w, Weigh{Item: item})
				grams += weighed.Grams // reads and writes in one go: no element loses another's
			})
		},
		func() { by = wfe.WaitFor[Approval](w, o.ID).By })
	o.Note = fmt.Sprintf("%d grams, released by %s", grams, by)
}
