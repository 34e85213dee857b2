package order

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/big"
	"strconv"
	"strings"
	"time"

	"example.com/shop/lib"
	wfe "github.com/wfegen/wfe/runtime"
)

type secretive struct{ n int }

type locked struct {
	N    int
	keys map[string]int
}

type tagged struct {
	N    int
	keys map[string]int `json:"-"`
}

// cached is saved with what JSON leaves out.
type cached struct {
	N    int
	Keys map[string]int `json:"-"`
}

type called struct {
	N int
	F func() `json:"-"`
}

type withFunc struct{ F func() }

type withAny struct{ Any any }

type cell struct{ X, Y int }

type sku string

type withKeys struct{ M map[float64]int }

//wfe:workflow
func SavedKeys(w *wfe.Flow, o *Order) {
	type local string
	cells, pairs, with := map[cell]bool{}, map[[2]int]bool{}, withKeys{}
	locals, bools, lists := map[local]int{}, map[bool]int{}, []map[cell]int{{}}
	names, ints, times := map[sku]int{}, map[uint8]int{}, map[time.Time]int{}
	wfe.Do(w, Charge{})
	o.N = len(cells)  // want WFE4012 it is of type map[cell]bool, and a key is saved as a text
	o.N = len(pairs)  // want WFE4012 map[[2]int]bool
	o.N = len(with.M) // want WFE4012 map[float64]int
	o.N = len(locals) // want WFE4012 declared in a function
	o.N = len(bools)  // want WFE4012 map[bool]int
	o.N = len(lists)  // want WFE4012 map[cell]int
	o.N = len(names) + len(ints) + len(times)
}

//wfe:workflow
func SavedLocals(w *wfe.Flow, o *Order) {
	f := func() int { return 1 }
	var e error = errStock
	var a any = 3
	var c complex128 = 1
	p := &Item{}
	ps := []*Item{}
	s := secretive{1}
	l := locked{}
	tg, cd := tagged{}, called{}
	fs := []func(){}
	wf := withFunc{}
	r := io.Reader(strings.NewReader("x"))
	type local struct{ N int }
	lo := local{1}
	h := lib.Hidden()
	b := strings.Builder{}
	ctx := contextOf() // want WFE4003 order.contextOf is not marked
	los := []local{}
	wfe.Do(w, Charge{})
	o.N = f()             // want WFE4012 it is a function
	o.Failure = e.Error() // want WFE4012 it is an error
	_ = a
	_ = c               // want WFE4012 of type complex128
	o.N = p.Qty         // want WFE4012 it is a pointer, *Item
	o.N = len(ps)       // want WFE4012 a pointer
	o.N = s.n           // want WFE4012 field n is not exported
	o.N = l.N           // want WFE4012 field keys is not exported
	o.N = tg.N          // want WFE4012 field keys is not exported
	o.N = cd.N          // want WFE4012 its field F is a function
	o.N = len(fs)       // want WFE4012 it is a function
	_ = wf              // want WFE4012 its field F is a function
	_ = r               // want WFE4012 an interface, io.Reader
	o.N = lo.N          // want WFE4012 declared in a function
	o.N = h.N           // want WFE4012 cannot name
	o.Note = b.String() // want WFE4012 is not exported
	_ = ctx             // want WFE4012 an interface
	o.N = len(los)      // want WFE4012 declared in a function
}

func contextOf() context.Context { return context.Background() }

//wfe:workflow
func SavedThroughNodes(w *wfe.Flow, o *Order) {
	if err := check(o); err != nil {
		o.Failure = err.Error()
		wfe.Do(w, Charge{})
		wfe.Fail(w, err) // want WFE4012 err is kept
	}
	if err := check(o); err != nil {
		wfe.Do(w, Charge{})
	} else if errors.Is(err, io.EOF) { // asked before the call, for it has none itself
		o.N++
	}
	if err := check(o); err != nil {
		o.N++
	} else if o.N > 1 {
		wfe.Do(w, Charge{})
		o.Failure = fmt.Sprint(err) // want WFE4012 err is kept
	}
	switch err := check(o); {
	case err != nil:
		o.Failure = err.Error()
		wfe.Do(w, Charge{})
	case o.N > 2:
		wfe.Do(w, Charge{})
		o.Failure = fmt.Sprint(err) // want WFE4012 err is kept
	default:
		o.Failure = fmt.Sprint(err)
	}
	err := check(o)
	wfe.Do(w, Charge{})
	wfe.Fail(w, err) // want WFE4012 err is kept
}

// NotSavedByFail fails with what is not saved: wfe.Fail leaves plain code, as return does.
//
//wfe:workflow
func NotSavedByFail(w *wfe.Flow, o *Order) {
	if err := check(o); err != nil {
		o.Failure = err.Error()
		wfe.Fail(w, err)
	}
	n, err := strconv.Atoi(o.Note)
	if err != nil {
		wfe.Fail(w, err)
	}
	o.N = n
	for i, it := range o.Items {
		switch err := check(o); {
		case err != nil && i > 0:
			wfe.Fail(w, fmt.Errorf("%s: %w", it.SKU, err))
			return
		}
	}
	wfe.Do(w, Charge{})
	wfe.Saga(w, func() {
		err := check(o)
		wfe.Fail(w, err)
		o.N = 1 // want WFE3018 never reached
	})
}

//wfe:workflow
func FailsWhereNothingCanBeLeft(w *wfe.Flow, o *Order) {
	wfe.Do(w, Charge{}, wfe.CancelWhen(func() bool {
		wfe.Fail(w, errors.New("x")) // want WFE4007 wfe.Fail stands in a condition
		return true
	}))
	func() {
		wfe.Fail(w, errors.New("x")) // want WFE4008 stands in a function literal
	}()
	for i := 0; i < 2; wfe.Fail(w, errors.New("x")) { // want WFE4007 in the header of a statement
		i++
	}
	wfe.Parallel(w,
		func() { wfe.Do(w, Charge{}) },
		func() { wfe.Fail(w, errors.New("x")) }) // want WFE4019 nothing in this branch
	fail := wfe.Fail                           // want WFE4008 used as a value
	fail(w, nil)                               // want WFE4008 function value
	if wfe.Fail(w, errors.New("x")); o.N > 0 { // want WFE4007 in the header of a statement
		o.N = 2
	}
}

//wfe:pure
func check(o *Order) error {
	if o.N < 0 {
		return errors.New("negative")
	}
	return nil
}

//wfe:workflow
func SavedInLoops(w *wfe.Flow, o *Order) {
	var last error
	for _, it := range o.Items {
		if last != nil { // want WFE4012 last is kept
			o.Failure = last.Error()
		}
		wfe.Do(w, Reserve{SKU: it.SKU})
		last = fmt.Errorf("no %s", it.SKU)
	}
	byPointer(w, &o.Items[0])
	wfe.Saga(w, func() {
		p := &o.First
		wfe.Do(w, Charge{})
		p.Qty = 3 // want WFE4012 p is kept
	})
}

func byPointer(w *wfe.Flow, it *Item) {
	wfe.Do(w, Reserve{SKU: it.SKU})
	it.Qty = 3 // want WFE4012 it is kept
}

// SavedWhereItMayNotBeGiven reads what another unit has given a variable, on some way at least.
//
//wfe:workflow
func SavedWhereItMayNotBeGiven(w *wfe.Flow, o *Order) {
	var a, b, c, d, e, f, g, h, i, j error
	wfe.Do(w, Charge{})
	if o.N > 0 {
		a = check(o)
	}
	_ = a // want WFE4012 a is kept
	for range o.N {
		b = check(o)
	}
	_ = b // want WFE4012 b is kept
	switch o.N {
	case 1:
		c = check(o)
	case 2:
		c = nil
	}
	_ = c // want WFE4012 c is kept
	set := func() { d = check(o) }
	set()
	_ = d                             // want WFE4012 d is kept
	e = errors.Join(e, check(o))      // want WFE4012 e is kept
	seen := func() error { return f } // want WFE4012 f is kept
	f = check(o)
	_ = seen
	p := &g // want WFE4012 g is kept
	g = check(o)
	_ = p
	_, h = parse(o.Note)
	wfe.Do(w, Charge{}, wfe.Name("again"))
	_ = h // want WFE4012 h is kept
	wfe.Saga(w, func() {
		wfe.Undo(w, func() {
			o.Done = i != nil // want WFE4012 i is kept
		})
		i = check(o)
		wfe.Do(w, Charge{}, wfe.Name("saga"))
	})
	for range o.N {
		if o.Done {
			_, j = parse(o.Note)
			break
		}
		wfe.Do(w, Charge{}, wfe.Name("loop"))
	}
	_ = j // want WFE4012 j is kept
}

// SavedNowhere gives variables a value in each unit before it reads them.
//
//wfe:workflow
func SavedNowhere(w *wfe.Flow, o *Order) {
	n, err := parse(o.Note)
	if err != nil {
		wfe.Fail(w, err)
	}
	wfe.Do(w, Charge{})
	m, err := parse(o.Note)
	if err != nil {
		wfe.Fail(w, err)
	}
	o.N = n + m
	wfe.Do(w, Charge{}, wfe.Name("again"))
	if o.N > 0 {
		err = check(o)
	} else {
		_, err = parse(o.Note)
	}
	switch {
	case err != nil:
		err = nil
	default:
		err = check(o)
	}
	for range o.N {
		wfe.Do(w, Charge{}, wfe.Name("loop"))
		if _, err = parse(o.Note); err != nil {
			o.Failure = err.Error()
			continue
		}
		for err = check(o); err != nil; err = check(o) {
			o.N++
		}
	}
	if err = check(o); err != nil {
		wfe.Do(w, Charge{}, wfe.Name("early"))
	}
}

//wfe:workflow
func SavedLocalsThatAreFine(w *wfe.Flow, o *Order) {
	if err := check(o); err != nil {
		o.Failure = err.Error()
	}
	problem := ""
	if err := check(o); err != nil {
		problem = err.Error()
	}
	if problem != "" {
		wfe.Fail(w, errors.New(problem))
	}
	f := func(n int) int { return n }
	p := &o.Items[0]
	p.Qty = f(1)
	type local struct{ N int }
	lo := local{1}
	o.N = lo.N
	m := map[string][]Item{}
	m["x"] = o.Items
	at := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	n, s, ok, d := 1, "x", true, time.Hour
	grid := [3]int{}
	t := cached{Keys: map[string]int{"a": 1}}
	big := *big.NewInt(3)
	anon := struct{ N int }{1}
	any := withAny{}
	r := wfe.Do(w, Reserve{SKU: "x"}) // its dependency is not saved
	f2 := wfe.Try(w, func() { wfe.Do(w, Charge{}) })
	wfe.Sleep(w, d)
	if f2 != nil {
		wfe.Do(w, Charge{}, wfe.Name("again"))
		o.Failure = f2.Message
	}
	o.N = n + len(s) + grid[0] + t.N + anon.N + r.Got + len(m["x"])
	o.Done = ok && at.After(o.Due) && big.Sign() > 0 && any.Any == nil
	ev := wfe.WaitFor[Approval](w, o.ID)
	wfe.Sleep(w, d, wfe.Name("b"))
	o.Done = ev.OK
	answer := wfe.Poll(w, wfe.Endpoint{URL: "https://example.com"})
	wfe.Sleep(w, d, wfe.Name("c"))
	_ = answer
	for i, it := range o.Items {
		if it.Qty == 0 {
			continue
		}
		wfe.Do(w, Reserve{SKU: it.SKU})
		o.N += i
	}
	for _, it := range o.Ptrs {
		wfe.Do(w, Reserve{SKU: it.SKU}, wfe.Name("ptrs"))
		o.N += it.Qty
	}
}

// SavedElements runs over what cannot be saved: the elements of a loop with calls are.
//
//wfe:workflow
func SavedElements(w *wfe.Flow, o *Order) {
	for _, s := range []secretive{{1}, {2}} { // want WFE4012 s is kept over a place where the workflow can rest, and cannot be saved: it is of type secretive
		wfe.Do(w, Charge{})
		o.N += s.n
	}
	for _, f := range []func() int{func() int { return 1 }} { // want WFE4012 it is a function
		wfe.Do(w, Charge{}, wfe.Name("funcs"))
		o.N += f()
	}
	for _, err := range []error{io.EOF} { // want WFE4012 it is an error
		wfe.Do(w, Charge{}, wfe.Name("errors"))
		o.Failure = err.Error()
	}
	for i := range []func(){nil, nil} { // their number is saved
		wfe.Do(w, Charge{}, wfe.Name("counted"))
		o.N += i
	}
	wfe.ForEach(w, []locked{{N: 1}}, func(l locked) { // want WFE4012 its field keys is not exported
		wfe.Do(w, Charge{}, wfe.Name("locked"))
	})
	errs := []error{io.EOF}
	for i := range errs { // nothing of them is needed but how many there are
		wfe.Do(w, Charge{}, wfe.Name("numbers"))
		o.N += i
	}
	arr := &[3]int{}
	for i := range arr {
		wfe.Do(w, Charge{}, wfe.Name("array"))
		o.N += i
	}
	x, err := loaded(w, o) // want WFE4012 what loaded returns is kept over the place where it ends, and cannot be saved: it is an error
	if err != nil {
		o.Failure = err.Error()
		return
	}
	o.Note = x
}

func loaded(w *wfe.Flow, o *Order) (string, error) {
	wfe.Do(w, Charge{}, wfe.Name("loaded"))
	return o.Note, check(o)
}
