package order

import (
	"errors"

	wfe "github.com/wfegen/wfe/runtime"
)

//wfe:workflow
func UndoOutside(w *wfe.Flow, o *Order) {
	wfe.Undo(w, func() { wfe.Do(w, Charge{}) }) // want WFE4017 stands in no saga
	undoHelper(w)
	wfe.Saga(w, func() {
		wfe.Undo(w, func() {
			wfe.Undo(w, func() { wfe.Do(w, Charge{}) }) // want WFE4017 stands in no saga
		})
	})
	wfe.Parallel(w, func() {
		wfe.Do(w, Charge{})
		wfe.Undo(w, func() {}) // want WFE4017 stands in no saga
	})
}

func undoHelper(w *wfe.Flow) {
	wfe.Undo(w, func() { wfe.Do(w, Charge{}) }) // want WFE4017 stands in no saga
}

//wfe:workflow
func UndoSees(w *wfe.Flow, o *Order) {
	wfe.Saga(w, func() {
		for _, it := range o.Items {
			n := 1
			wfe.Undo(w, func() { wfe.Do(w, Reserve{SKU: it.SKU, Qty: n}) })
			n = 2       // want WFE4018 n is assigned after
			n++         // want WFE4018 n is assigned after
			it.SKU = "" // want WFE4018 it is assigned after
			wfe.Do(w, Charge{})
		}
		for i := 0; i < 3; i++ {
			wfe.Do(w, Charge{}, wfe.Name("b"))
			wfe.Undo(w, func() { wfe.Do(w, Reserve{Qty: i}) }) // want WFE4018 counts the rounds
		}
		wfe.ForEach(w, o.Items, func(it Item) {
			r := wfe.Do(w, Reserve{})
			wfe.Undo(w, func() { wfe.Do(w, Reserve{Qty: r.Got}) })
			r.Got = 3 // want WFE4018 r is assigned after
		})
	})
}

//wfe:workflow
func UndosThatAreFine(w *wfe.Flow, o *Order) {
	total := 0
	for n := 0; n < 3; n++ {
		before := n
		if f := wfe.Try(w, func() {
			total++
			wfe.Undo(w, func() { wfe.Do(w, Reserve{Qty: total + n + before}); total = 0 })
			total = 3 // of the function: what is undone sees what it is then
			before = 4
			for i, it := range o.Items {
				wfe.Do(w, Charge{})
				x := 1
				x = 2
				wfe.Undo(w, func() {
					wfe.Do(w, Reserve{SKU: it.SKU, Qty: x + i})
					x = 3
				})
			}
			for i := 0; i < 3; i++ {
				i := i
				wfe.Undo(w, func() { wfe.Do(w, Reserve{Qty: i}) })
				wfe.Do(w, Charge{}, wfe.Name("c"))
			}
			inSaga(w, o)
			wfe.Undo(w, func() {
				wfe.Saga(w, func() { wfe.Undo(w, func() { o.N = 1 }); wfe.Do(w, Charge{}) })
			})
			o.N++
			if o.N > 3 {
				wfe.Fail(w, errors.New("too many"))
			}
		}); f != nil {
			o.Failure = f.Message
		}
	}
}

func inSaga(w *wfe.Flow, o *Order) {
	wfe.Undo(w, func() { o.N-- })
}

//wfe:workflow
func UndoInAHelperOfALoop(w *wfe.Flow, o *Order) {
	wfe.Saga(w, func() {
		for _, it := range o.Items {
			reserveTwice(w, o, it.Qty)
			reserveTwice(w, o, 1)
		}
	})
}

// reserveTwice has a parameter of its own wherever it is called.
func reserveTwice(w *wfe.Flow, o *Order, n int) {
	n += wantedOf(n)
	wfe.Undo(w, func() { wfe.Do(w, Reserve{Qty: -n}) })
	wfe.Do(w, Reserve{Qty: n})
}

//wfe:pure
func wantedOf(n int) int { return n }

//wfe:workflow
func UndoTakesANamedResult(w *wfe.Flow, o *Order) {
	wfe.Saga(w, func() {
		for _, it := range o.Items {
			n, _ := given(w, it.Qty)
			o.N += n
			//wfe:id bare
			m, _ := bare(w, it.Qty)
			o.N += m
		}
	})
}

func given(w *wfe.Flow, qty int) (n int, ok bool) {
	wfe.Undo(w, func() { wfe.Do(w, Reserve{Qty: n}) })
	wfe.Do(w, Reserve{Qty: qty})
	return 3, ok // want WFE4018 n is assigned after
}

func bare(w *wfe.Flow, qty int) (n int, ok bool) {
	n = qty
	wfe.Undo(w, func() { wfe.Do(w, Reserve{Qty: n}) })
	wfe.Do(w, Reserve{Qty: qty})
	if qty > 3 {
		return n, true
	}
	return
}
