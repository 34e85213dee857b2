// Package order has workflows that are right and wrong.
package order

import (
	"context"
	"errors"
	"time"

	wfe "github.com/wfegen/wfe/runtime"
)

//wfe:data
type Order struct {
	ID, Email, Note string
	Cents           int64
	N, Max          int
	Done            bool
	Items, More     []Item
	Names           []string
	Counts          map[string]int
	First           Item
	Gift            *Gift
	Due             time.Time
	Grid            [3]int
	Ptrs            []*Item
	Failure         string
}

type Item struct {
	SKU   string
	Qty   int
	Done  bool
	Parts []Piece
	Sub   struct{ A int }
}

type Piece struct{ ID string }

type Gift struct{ Text string }

//wfe:step
type Reserve struct {
	stock Stock `wfe:"inject"`
	SKU   string
	Qty   int
	Items []Item
	Got   int     `wfe:"out"`
	Parts []Piece `wfe:"out"`
}

type Stock interface{ Take(sku string) error }

func (r *Reserve) Run(context.Context) error { return r.stock.Take(r.SKU) }

//wfe:step
type Charge struct {
	Cents   int64
	Receipt string `wfe:"out"`
}

func (c *Charge) Run(context.Context) error  { return nil }
func (c *Charge) Undo(context.Context) error { return nil }

//wfe:step
type Judge struct {
	Cents int64
	Risk  int `wfe:"out"`
}

func (j *Judge) Run(ctx wfe.StepContext) (wfe.Result, error) { return ctx.Outcome("fine"), nil }

//wfe:event
type Approval struct {
	OK bool
	By string
}

var errStock = errors.New("out of stock")

// The north star.
//
//wfe:workflow id=order-pipeline version=1
func Pipeline(w *wfe.Flow, o *Order) {
	wfe.Do(w, Charge{Cents: o.Cents}) // when a step fails for good, Do does not return
	//wfe:id large
	if o.Cents > 100_000 {
		if a, ok := wfe.WaitForWithin[Approval](w, o.ID, 72*time.Hour); !ok || !a.OK {
			wfe.End(w)
		}
	}
	wfe.Saga(w, func() {
		for _, it := range o.Items {
			wfe.Do(w, Reserve{SKU: it.SKU, Qty: it.Qty})
		}
		o.Note = wfe.Do(w, Charge{Cents: o.Cents}).Receipt
	})
	wfe.Parallel(w,
		func() { wfe.Do(w, Charge{Cents: 1}) },
		func() { wfe.Do(w, Reserve{SKU: o.ID}, wfe.Name("ship")) })
}
