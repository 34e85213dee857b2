package order

import wfe "github.com/wfegen/wfe/runtime"

//wfe:workflow
func ParallelWrites(w *wfe.Flow, o *Order) {
	x := 0
	wfe.Parallel(w,
		func() {
			o.N = wfe.Do(w, Judge2{}).Risk
			x = 1
			o.Max = 3 // want WFE4015 o.Max is assigned
		},
		func() {
			o.N = wfe.Do(w, Judge2{}).Risk // want WFE4015 o.N is assigned here
			x = 2                          // want WFE4015 x is assigned
			o.Max += o.N                   // want WFE4015 o.N is read here
		})
	o.N = x
	wfe.Parallel(w,
		func() {
			wfe.Do(w, Charge{})
			o.First = Item{}
		},
		func() {
			wfe.Do(w, Charge{Cents: int64(o.First.Qty)}) // want WFE4015 o.First.Qty is read here
			o.First.Sub.A = 3                            // want WFE4015 o.First.Sub.A is assigned
		})
}

//wfe:workflow
func ParallelReads(w *wfe.Flow, o *Order) {
	wfe.Parallel(w,
		func() {
			o.Note = wfe.Do(w, Charge{}).Receipt
			o.N++
		},
		func() {
			wfe.Do(w, Reserve{SKU: o.Note}) // want WFE4015 o.Note is read
			if o.N > 3 {                    // want WFE4015 o.N is read
				wfe.Do(w, Charge{})
			}
			wfe.Do(w, Charge{Cents: int64(o.noteLength())}) // want WFE4015 o.Note is read
			o.Max = o.total()
			o.Failure = describe(o) // want WFE4015 o.N is read
		})
}

//wfe:pure
func (o *Order) noteLength() int { return len(o.Note) }

//wfe:pure
func describe(o *Order) string {
	if o.N > 3 {
		return "many"
	}
	return o.ID
}

//wfe:workflow
func ParallelElements(w *wfe.Flow, o *Order) {
	last, n := "", 0
	wfe.ForEach(w, o.Items, func(it Item) {
		r := wfe.Do(w, Reserve{SKU: it.SKU})
		last = it.SKU          // want WFE4015 last is assigned here, and another element
		o.N = r.Got            // want WFE4015 o.N is assigned
		o.Items[0].Qty = r.Got // want WFE4015 o.Items[0].Qty
		n = n + 1
		if n > 3 { // want WFE4015 n is read here
			wfe.Do(w, Charge{})
		}
		o.Max = wfe.Do(w, Reserve{Qty: o.Max}, wfe.Name("b")).Got // want WFE4015 o.Max is read | WFE4015 o.Max is assigned
		inElement(w, o)
	})
	o.Note = last
}

func inElement(w *wfe.Flow, o *Order) {
	wfe.Do(w, Charge{})
	o.Failure = o.ID + "x" // want WFE4015 o.Failure is assigned
}

//wfe:workflow
func ParallelsThatAreFine(w *wfe.Flow, o *Order) {
	note, n := "", 0
	wfe.Parallel(w,
		func() { wfe.Do(w, Charge{Cents: o.Cents}) },
		func() { note = wfe.Do(w, Charge{Cents: o.Cents}).Receipt; note += "!" },
		func() {
			local := 0
			for _, it := range o.Items {
				r := wfe.Do(w, Reserve{SKU: it.SKU})
				local += r.Got
			}
			o.N = local
			o.N = o.N + 1
			o.First.Qty = local
		},
		func() {
			wfe.Do(w, Charge{})
			o.First.Done = true
			o.Names = append(o.Names, "a")
			n++
			if o.Max < 3 {
				o.Max = 3
			}
			o.Grid[0] = 1
		},
		func() {
			wfe.Do(w, Charge{})
			o.Names = append(o.Names, "b")
			n += 2
			if o.Max < 5 {
				o.Max = 5
			}
			o.Grid[1] = 2
		})
	o.Note = note
	o.N += n
	wfe.ForEach(w, o.Items, func(it Item) {
		qty := it.Qty
		qty = qty + 1
		r := wfe.Do(w, Reserve{SKU: it.SKU, Qty: qty})
		o.N += r.Got
		o.Names = append(o.Names, it.SKU)
		o.Counts[it.SKU] = r.Got
		if o.Counts[it.SKU] > 3 {
			o.Done = true
		}
		it.Qty = 3
		for i := range it.Parts {
			wfe.Do(w, Reserve{SKU: it.Parts[i].ID}, wfe.Name("part"))
		}
		wfe.Sleep(w, 1, wfe.CancelWhen(func() bool { return o.Done }))
	})
	wfe.ForEach(w, o.Items, func(it Item) {
		wfe.Do(w, Charge{})
		o.Note = it.SKU
		if o.Note != "" {
			wfe.Do(w, Charge{}, wfe.Name("b"))
		}
	}, wfe.Sequential())
}
