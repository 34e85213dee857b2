package guide

import (
	"strings"
	"time"

	wfe "github.com/wfegen/wfe/runtime"
)

// Approval says who agrees to an order.
//
//wfe:event
type Approval struct{ By string }

// Approve collects two approvals of an order.
//
//wfe:step
type Approve struct{ ID string }

// Run takes one approval after the other, and keeps who gave them.
func (s *Approve) Run(ctx wfe.StepContext) (wfe.Result, error) {
	var by []string
	if _, err := ctx.Persisted(&by); err != nil {
		return ctx.Next(), err
	}
	var a Approval
	switch taken, err := ctx.Event(&a); {
	case err != nil:
		return ctx.Next(), err
	case taken:
		by = append(by, a.By)
	case ctx.TimedOut():
		return ctx.Outcome("late"), nil
	}
	if len(by) < 2 {
		return ctx.WaitFor(a, s.ID).Within(72 * time.Hour).Keep(by), nil
	}
	return ctx.Next(), does("approved by " + strings.Join(by, " and "))
}

// Approved ships what two have approved of, and reminds when that takes long.
//
//wfe:workflow id=approved version=1
func Approved(w *wfe.Flow, o *Order) {
	_, outcome := wfe.Steer(w, Approve{ID: o.ID})
	if outcome == "late" {
		wfe.Do(w, Remind{})
	}
	wfe.Do(w, Ship{})
}
