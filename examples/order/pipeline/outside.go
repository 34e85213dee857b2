package pipeline

import (
	"context"
	"errors"
)

// The outside world, as the steps see it. Every call takes an idempotency key:
// a call that is made again under the same key has no further effect and gives
// the same answer.

// Gateway takes payments.
type Gateway interface {
	Charge(ctx context.Context, key, card string, cents int64) (receipt string, err error)
	// Refund gives back what was charged under charge; nothing if nothing was.
	Refund(ctx context.Context, key, charge string) error
}

// Stock is the warehouse.
type Stock interface {
	// Reserve fails with ErrOutOfStock if there is not enough.
	Reserve(ctx context.Context, key, sku string, qty int) (reservation string, err error)
	// Release gives back what was reserved under reserve; nothing if nothing was.
	Release(ctx context.Context, key, reserve string) error
	Ship(ctx context.Context, key string, reservations []string) (tracking string, err error)
}

// Mail sends messages.
type Mail interface {
	Send(ctx context.Context, key, to, text string) error
}

// ErrOutOfStock says that the warehouse has not enough of an item.
var ErrOutOfStock = errors.New("out of stock")
