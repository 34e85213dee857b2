package order

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	wfe "github.com/wfegen/wfe/runtime"
)

//wfe:workflow
func EarlyIsFine(w *wfe.Flow, o *Order) {
	n, err := strconv.Atoi(o.Note)
	switch {
	case err == nil && n > 3:
		o.N = n
		wfe.Do(w, Charge{})
	case errors.Is(err, strconv.ErrRange):
		wfe.Do(w, Reserve{SKU: err.Error()})
		o.N = n
	default:
		if err := check(o); err != nil {
			text := err.Error()
			wfe.Do(w, Reserve{SKU: text + err.Error()})
			o.Note = text
		} else if o.N > 1 {
			wfe.WaitFor[Approval](w, fmt.Sprint(err), wfe.AsOf(o.Due))
		}
	}
	switch err := check(o); err {
	case nil, io.EOF:
	case errStock:
		if o.N > 3 {
			break
		}
		wfe.Sleep(w, time.Duration(len(err.Error())))
	}
	again := check(o)
	for range strconv.Itoa(len(again.Error())) {
		o.N++
	}
	for _, name := range []string{again.Error()} {
		wfe.Do(w, Reserve{SKU: name})
	}
	last := check(o)
	earlyHelper(w, o, fmt.Sprint(last), o.N)
	at := &o.First
	wfe.ForEach(w, slices.Clone(at.Parts), func(p Piece) { wfe.Do(w, Reserve{SKU: p.ID}) })
	var bad *strconv.NumError
	_, err2 := strconv.ParseBool(o.Note)
	if errors.As(err2, &bad) { // it is asked once, so what it changes is kept
		wfe.Do(w, Reserve{SKU: bad.Func})
	}
	switch e := check(o).(type) {
	case nil:
	case *strconv.NumError:
		o.Failure = e.Num
		wfe.Do(w, Reserve{SKU: e.Func})
	}
}

func earlyHelper(w *wfe.Flow, o *Order, text string, n int) {
	if n > len(text) {
		wfe.Do(w, Charge{})
	}
	o.Note = text
}

//wfe:workflow
func EarlyEndsAtACall(w *wfe.Flow, o *Order) {
	if err := check(o); err != nil {
		wfe.Do(w, Reserve{SKU: err.Error()})
		wfe.Do(w, Reserve{SKU: err.Error()}) // want WFE4012 err is kept
	}
	err := check(o)
	switch {
	case err == nil:
		wfe.Do(w, Charge{})
		o.Failure = fmt.Sprint(err) // want WFE4012 err is kept
	}
	err2 := check(o)
	wfe.Do(w, Charge{}, wfe.CancelWhen(func() bool { return err2 != nil })) // want WFE4012 err2 is kept
	err3 := check(o)
	if err3 != nil {
		f := wfe.Try(w, func() { wfe.Do(w, Reserve{SKU: err3.Error()}) }) // want WFE4012 err3 is kept
		o.Done = f == nil
	}
	err4 := check(o)
	for err4 != nil { // want WFE4012 err4 is kept
		wfe.Do(w, Charge{})
		err4 = check(o)
	}
	err5 := check(o)
	earlyError(w, o, err5)
	o.Failure = err5.Error() // want WFE4012 err5 is kept
	err6 := check(o)
	o.Items[len(err6.Error())].Qty = wfe.Do(w, Reserve{}).Got // want WFE4012 err6 is kept
	switch e := check(o).(type) {
	case *strconv.NumError:
		wfe.Do(w, Charge{})
		o.Failure = e.Num // want WFE4012 e is kept
	}
	err7 := check(o)
	if o.N > 2 {
		if o.N > 3 {
			wfe.Do(w, Reserve{SKU: err7.Error()})
		}
		o.Failure = err7.Error() // want WFE4012 err7 is kept
	}
	if err := check(o); err != nil {
		o.N++
		return
		wfe.Do(w, Charge{}) // want WFE3018 never reached
	}
}

// EarlyGoesOn has calls that lead elsewhere, so nothing waits on the way to what follows.
//
//wfe:workflow
func EarlyGoesOn(w *wfe.Flow, o *Order) {
	at := &o.First
	err := check(o)
	if o.N > 3 {
		wfe.Do(w, Charge{})
		return
	}
	if err != nil {
		o.Failure = err.Error()
		if at.Qty > 1 {
			wfe.Do(w, Charge{})
			wfe.End(w)
		}
	} else {
		wfe.Do(w, Reserve{SKU: at.SKU})
		wfe.Fail(w, errStock)
	}
	at.Qty = 3
	for i := range o.Items {
		it := &o.Items[i]
		switch {
		case it.Qty > 9:
			if it.Done {
				break
			}
			wfe.Do(w, Charge{})
			continue
		case it.Qty > 8:
			it.Qty++
		default:
			wfe.Do(w, Charge{})
			if it.Qty == 0 { // want WFE4012 it is kept
				return
			}
			return
		}
		it.Done = true
		{
			if it.Qty == 7 {
				wfe.Do(w, Reserve{SKU: it.SKU})
				break
			}
		}
		it.Qty = 7
	}
	last := &o.Items[0]
	if o.Done {
		wfe.Do(w, Charge{})
		if o.N > 7 {
			return
		}
	}
	last.Qty = 7 // want WFE4012 last is kept
	next := &o.Items[0]
	switch {
	case o.N == 1:
		wfe.Do(w, Charge{})
		break
	case o.N == 2:
		return
	}
	next.Qty = 7 // want WFE4012 next is kept
	p := &o.Items[0]
	if f := wfe.Try(w, func() { wfe.Do(w, Charge{}) }); f != nil {
		return
	}
	p.Qty = 7 // want WFE4012 p is kept
	q := &o.Items[0]
	for range 3 {
		wfe.Do(w, Charge{})
		return
	}
	q.Qty = 7 // want WFE4012 q is kept
}

func earlyError(w *wfe.Flow, o *Order, err error) {
	o.Failure = err.Error()
	wfe.Do(w, Reserve{SKU: err.Error()})
	o.Failure = err.Error() // want WFE4012 err is kept
}

//wfe:workflow
func EarlyHelpers(w *wfe.Flow, o *Order) {
	if err := check(o); err != nil {
		earlyReport(w, o, fmt.Errorf("early: %w", err))
		return
	}
	if ok := earlyReturns(w, o, check(o), nil); !ok {
		return
	}
	earlyNamed(w, check(o))
	wfe.Try(w, func() { earlyReport(w, o, errStock) }) // want WFE4016
}

func earlyReport(w *wfe.Flow, o *Order, err error) {
	if o.N > 3 {
		wfe.Do(w, Charge{})
		return
	}
	if errors.Is(err, errStock) {
		o.Failure = err.Error()
	}
	wfe.Do(w, Reserve{SKU: err.Error()})
}

func earlyReturns(w *wfe.Flow, o *Order, err error, fails func() bool) bool {
	o.Failure = fmt.Sprint(err)
	if fails == nil {
		return err == nil
	}
	wfe.Do(w, Charge{})
	return err == nil // want WFE4012 err is kept
}

func earlyNamed(w *wfe.Flow, err error) (done bool) {
	if wfe.Do(w, Reserve{SKU: err.Error()}); err == nil { // want WFE4012 err is kept
		return
	}
	return true
}
