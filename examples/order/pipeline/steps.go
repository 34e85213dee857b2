package pipeline

import (
	"context"
	"errors"
	"time"

	wfe "github.com/wfegen/wfe/runtime"
)

// ValidateOrder refuses an order that makes no sense.
//
//wfe:step retry=0 on-error=terminate
type ValidateOrder struct {
	Cents int64
	Items []Item
}

// Run fails for good if the amount or the items are wrong.
func (s *ValidateOrder) Run(context.Context) error {
	if s.Cents <= 0 {
		return errors.New("the amount must be positive")
	}
	for _, it := range s.Items {
		if it.Qty <= 0 {
			return errors.New("item " + it.SKU + ": the quantity must be positive")
		}
	}
	return nil
}

// ReserveStock puts one item of an order aside.
//
//wfe:step retry=3 backoff=100ms
type ReserveStock struct {
	stock Stock `wfe:"inject"`

	SKU         string
	Qty         int
	Reservation string `wfe:"out"`
}

// Run reserves the item. What is out of stock stays so: that is permanent.
func (s *ReserveStock) Run(ctx context.Context) (err error) {
	s.Reservation, err = s.stock.Reserve(ctx, wfe.Info(ctx).IdempotencyKey, s.SKU, s.Qty)
	if errors.Is(err, ErrOutOfStock) {
		return wfe.Permanent(err)
	}
	return err
}

// Undo gives the item back. A reservation that was cut short has no number yet,
// but it was made under the key of the run that is undone.
func (s *ReserveStock) Undo(ctx context.Context) error {
	return s.stock.Release(ctx, wfe.Info(ctx).IdempotencyKey, wfe.Info(ctx).Undoes)
}

// ChargeCard takes the payment.
//
//wfe:step retry=4 backoff=200ms max-backoff=1s timeout=30s
type ChargeCard struct {
	gateway Gateway `wfe:"inject"`

	Card    string `wfe:"secret"`
	Cents   int64
	Receipt string `wfe:"out"`
}

// Run charges the card, at most once under one key, however often it runs.
func (s *ChargeCard) Run(ctx context.Context) (err error) {
	s.Receipt, err = s.gateway.Charge(ctx, wfe.Info(ctx).IdempotencyKey, s.Card, s.Cents)
	return err
}

// Undo gives the money back, if any was taken.
func (s *ChargeCard) Undo(ctx context.Context) error {
	return s.gateway.Refund(ctx, wfe.Info(ctx).IdempotencyKey, wfe.Info(ctx).Undoes)
}

// SendReceipt writes to the customer.
//
//wfe:step retry=3 backoff=100ms
type SendReceipt struct {
	mail Mail `wfe:"inject"`

	Email   string
	Receipt string
}

// Run sends the mail.
func (s *SendReceipt) Run(ctx context.Context) error {
	return s.mail.Send(ctx, wfe.Info(ctx).IdempotencyKey, s.Email, "your receipt: "+s.Receipt)
}

// ShipOrder hands the order to the carrier and looks again until it was picked up.
//
//wfe:step retry=3 backoff=100ms
type ShipOrder struct {
	stock Stock `wfe:"inject"`

	Reservations []string
	Tracking     string `wfe:"out"`
}

// Run books the parcel, then sleeps until the carrier has it: between two looks
// the step holds nothing, and what it must remember is kept with the instance.
func (s *ShipOrder) Run(ctx wfe.StepContext) (wfe.Result, error) {
	var booked struct{ Tracking string }
	if again, err := ctx.Persisted(&booked); err != nil {
		return ctx.Next(), err
	} else if again {
		s.Tracking = booked.Tracking
		return ctx.Next(), nil
	}
	var err error
	booked.Tracking, err = s.stock.Ship(ctx, ctx.IdempotencyKey, s.Reservations)
	if err != nil {
		return ctx.Next(), err
	}
	return ctx.Sleep(200 * time.Millisecond).Keep(booked), nil
}
