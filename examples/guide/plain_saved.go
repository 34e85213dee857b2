package guide

import (
	"context"
	"fmt"

	wfe "github.com/wfegen/wfe/runtime"
)

// Weigh weighs an item.
//
//wfe:step
type Weigh struct {
	Item  string
	Grams int `wfe:"out"`
}

// Run weighs it.
func (s *Weigh) Run(context.Context) error {
	s.Grams = 100 * len(s.Item)
	return does("weigh " + s.Item)
}

// Posted packs under labels, and insures what is heavy.
//
//wfe:workflow id=posted version=1
func Posted(w *wfe.Flow, o *Order) {
	total := 0 // saved with the instance
	for i, item := range o.Items {
		label := fmt.Sprintf("%s/%d", o.ID, i+1) // saved with the round
		weighed := wfe.Do(w, Weigh{Item: item})  // not saved: nothing needs it behind the next call
		total += weighed.Grams
		wfe.Do(w, Pack{Item: label})
	}
	if total > 1000 {
		wfe.Do(w, Insure{})
	}
	wfe.Do(w, Ship{})
}
