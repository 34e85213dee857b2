package order

import (
	"errors"
	"fmt"
	"iter"

	"example.com/shop/lib"
	wfe "github.com/wfegen/wfe/runtime"
)

//wfe:workflow
func FormStatements(w *wfe.Flow, o *Order) {
	wfe.Do(w, Charge{})
	go fmt.Sprint(o.ID)     // want WFE4001 go has no place
	defer fmt.Sprint(o.ID)  // want WFE4001 defer has no place
	ch := make(chan int, 1) // want WFE4001 a channel
	ch <- 1                 // want WFE4001 a channel
	o.N = <-ch              // want WFE4001 a channel
	for n := range ch {     // want WFE4001 a channel
		o.N += n
	}
	select { // want WFE4001 select
	default:
	}
	recover() // want WFE4003 recover
outer:
	for { // a label in plain code is one
		for range 3 {
			break outer
		}
	}
	goto end // want WFE4001 goto
end: // want WFE4001 a label
	wfe.End(w)
}

//wfe:workflow
func FormStatementsAroundCalls(w *wfe.Flow, o *Order) {
outer: // want WFE4001 a label
	for range 3 {
		for range 3 {
			wfe.Do(w, Charge{})
			continue outer
		}
	}
	switch o.ID {
	case "a":
		wfe.Do(w, Charge{})
		fallthrough // want WFE4001 fallthrough
	case "b":
		wfe.Do(w, Reserve{})
	}
	go wfe.Do(w, Charge{})    // want WFE4001 go has no place
	defer wfe.Do(w, Charge{}) // want WFE4001 defer
	var any any = o.ID
	switch any.(type) {
	case string:
		wfe.Do(w, Charge{})
	}
	switch wfe.Do(w, Charge{}); x := any.(type) {
	case string:
		o.ID = x
		wfe.Do(w, Charge{})
	}
}

//wfe:workflow
func FormPlainStatementsAreFine(w *wfe.Flow, o *Order) {
	switch o.N {
	case 1:
		o.N = 2
		fallthrough
	case 2:
		o.N = 3
	default:
		o.N = 4
	}
	for i := 0; i < 3; i++ {
		if i == 1 {
			continue
		}
		o.N += i
	}
	for k, n := range o.Counts {
		if k != "" {
			o.N += n
		}
	}
	total := func(items []Item) (n int) {
		for _, it := range items {
			n += it.Qty
		}
		return n
	}
	o.N = total(o.Items)
	var x any = o.N
	switch x := x.(type) {
	case int:
		o.N = x
	}
	{
		n := o.N
		o.N = n + 1
	}
	if o.N > 3 {
		return
	}
	wfe.Do(w, Charge{})
}

//wfe:workflow
func FormRanges(w *wfe.Flow, o *Order) {
	for k := range o.Counts { // want WFE4006 a map
		wfe.Do(w, Reserve{SKU: k})
	}
	for p := range Parts(o.Items) { // want WFE4006 a function
		wfe.Do(w, Reserve{SKU: p.ID})
	}
	for range 3 {
		wfe.Do(w, Charge{}, wfe.Name("x"))
	}
	for i := range o.N {
		wfe.Do(w, Charge{Cents: int64(i)}, wfe.Name("y"))
	}
	for _, name := range []string{"a", "b"} {
		wfe.Do(w, Reserve{SKU: name})
	}
	for i, n := range o.Grid {
		wfe.Do(w, Charge{Cents: int64(i + n)}, wfe.Name("z"))
	}
	for _, p := range o.Ptrs {
		wfe.Do(w, Reserve{SKU: p.SKU})
	}
}

//wfe:pure
func Parts(items []Item) iter.Seq[Piece] {
	return func(yield func(Piece) bool) {
		for _, it := range items {
			for _, p := range it.Parts {
				if !yield(p) {
					return
				}
			}
		}
	}
}

//wfe:workflow
func FormPlacesOfCalls(w *wfe.Flow, o *Order) {
	if wfe.Do(w, Charge{}).Receipt == "" { // want WFE4007 in a condition
		o.N = 1
	}
	if wfe.Do(w, Charge{}).Receipt == "" { // want WFE4007 in a condition
		wfe.Do(w, Charge{})
	}
	switch wfe.Do(w, Judge2{}).Risk { // want WFE4007 in the tag
	case 1:
		wfe.Do(w, Charge{})
	}
	switch o.N {
	case wfe.Do(w, Judge2{}).Risk: // want WFE4007 in a case
		wfe.Do(w, Charge{})
	}
	for i := wfe.Do(w, Judge2{}).Risk; i < 3; i++ { // want WFE4007 in the header
		wfe.Do(w, Charge{})
	}
	for o.N < wfe.Do(w, Judge2{}).Risk { // want WFE4007 in the header
		o.N++
	}
	for range wfe.Do(w, Judge2{}).Risk { // want WFE4007 in the header
		o.N++
	}
	wfe.Do(w, Charge{Cents: int64(wfe.Do(w, Judge2{}).Risk)}) // want WFE4007 in an argument
	o.N += wfe.Do(w, Judge2{}).Risk                           // want WFE4007 in an operation
	o.N = 1 + wfe.Do(w, Judge2{}).Risk                        // want WFE4007 in the middle
	o.N = int(wfe.Do(w, Judge2{}).Risk)                       // want WFE4007 in an argument
	o.N, o.Max = wfe.Do(w, Judge2{}).Risk, o.N                // want WFE4007 among other values
	a, b := wfe.Do(w, Judge2{}), wfe.Do(w, Judge2{})          // want WFE4007 among | WFE4007 among
	o.Items[wfe.Do(w, Judge2{}).Risk].Qty = 1                 // want WFE4007 on the left
	_ = []int{wfe.Do(w, Judge2{}).Risk}                       // want WFE4007 in the middle
	_ = fmt.Sprint(wfe.Do(w, Judge2{}).Risk)                  // want WFE4007 in an argument
	o.Names = append(o.Names, wfe.Do(w, Charge{}).Receipt)    // want WFE4007 in an argument
	o.N = a.Risk + b.Risk
	helper(w, wfe.Do(w, Charge{}).Receipt) // want WFE4007 in an argument
}

//wfe:step
type Judge2 struct {
	Risk int `wfe:"out"`
}

func (j *Judge2) Run(ctx ctx) error { return nil }

//wfe:workflow
func FormPlacesThatAreFine(w *wfe.Flow, o *Order) {
	o.N = wfe.Do(w, Judge2{}).Risk
	r := wfe.Do(w, Reserve{SKU: o.ID})
	var c = wfe.Do(w, Charge{})
	var d Charge = wfe.Do(w, Charge{})
	_ = wfe.Do(w, Charge{})
	o.Items[0].Qty = wfe.Do(w, Reserve{}).Got
	o.Items[o.N].Sub.A = wfe.Do(w, Reserve{}).Got
	(wfe.Do(w, Charge{}))
	if f := wfe.Try(w, func() { wfe.Do(w, Charge{}) }); f != nil {
		o.Failure = f.Message
	}
	switch _, outcome := wfe.Steer(w, Judge{}); outcome {
	case "risky":
		wfe.Fail(w, errors.New("too risky"))
	}
	if a := wfe.WaitFor[Approval](w, o.ID); a.OK {
		wfe.Do(w, Charge{})
	}
	o.N, o.Note = r.Got, c.Receipt+d.Receipt
	x, ok := wfe.WaitForWithin[Approval](w, o.ID, 3, wfe.Name("second"))
	if ok && x.OK {
		o.N = pick(w, o)
	}
	o.First.Qty = helper(w, "a")
}

func helper(w *wfe.Flow, sku string) int {
	return wfe.Do(w, Reserve{SKU: sku}).Got
}

func pick(w *wfe.Flow, o *Order) int {
	if o.N == 0 {
		return 1
	}
	r := wfe.Do(w, Reserve{SKU: o.ID})
	return r.Got + 1
}

//wfe:workflow
func FormFlow(w *wfe.Flow, o *Order) {
	w2 := w // want WFE4008 kept or handed on
	wfe.Do(w, Charge{})
	wfe.Do(w2, Charge{}) // want WFE4008 another Flow
	f := func() {
		wfe.Do(w, Charge{}) // want WFE4008 no block of wfe
	}
	f()
	defer func() { // want WFE4001 defer
		wfe.End(w)
	}()
	_ = holder{w}    // want WFE4008 kept or handed on
	do := wfe.Saga   // want WFE4008 used as a value
	do(w, func() {}) // want WFE4008 function value
	lib.Notify(w)    // want WFE4008 another package
	h := sub         // want WFE4008 used as a value
	_ = h
	if w == nil { // want WFE4008 kept or handed on
		o.N = 1
	}
	wfe.Do(nil, Charge{}) // want WFE4008 another Flow
	o.sub(w)              // want WFE4010 is a method
	generic(w, 1)         // want WFE4010 type parameters
	built(w, o)           // want WFE4010 a build constraint
	recursive(w, 1)
	sub(w, o)
}

type holder struct{ w *wfe.Flow }

func (o *Order) sub(w *wfe.Flow) { wfe.Do(w, Charge{}) }

func generic[T any](w *wfe.Flow, x T) { wfe.Do(w, Charge{}) }

func recursive(w *wfe.Flow, n int) {
	wfe.Do(w, Charge{})
	recursive(w, n-1) // want WFE4010 calls itself
}

func sub(w *wfe.Flow, o *Order) { wfe.Do(w, Charge{Cents: o.Cents}) }

//wfe:workflow
func FormLiterals(w *wfe.Flow, o *Order) {
	body := func() {}
	wfe.Saga(w, body)            // want WFE4009 a block is a function literal
	wfe.Parallel(w, body, named) // want WFE4009 a block | WFE4009 a block
	opts := []wfe.Option{wfe.Name("x")}
	wfe.Do(w, Charge{}, opts...) // want WFE4009 an option | WFE4009 not as a slice
	opt := wfe.Name("y")
	wfe.Do(w, Charge{}, opt) // want WFE4009 an option
	cond := func() bool { return o.Done }
	wfe.Sleep(w, 1, wfe.CancelWhen(cond)) // want WFE4009 a condition
	wfe.Sleep(w, 1, wfe.CancelWhen(func() bool { return o.Done }, wfe.Proceed()))
}

func named() {}

//wfe:workflow
func FormSettings(w *wfe.Flow, o *Order) {
	n := 3
	wfe.Do(w, Charge{}, wfe.OnError(wfe.Retry(n, 1)))                              // want WFE4011 the policy
	wfe.Do(w, Charge{}, wfe.Name(o.ID))                                            // want WFE4011 the id
	wfe.ForEach(w, o.Items, func(it Item) { wfe.Do(w, Charge{}) }, wfe.Limit(o.N)) // want WFE4011 the limit
	wfe.Poll(w, wfe.Endpoint{URL: "https://example.com/" + o.ID})                  // want WFE4011 the endpoint
	wfe.Recur(w, wfe.Every(o.Due.Sub(o.Due)), func() bool { return false })        // want WFE4011 the rhythm | WFE4011 the rhythm
	wfe.Do(w, Charge{}, wfe.OnError(policy))
	wfe.Recur(w, wfe.Every(hour), func() bool { wfe.Do(w, Charge{}); return o.N < 3 })
	wfe.WaitFor[Approval](w, o.ID, wfe.AsOf(o.Due))
}

var policy = wfe.Retry(3, 1)

const hour = 3600e9

//wfe:workflow
func FormNothingWaits(w *wfe.Flow, o *Order) {
	wfe.Parallel(w,
		func() { wfe.Do(w, Charge{}) },
		func() { o.N = 1 }, // want WFE4019 this branch
	)
	wfe.ForEach(w, o.Items, func(it Item) { o.N += it.Qty }) // want WFE4019 this body
	wfe.ForEach(w, o.Items, func(it Item) { sub(w, o) })
	wfe.Saga(w, func() {})
}

//wfe:workflow
func FormTry(w *wfe.Flow, o *Order) {
	wfe.Try(w, func() { wfe.Do(w, Charge{}) })     // want WFE4016 wfe.Try
	_ = wfe.Try(w, func() { wfe.Do(w, Charge{}) }) // want WFE4016 wfe.Try
	f := wfe.Try(w, func() { wfe.Do(w, Charge{}) })
	if f != nil {
		o.Failure = f.Message
	}
}

//wfe:workflow
func FormEnds(w *wfe.Flow, o *Order) {
	switch o.N {
	case 1:
		wfe.End(w)
		o.N = 1 // want WFE3018 never reached
	case 2:
		wfe.Fail(w, errStock)
		return
	case 3:
		wfe.End(w)
		panic("never")
	case 4:
		if o.Done {
			wfe.End(w)
		} else {
			wfe.Fail(w, errors.New("not done"))
		}
		wfe.Do(w, Charge{}) // want WFE3018 never reached
	case 5:
		for {
			wfe.Do(w, Charge{})
			if o.Done {
				break
			}
		}
		o.N = 5
	case 6:
		for {
			wfe.Do(w, Charge{})
		}
		o.N = 6 // want WFE3018 never reached
	case 7:
		wfe.Saga(w, func() {
			if o.Done {
				return
			}
			wfe.Do(w, Charge{})
		})
		o.N = 7
	}
	if early(w, o) == 3 { // want WFE4007 early stands in a condition
		o.N = 3
	}
}

func early(w *wfe.Flow, o *Order) int {
	if o.Done {
		wfe.End(w)
		return 0
	}
	wfe.Do(w, Charge{})
	return 3
}
