package order

import (
	"errors"
	"math/rand"
	"sync/atomic"
	"time"

	wfe "github.com/wfegen/wfe/runtime"
)

// In blocks of all kinds, and in helpers of helpers.
//
//wfe:workflow
func DeepEverywhere(w *wfe.Flow, o *Order) {
	wfe.Saga(w, func() {
		o.Due = time.Now() // want WFE4002 time.Now
		wfe.Undo(w, func() {
			o.Due = time.Now() // want WFE4002 time.Now
		})
		if f := wfe.Try(w, func() {
			wfe.Do(w, Charge{Cents: rand.Int63()}) // want WFE4002 rand.Int63
		}); f != nil {
			o.Due = time.Now() // want WFE4002 time.Now
		}
	})
	wfe.Recur(w, wfe.Every(time.Hour), func() bool {
		wfe.Do(w, Charge{})
		return rand.Int() > 3 // want WFE4002 rand.Int
	})
	wfe.Sleep(w, 1, wfe.CancelWhen(func() bool { return time.Now().After(o.Due) }))                // want WFE4002 time.Now
	wfe.Sleep(w, 3, wfe.Name("c"), wfe.CancelWhen(func() bool { return wfe.Now(w).After(o.Due) })) // want WFE4002 time alone changes nothing
	wfe.Sleep(w, 2, wfe.Name("b"), wfe.CancelWhen(func() bool {
		wfe.Do(w, Charge{}) // want WFE4007 in a condition
		return true
	}))
	first(w, o)
	switch o.Due = time.Now(); { // want WFE4002 time.Now
	case rand.Int() > 3: // want WFE4002 rand.Int
		wfe.Do(w, Charge{})
	}
	for i := rand.Int(); i < rand.Int(); i += rand.Int() { // want WFE4002 rand.Int | WFE4002 rand.Int | WFE4002 rand.Int
		wfe.Do(w, Charge{})
	}
	for range rand.Perm(3) { // want WFE4002 rand.Perm
		wfe.Do(w, Charge{})
	}
	var n atomic.Int64
	n.Add(1)         // want WFE4002 Int64.Add
	roll := rand.Int // want WFE4002 rand.Int
	o.N = roll()
	now := func() time.Time { return time.Now() } // want WFE4002 time.Now
	o.Due = now()
	wfe.Fail(w, errors.New(time.Now().String())) // want WFE4002 time.Now
}

func first(w *wfe.Flow, o *Order) {
	second(w, o)
	o.Due = time.Now() // want WFE4002 time.Now
}

func second(w *wfe.Flow, o *Order) {
	wfe.Do(w, Charge{})
	o = nil // want WFE4020 another value
	third(w, &o.First)
}

func third(w *wfe.Flow, it *Item) {
	wfe.Do(w, Charge{})
	it.Qty = 3 // want WFE4012 it is kept
}

// Both call each other.
//
//wfe:workflow
func DeepRecursion(w *wfe.Flow, o *Order) {
	ping(w, 3)
	DeepRecursion(w, o) // want WFE4010 calls itself
}

func ping(w *wfe.Flow, n int) { pong(w, n-1) }

func pong(w *wfe.Flow, n int) {
	if n > 0 {
		ping(w, n) // want WFE4010 calls itself
	}
	wfe.Do(w, Charge{})
}

//wfe:workflow
func DeepBranches(w *wfe.Flow, o *Order) {
	wfe.Parallel(w,
		func() {
			wfe.ForEach(w, o.Items, func(it Item) {
				wfe.Saga(w, func() {
					wfe.Do(w, Charge{})
					o.Note = it.SKU // want WFE4015 another element
				})
			})
		},
		func() {
			setNote(w, o)
			wfe.Do(w, Charge{})
		})
	n := 0
	for range o.Items {
		wfe.Parallel(w,
			func() { n = wfe.Do(w, Judge2{}).Risk },
			func() {
				wfe.Do(w, Charge{})
				n = 1 // want WFE4015 n is assigned here, and another branch
			})
	}
	o.Max = n
	wfe.Branch(w, Opened{}, func(it Item) {
		o.N = wfe.Do(w, Reserve{SKU: it.SKU}).Got // want WFE4015 another element
	})
	wfe.ForEach(w, o.Items, func(it Item) {
		local := 0
		wfe.Parallel(w,
			func() { local = wfe.Do(w, Judge2{}).Risk },
			func() { local = wfe.Do(w, Judge2{}, wfe.Name("b")).Risk }) // want WFE4015 local is assigned
		one := 1
		wfe.Parallel(w,
			func() { one = wfe.Do(w, Judge2{}, wfe.Name("c")).Risk },
			func() { wfe.Do(w, Charge{}) })
		o.N += local + one
	})
}

func setNote(w *wfe.Flow, o *Order) {
	wfe.Do(w, Charge{})
	o.Note = "x" // want WFE4015 another branch
}

//wfe:step branches=Item
type Opened struct{ N int }

func (s *Opened) Run(ctx wfe.BranchContext[Item]) (wfe.Result, error) { return ctx.Branch(nil), nil }

//wfe:workflow
func DeepAliases(w *wfe.Flow, o *Order) {
	p := Pair{Left: []int{1}, Right: []int{2}}
	p.Right = p.Left
	wfe.Do(w, Charge{})
	p.Left[0] = 3 // want WFE4013 p.Left[0] is written here, and p.Right
	o.N = p.Right[0]
	q := p
	wfe.Do(w, Charge{}, wfe.Name("b"))
	q.Left[0] = 3 // want WFE4013 q.Left[0] is written here, and p.Left | WFE4013 q.Left[0] is written here, and p.Right | WFE4013 q.Left[0] is written here, and q.Right
	o.N = p.Left[0] + p.Right[0] + q.Right[0]
	grid := [][]int{{1}, {2}}
	row := grid[0]
	wfe.Do(w, Charge{}, wfe.Name("c"))
	grid[0][0] = 3 // want WFE4013 grid[0][0] is written here, and row
	o.N = row[0]
	grid[1] = []int{3}
	o.N = row[0]
	copied := [2]int{1, 2}
	other := copied
	wfe.Do(w, Charge{}, wfe.Name("d"))
	copied[0] = 3 // an array is a value
	o.N = other[0]
}

type Pair struct{ Left, Right []int }
