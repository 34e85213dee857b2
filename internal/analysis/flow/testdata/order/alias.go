package order

import (
	"slices"

	wfe "github.com/wfegen/wfe/runtime"
)

//wfe:workflow
func AliasSlice(w *wfe.Flow, o *Order) {
	xs := o.Items
	xs[0].Qty = 1
	wfe.Do(w, Charge{})
	xs[0].Qty = 7 // want WFE4013 xs[0].Qty is written here, and o.Items
}

//wfe:workflow
func AliasPointer(w *wfe.Flow, o *Order) {
	it := &o.Items[0]
	it.Qty = 1
	wfe.Do(w, Charge{})
	it.Qty = 7 // want WFE4012 it is kept
}

//wfe:workflow
func AliasMap(w *wfe.Flow, o *Order) {
	m := o.Counts
	wfe.Do(w, Charge{})
	m["x"]++ // want WFE4013 m["x"] is written
}

//wfe:workflow
func AliasTheOtherWay(w *wfe.Flow, o *Order) {
	xs := o.Items
	wfe.Do(w, Charge{})
	o.Items[0].Qty = 7 // want WFE4013 o.Items[0].Qty is written here, and xs
	o.N = xs[0].Qty
}

//wfe:workflow
func AliasOfLocals(w *wfe.Flow, o *Order) {
	a := []int{1, 2}
	b := a[1:]
	wfe.Do(w, Charge{})
	a[1] = 3 // want WFE4013 a[1] is written here, and b
	o.N = b[0]
}

//wfe:workflow
func AliasOverTwo(w *wfe.Flow, o *Order) {
	a := o.Items
	b := a
	wfe.Do(w, Charge{})
	b[0].Qty = 3 // want WFE4013 o.Items
	_ = b
}

//wfe:workflow
func AliasInAStruct(w *wfe.Flow, o *Order) {
	it := o.Items[0]
	wfe.Do(w, Charge{})
	it.Qty = 3             // a copy
	it.Parts[0].ID = "new" // want WFE4013 it.Parts[0].ID
	o.First = it
}

//wfe:workflow
func AliasInALiteral(w *wfe.Flow, o *Order) {
	it := Item{Parts: o.First.Parts}
	wfe.Do(w, Charge{})
	it.Parts[0].ID = "x" // want WFE4013 o.First.Parts
}

//wfe:workflow
func AliasInTheData(w *wfe.Flow, o *Order) {
	o.More = o.Items
	wfe.Do(w, Charge{})
	o.More[0].Qty = 3 // want WFE4013 o.Items
}

//wfe:workflow
func AliasByAppend(w *wfe.Flow, o *Order) {
	it := Item{Parts: []Piece{{"a"}}}
	o.Items = append(o.Items, it)
	wfe.Do(w, Charge{})
	it.Parts[0].ID = "b" // want WFE4013 it.Parts[0].ID
}

//wfe:workflow
func AliasByStandardFunctions(w *wfe.Flow, o *Order) {
	xs := o.Names
	wfe.Do(w, Charge{})
	slices.Sort(xs) // want WFE4013 o.Names
}

//wfe:workflow
func AliasByAFunction(w *wfe.Flow, o *Order) {
	xs := firstItems(o)
	wfe.Do(w, Charge{})
	xs[0].Qty = 3 // want WFE4013 o.Items
}

//wfe:pure
func firstItems(o *Order) []Item { return o.Items[:1] }

//wfe:workflow
func AliasByAHelper(w *wfe.Flow, o *Order) {
	xs := chosen(w, o)
	xs[0].Qty = 3 // want WFE4013 o.Items
	change(w, o.Items)
}

func chosen(w *wfe.Flow, o *Order) []Item {
	wfe.Do(w, Charge{})
	return o.Items
}

func change(w *wfe.Flow, items []Item) {
	wfe.Do(w, Charge{})
	items[0].Qty = 3 // want WFE4013 o.Items
}

//wfe:workflow
func AliasOfElements(w *wfe.Flow, o *Order) {
	for _, it := range o.Items {
		wfe.Do(w, Charge{})
		it.Parts[0].ID = "x" // want WFE4013 o.Items
	}
	for _, p := range o.Ptrs {
		wfe.Do(w, Charge{}, wfe.Name("b"))
		p.Qty = 3 // want WFE4013 o.Ptrs
	}
}

//wfe:workflow
func AliasInALoop(w *wfe.Flow, o *Order) {
	xs := o.Items
	for range 3 {
		xs[0].Qty++ // want WFE4013 o.Items
		wfe.Do(w, Charge{})
	}
}

//wfe:workflow
func AliasInABranch(w *wfe.Flow, o *Order) {
	xs := []Item{}
	if o.Done {
		xs = o.Items
	}
	wfe.Do(w, Charge{})
	xs[0].Qty++ // want WFE4013 o.Items
}

//wfe:workflow
func AliasGift(w *wfe.Flow, o *Order) {
	first := *o
	wfe.Do(w, Charge{})
	o.Gift.Text = "x" // want WFE4013 o.Gift.Text is written here, and first
	o.Note = first.Gift.Text
}

//wfe:workflow
func AliasesThatAreFine(w *wfe.Flow, o *Order) {
	xs := o.Items
	xs[0].Qty = 7 // no call between
	it := &o.Items[0]
	it.Qty = 8
	wfe.Do(w, Charge{Cents: int64(len(xs))})
	n := 0
	for _, x := range xs { // reading is fine
		n += x.Qty
	}
	o.N = n
	own := slices.Clone(o.Names)
	wfe.Do(w, Charge{}, wfe.Name("b"))
	own[0] = "mine"
	o.Names = own
	ys := []int{1, 2}
	wfe.Do(w, Charge{}, wfe.Name("c"))
	ys[0] = 2 // the only name
	o.N = ys[0]
	zs := o.Items
	o.N = zs[0].Qty
	wfe.Do(w, Charge{}, wfe.Name("d"))
	o.Items[0].Done = true // nobody looks at zs any more
	first := o.Items[0]
	wfe.Do(w, Charge{}, wfe.Name("e"))
	first.Qty = 3
	o.First.Qty = first.Qty
	m := map[string]int{}
	for _, name := range []string{"a", "b"} {
		wfe.Do(w, Reserve{SKU: name})
		m[name]++
	}
	o.N = m["a"]
	xs = nil
	wfe.Do(w, Charge{}, wfe.Name("f"))
	xs = append(xs, Item{})
	xs[0].Qty = 3
	o.N = xs[0].Qty
	r := wfe.Do(w, Reserve{Items: o.Items}, wfe.Name("g"))
	r.Items[0].Qty = 3
	o.N = r.Items[0].Qty
	var log []string
	for _, it := range o.Items {
		wfe.Do(w, Charge{}, wfe.Name("h"))
		log = append(log, it.SKU)
	}
	o.Names = log
}

//wfe:workflow
func DataStaysWhereItIs(w *wfe.Flow, o *Order) {
	*o = Order{ID: o.ID}
	o.Note = "fine"
	p := o
	p.N = 3
	wfe.Do(w, Charge{})
	p.N = 4      // want WFE4012 p is kept
	o = &Order{} // want WFE4020 given another value
	pp := &o     // want WFE4020 its address is taken
	_ = pp
	o2 := o
	o2.N = 3
	wfe.Do(w, Charge{}, wfe.Name("b"))
}
