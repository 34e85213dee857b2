package guide

import (
	"context"

	wfe "github.com/wfegen/wfe/runtime"
)

// Call asks somebody who does not answer.
//
//wfe:step timeout=20ms retry=0 on-error=terminate
type Call struct{}

// Run heeds its context, as every body has to.
func (s *Call) Run(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

// Called gives up when nobody answers.
//
//wfe:workflow id=called version=1
func Called(w *wfe.Flow, _ *Order) {
	wfe.Do(w, Call{})
}
