package guide

import (
	"context"

	wfe "github.com/wfegen/wfe/runtime"
)

// Count has a mistake.
//
//wfe:step retry=0 on-error=terminate
type Count struct{ Items []string }

// Run looks at an item that is not there.
func (s *Count) Run(context.Context) error { return does(s.Items[0]) }

// Counted panics for an order without items.
//
//wfe:workflow id=counted version=1
func Counted(w *wfe.Flow, o *Order) {
	wfe.Do(w, Count{Items: o.Items})
}
