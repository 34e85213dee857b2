package order

import (
	"slices"
	"strings"
	"time"

	wfe "github.com/wfegen/wfe/runtime"
)

//wfe:workflow
func KeptNot(w *wfe.Flow, o *Order) {
	wfe.Do(w, Reserve{Items: slices.DeleteFunc(o.Items, func(it Item) bool { return it.Done })}) // want WFE4022 o.Items[...] is changed
	n := 0
	if func() bool { n++; return n > 3 }() { // want WFE4022 n is changed
		wfe.Do(w, Charge{})
	}
	for func() bool { o.N++; return o.N < 3 }() { // want WFE4022 o.N is changed
		wfe.Do(w, Charge{})
	}
	for _, o.Note = range slices.Compact(o.Names) { // want WFE4022 o.Names[...] is changed
		wfe.Do(w, Charge{})
	}
	wfe.Sleep(w, time.Hour, wfe.CancelWhen(func() bool {
		o.N++ // want WFE4022 o.N is changed
		return o.Done
	}))
	switch slices.Insert(o.Names, 0, "x")[0] { // want WFE4022 o.Names[...]
	case "x":
		wfe.Do(w, Charge{})
	}
}

//wfe:workflow
func KeptIsFine(w *wfe.Flow, o *Order) {
	if func() bool { o.N++; return o.N > 3 }() {
		o.Done = true
	}
	wfe.Do(w, Reserve{SKU: func() string {
		var b strings.Builder
		n := 0
		for _, it := range o.Items {
			b.WriteString(it.SKU)
			n++
		}
		return b.String()
	}()})
	o.Items = slices.DeleteFunc(o.Items, func(it Item) bool { return it.Done })
	wfe.Sleep(w, time.Hour, wfe.CancelWhen(func() bool {
		for _, it := range o.Items {
			if it.Done {
				return true
			}
		}
		return o.Done
	}))
	wfe.Recur(w, wfe.Every(time.Hour), func() bool {
		wfe.Do(w, Charge{})
		return func() bool { o.N++; return o.N < 3 }()
	})
}

//wfe:workflow
func KeptLocalTypes(w *wfe.Flow, o *Order) {
	type local struct{ N int }
	a := local{1}
	o.N = a.N
	const limit = 3
	wfe.Do(w, Charge{})
	o.N = local{2}.N // want WFE4012 type local
	if o.N > limit {
		type inner struct{ N int }
		o.N = inner{3}.N
	}
	for range 3 {
		type round struct{ N int }
		r := round{3}
		o.N = r.N
		wfe.Do(w, Charge{Cents: int64(len([]round{}))}) // want WFE4012 type round
	}
}

//wfe:workflow
func KeptOnTheLeft(w *wfe.Flow, o *Order) {
	o.Items[o.N].Qty = counted(w, o) // want WFE4007 o.N is read on the left of counted
	i := 0
	o.Items[i].Qty = counted(w, o)
	o.First.Qty = counted(w, o)
	o.Grid[1] = counted(w, o)
	o.N = counted(w, o)
	o.Items[i] = replaced(w, o) // want WFE4007 o.Items is read on the left of replaced
	o.Counts[o.ID] = counted(w, o)
	var failures [3]string
	if f := wfe.Try(w, func() { i++; wfe.Do(w, Charge{}) }); f != nil {
		failures[i] = f.Message
	}
	o.Failure = failures[0]
}

func counted(w *wfe.Flow, o *Order) int {
	o.N++
	return wfe.Do(w, Reserve{}).Got
}

func replaced(w *wfe.Flow, o *Order) Item {
	o.Items = append(o.Items, Item{})
	wfe.Do(w, Reserve{})
	return o.Items[0]
}
