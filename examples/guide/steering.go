package guide

import (
	"time"

	wfe "github.com/wfegen/wfe/runtime"
)

// Inspect looks at an order twice, with a pause, and says what it found.
//
//wfe:step
type Inspect struct{ Cents int64 }

// Run steers the flow: it sleeps, keeps what it must know, and picks a block.
func (s *Inspect) Run(ctx wfe.StepContext) (wfe.Result, error) {
	var looks int
	if _, err := ctx.Persisted(&looks); err != nil {
		return ctx.Next(), err
	}
	if looks == 0 {
		return ctx.Sleep(20 * time.Millisecond).Keep(looks + 1), does("look")
	}
	if s.Cents > 500_00 {
		return ctx.Outcome("valuable"), does("look again")
	}
	return ctx.Next(), nil
}

// Inspected insures what the inspection finds valuable.
//
//wfe:workflow id=inspected version=1
func Inspected(w *wfe.Flow, o *Order) {
	_, outcome := wfe.Steer(w, Inspect{Cents: o.Cents})
	if outcome == "valuable" {
		wfe.Do(w, Insure{})
	}
	wfe.Do(w, Ship{})
}
