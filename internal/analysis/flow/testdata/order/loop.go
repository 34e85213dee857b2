package order

import (
	"slices"

	wfe "github.com/wfegen/wfe/runtime"
)

//wfe:workflow
func LoopAssigned(w *wfe.Flow, o *Order) {
	for _, it := range o.Items {
		wfe.Do(w, Reserve{SKU: it.SKU})
		o.Items = append(o.Items, it) // want WFE4014 runs over what is assigned here, o.Items
	}
	for i := range o.Items {
		wfe.Do(w, Charge{Cents: int64(i)}, wfe.Name("a"))
		o.Items = o.Items[1:] // want WFE4014 o.Items
	}
	for range o.Items {
		wfe.Do(w, Charge{}, wfe.Name("b"))
		*o = Order{} // want WFE4014 o
	}
	xs := []int{1}
	for _, x := range xs {
		wfe.Do(w, Charge{Cents: int64(x)}, wfe.Name("c"))
		xs = nil // want WFE4014 xs
	}
	for i := range o.Grid { // its length is that of the type
		wfe.Do(w, Charge{Cents: int64(i)}, wfe.Name("counted"))
		o.Grid[i] = 4
		o.Grid = [3]int{i}
	}
	for _, n := range o.Grid {
		wfe.Do(w, Charge{Cents: int64(n)}, wfe.Name("d"))
		o.Grid[0] = 3 // want WFE4014 o.Grid[0]
	}
	for _, it := range o.Items {
		for _, p := range it.Parts {
			wfe.Do(w, Reserve{SKU: p.ID})
			it.Parts = nil // want WFE4014 it.Parts
		}
	}
}

//wfe:workflow
func LoopElements(w *wfe.Flow, o *Order) {
	for i, it := range o.Items {
		if i == 0 {
			o.Items[1].Qty = 99 // want WFE4014 o.Items[1].Qty
		}
		o.Items[i+1].Qty = 3 // want WFE4014 o.Items[...].Qty
		j := i
		o.Items[j].Qty = 3 // want WFE4014 o.Items[j].Qty
		wfe.Do(w, Reserve{SKU: it.SKU})
	}
	for i, it := range o.Items {
		i--
		o.Items[i].Qty = 3 // want WFE4014 o.Items[i].Qty
		wfe.Do(w, Reserve{SKU: it.SKU}, wfe.Name("c"))
	}
	for _, it := range o.Items {
		wfe.Do(w, Reserve{SKU: it.SKU}, wfe.Name("b"))
		slices.Reverse(o.Items) // want WFE4014 o.Items
		through(w, o)
		o.Items[0].Qty++ // want WFE4014 o.Items[0].Qty
	}
}

func through(w *wfe.Flow, o *Order) {
	wfe.Do(w, Charge{})
	o.Items[0].Qty = 1 // want WFE4014 o.Items[0].Qty
	o.Items = nil      // want WFE4014 o.Items
}

//wfe:workflow
func LoopsThatAreFine(w *wfe.Flow, o *Order) {
	for i, it := range o.Items {
		r := wfe.Do(w, Reserve{SKU: it.SKU})
		o.Items[i].Qty = r.Got // its own element
		o.Items[i].Done = true
		o.Names = append(o.Names, it.SKU)
		o.N++
		it.Qty = 3
	}
	for i := range o.Items {
		wfe.Do(w, Charge{}, wfe.Name("a"))
		o.Items[0].Qty = i // the elements are not taken
	}
	for i := range o.N {
		wfe.Do(w, Charge{}, wfe.Name("b"))
		o.N = i
	}
	for len(o.Items) > 0 {
		wfe.Do(w, Reserve{SKU: o.Items[0].SKU}, wfe.Name("c"))
		o.Items = o.Items[1:]
	}
	for _, it := range o.Items { // no call in it
		o.Items = append(o.Items, it)
	}
	for _, it := range slices.Clone(o.Items) {
		wfe.Do(w, Reserve{SKU: it.SKU}, wfe.Name("d"))
		o.Items = nil
	}
	wfe.ForEach(w, o.Items, func(it Item) {
		wfe.Do(w, Reserve{SKU: it.SKU})
		o.Items = append(o.Items, it)
	}, wfe.Sequential())
	for i, it := range o.Items {
		wfe.Do(w, Reserve{SKU: it.SKU}, wfe.Name("e"))
		for j := range it.Parts {
			o.Items[i].Parts[j].ID = "x"
		}
	}
	for o.N = 0; o.N < 3; o.N++ {
		wfe.Do(w, Charge{}, wfe.Name("f"))
	}
	o.Items = nil
}
