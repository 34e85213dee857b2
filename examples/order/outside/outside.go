// Package outside is the outside world of the order example: a payment gateway, a
// warehouse and a mail service that are not there.
//
// Each call takes a while and keeps what it did in a ledger, a file outside of the
// workflow's database, under the idempotency key of the call. A call under a key
// that is in the ledger does nothing more and gives the same answer. So the ledger
// tells what really happened, however often the program was killed.
package outside

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/wfegen/wfe/examples/order/pipeline"
)

// World is the outside world. It is safe for concurrent use.
type World struct {
	ledger  *ledger
	latency time.Duration
	show    io.Writer
}

var (
	_ pipeline.Gateway = (*World)(nil)
	_ pipeline.Stock   = (*World)(nil)
	_ pipeline.Mail    = (*World)(nil)
)

// New returns the world whose ledger is in file; it is read when the first call
// comes. Each call takes latency and writes a line to show.
func New(file string, latency time.Duration, show io.Writer) *World {
	return &World{ledger: &ledger{name: file}, latency: latency, show: show}
}

// Close closes the ledger.
func (w *World) Close() error { return w.ledger.close() }

// call does one call: half of its time passes before the effect, half after it,
// so that a crash can come on either side.
func (w *World) call(ctx context.Context, e Entry, effect func() (Entry, error)) (Entry, error) {
	if err := pass(ctx, w.latency/2); err != nil {
		return Entry{}, err
	}
	done, err := w.ledger.once(e.Key, effect)
	if err != nil {
		fmt.Fprintf(w.show, "%-14s %-8s %s: %v\n", order(e.Key), e.Effect, e.Detail, err)
		return Entry{}, err
	}
	fmt.Fprintf(w.show, "%-14s %-8s %s\n", order(done.Key), done.Effect, done.Detail)
	return done, pass(ctx, w.latency-w.latency/2)
}

// order returns the order's part of an idempotency key.
func order(key string) string { return key[:max(strings.LastIndexByte(key, '/'), 0)] }

func pass(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Charge takes a payment. The card "declined-twice" is declined two times under
// one key and then accepted; "stolen" is always declined.
func (w *World) Charge(ctx context.Context, key, card string, cents int64) (string, error) {
	e := Entry{Key: key, Effect: "charge", Detail: fmt.Sprintf("%d.%02d", cents/100, cents%100), Cents: cents}
	done, err := w.call(ctx, e, func() (Entry, error) {
		if card == "stolen" || card == "declined-twice" && w.ledger.declined[key] < 2 {
			return Entry{Key: key, Effect: "decline"}, errors.New("the card was declined")
		}
		return e, nil
	})
	return "receipt-" + done.Key, err
}

// Refund gives back what was charged under a key.
func (w *World) Refund(ctx context.Context, key, charge string) error {
	return w.reverse(ctx, key, "refund", charge)
}

// Reserve puts items aside. Of the SKU "unobtainium" there is none.
func (w *World) Reserve(ctx context.Context, key, sku string, qty int) (string, error) {
	e := Entry{Key: key, Effect: "reserve", Detail: fmt.Sprintf("%d x %s", qty, sku), Qty: qty, SKU: sku}
	done, err := w.call(ctx, e, func() (Entry, error) {
		if sku == "unobtainium" {
			return Entry{}, pipeline.ErrOutOfStock
		}
		return e, nil
	})
	return "reservation-" + done.Key, err
}

// Release gives back what was reserved under a key.
func (w *World) Release(ctx context.Context, key, reserve string) error {
	return w.reverse(ctx, key, "release", reserve)
}

// Ship hands a parcel to the carrier.
func (w *World) Ship(ctx context.Context, key string, reservations []string) (string, error) {
	e := Entry{Key: key, Effect: "ship", Detail: fmt.Sprintf("%d reservations", len(reservations))}
	done, err := w.call(ctx, e, func() (Entry, error) { return e, nil })
	return "tracking-" + done.Key, err
}

// Send sends a mail.
func (w *World) Send(ctx context.Context, key, to, text string) error {
	e := Entry{Key: key, Effect: "mail", Detail: to + ": " + text}
	_, err := w.call(ctx, e, func() (Entry, error) { return e, nil })
	return err
}

// reverse undoes what was done under the key of, and notes so; also where nothing was.
func (w *World) reverse(ctx context.Context, key, effect, of string) error {
	e := Entry{Key: key, Effect: effect, Of: of, Detail: "nothing was done"}
	_, err := w.call(ctx, e, func() (Entry, error) {
		if done, ok := w.ledger.done[of]; ok {
			e.Detail, e.Cents, e.Qty, e.SKU = done.Detail, done.Cents, done.Qty, done.SKU
		}
		return e, nil
	})
	return err
}
