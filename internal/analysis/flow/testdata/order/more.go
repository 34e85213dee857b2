package order

import (
	"errors"
	"slices"
	"strings"
	"time"

	"example.com/shop/lib"
	engine "github.com/wfegen/wfe/runtime"
)

// MoreThatIsFine is what people write.
//
//wfe:workflow
func MoreThatIsFine(w *engine.Flow, o *Order) {
	const limit = 3
	var total int64
	for attempt := 1; attempt <= limit; attempt++ {
		f := engine.Try(w, func() {
			c := engine.Do(w, Charge{Cents: o.Cents})
			o.Note = c.Receipt
		})
		if f == nil {
			break
		}
		if attempt == limit {
			engine.Fail(w, errors.New(f.Message))
		}
		engine.Sleep(w, time.Duration(attempt)*time.Minute)
	}
	for i := range o.Items {
		it := &o.Items[i]
		it.Done = true
		total += int64(it.Qty)
	}
	for i := range o.Items {
		r := engine.Do(w, Reserve{SKU: o.Items[i].SKU})
		it := &o.Items[i]
		it.Qty = r.Got
		it.Parts = append(it.Parts, r.Parts...)
	}
	pending := slices.DeleteFunc(slices.Clone(o.Items), func(it Item) bool { return it.Done })
	for len(pending) > 0 {
		next := pending[0]
		pending = pending[1:]
		engine.Do(w, Reserve{SKU: next.SKU}, engine.Name("next"))
		if next.Qty > 3 {
			next.Qty--
			pending = append(pending, next)
		}
	}
	byName := map[string]int{}
	for _, it := range o.Items {
		byName[it.SKU] += it.Qty
	}
	engine.Do(w, Charge{Cents: int64(len(byName))}, engine.Name("many"))
	byName["x"] = 3
	o.Counts = byName
	var best *Item
	for i := range o.Items {
		if best == nil || o.Items[i].Qty > best.Qty {
			best = &o.Items[i]
		}
	}
	if best != nil {
		o.Note = best.SKU
	}
	deadline := o.Due.Add(24 * time.Hour)
	if a, ok := engine.WaitForWithin[Approval](w, o.ID, deadline.Sub(o.Due)); ok {
		o.Note = a.By
	} else if o.Done {
		engine.End(w)
	} else {
		o.Failure = "late"
	}
	switch s, outcome := engine.Steer(w, Judge{Cents: total}); {
	case outcome == "risky" && s.Risk > 3:
		engine.Fail(w, errStock)
	case strings.HasPrefix(outcome, "x"):
		return
	default:
		o.N = s.Risk
	}
	engine.Recur(w, engine.Every(time.Hour), func() bool {
		r := engine.Do(w, Judge2{}, engine.Name("again"))
		o.N += r.Risk
		if o.N > 10 {
			return false
		}
		return !o.Done
	})
	names, ok := split(w, o.Note, o.N)
	if !ok {
		return
	}
	o.Names = names
	o.Names[0] = "first"
	child := engine.SubWorkflow(w, Pipeline, Order{ID: o.ID, Items: o.Items})
	o.Items = child.Items
	o.Items[0].Qty = 3
	o.Counts[o.ID] = engine.Do(w, Judge2{}, engine.Name("last")).Risk
	_, err := parse(o.Note)
	if err != nil {
		o.Failure = err.Error()
	}
	engine.Sleep(w, time.Hour, engine.Name("rest"))
	if o.Done {
		_, err = parse(o.Note)
	}
	o.Done = err == nil // want WFE4012 err is kept
	o.N, err = parse(o.Note)
	if _, err := parse(o.Note); err != nil {
		o.Failure = err.Error()
		engine.Do(w, lib.Mail{To: o.Email})
	}
}

//wfe:pure
func parse(s string) (int, error) { return len(s), nil }

// split is given slices and strings, and returns before its end.
func split(w *engine.Flow, s string, n int) ([]string, bool) {
	if s == "" {
		return nil, false
	}
	parts := strings.Split(s, ",")
	for _, p := range parts {
		engine.Do(w, Reserve{SKU: p})
		n--
		if n == 0 {
			return parts, true
		}
	}
	return parts, false
}

//wfe:workflow
func MoreUndo(w *engine.Flow, o *Order) {
	engine.Saga(w, func() {
		for _, it := range o.Items {
			got := reserve(w, it.SKU)
			o.N += got
		}
		engine.Parallel(w,
			func() {
				x := 1
				engine.Undo(w, func() { engine.Do(w, Reserve{Qty: x}) })
				engine.Do(w, Charge{})
			},
			func() { engine.Do(w, Reserve{}) })
	})
}

func reserve(w *engine.Flow, sku string) int {
	r := engine.Do(w, Reserve{SKU: sku})
	engine.Undo(w, func() { engine.Do(w, Reserve{SKU: sku, Qty: -r.Got}, engine.Name("back")) })
	return r.Got
}

//wfe:workflow
func MoreSteps(w *engine.Flow, o *Order) {
	engine.Do(w, lib.Lost{}) // want WFE2003 Run of step Lost
	engine.Do(w, lib.Silent{To: o.Email})
	engine.Do(w, lib.Mail{To: o.Email})
}
