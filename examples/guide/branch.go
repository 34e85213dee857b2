package guide

import (
	"fmt"

	wfe "github.com/wfegen/wfe/runtime"
)

// Split finds out which parcels the goods make.
//
//wfe:step branches=string
type Split struct{ Items []string }

// Run has the body of wfe.Branch run once for each parcel.
func (s *Split) Run(ctx wfe.BranchContext[string]) (wfe.Result, error) {
	return ctx.Branch([]string{"the " + s.Items[0], fmt.Sprintf("%d others", len(s.Items)-1)}), nil
}

// Divided packs the parcels that an order makes, one after the other.
//
//wfe:workflow id=divided version=1
func Divided(w *wfe.Flow, o *Order) {
	wfe.Branch(w, Split{Items: o.Items}, func(parcel string) {
		wfe.Do(w, Pack{Item: parcel})
	}, wfe.Sequential())
}
