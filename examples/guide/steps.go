// Package guide has a small workflow for each primitive and each error policy: the
// code of the pages below docs. Its steps print what they do.
package guide

import (
	"context"
	"errors"
	"fmt"
	"time"

	wfe "github.com/wfegen/wfe/runtime"
)

//go:generate go tool wfegen .

// Order is the data of the workflows.
//
//wfe:data
type Order struct {
	ID       string
	Cents    int64
	Items    []string
	Card     string `wfe:"secret"`
	Due      time.Time
	Reminded int
	Paid     bool
	Tracking string
	Note     string
}

// Pack packs one item.
//
//wfe:step
type Pack struct{ Item string }

// Run packs it.
func (s *Pack) Run(context.Context) error { return does("pack " + s.Item) }

// Reserve puts goods aside.
//
//wfe:step
type Reserve struct{}

// Run puts them aside.
func (s *Reserve) Run(context.Context) error { return does("reserve") }

// Undo gives them back.
func (s *Reserve) Undo(context.Context) error { return does("release") }

// Ship hands an order to the carrier.
//
//wfe:step
type Ship struct{}

// Run hands it over.
func (s *Ship) Run(context.Context) error { return does("ship") }

// Insure insures an order.
//
//wfe:step
type Insure struct{}

// Run insures it.
func (s *Insure) Run(context.Context) error { return does("insure") }

// Remind tells the customer that something is to be paid.
//
//wfe:step
type Remind struct{}

// Run tells them.
func (s *Remind) Run(context.Context) error { return does("remind") }

// Bank takes money, and gives it back.
type Bank interface {
	Charge(ctx context.Context, key, card string) error
	Refund(ctx context.Context, key string) error
}

// ErrStolen and ErrBusy are answers of a bank that a policy cares about.
var (
	ErrStolen = errors.New("the card is stolen")
	ErrBusy   = errors.New("the bank is busy")
)

// Charge takes the payment.
//
//wfe:step
type Charge struct {
	bank Bank `wfe:"inject"`

	Card string `wfe:"secret"`
}

// Run takes it once under its idempotency key, however often it runs.
func (s *Charge) Run(ctx context.Context) error {
	err := s.bank.Charge(ctx, wfe.Info(ctx).IdempotencyKey, s.Card)
	switch {
	case errors.Is(err, ErrStolen):
		return wfe.Permanent(err)
	case errors.Is(err, ErrBusy):
		return wfe.RetryAfter(err, 30*time.Millisecond)
	}
	return err
}

// Undo gives back what was taken under the key of the run that it undoes.
func (s *Charge) Undo(ctx context.Context) error {
	return s.bank.Refund(ctx, wfe.Info(ctx).Undoes)
}

func does(what string) error {
	_, err := fmt.Println(what)
	return err
}
