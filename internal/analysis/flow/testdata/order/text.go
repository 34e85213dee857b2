package order

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unsafe"

	wfe "github.com/wfegen/wfe/runtime"
)

type linked struct {
	N    int
	Next *linked
}

type spoken struct{ next *spoken }

func (s spoken) String() string { return "spoken" }

type pointed2 struct{ N int }

func (p *pointed2) String() string { return "p" }

type (
	showsOpen   struct{ P *pointed2 }
	showsHidden struct{ p *pointed2 }
	hiddenTime  struct{ at time.Time }
	openTime    struct{ At time.Time }
	hiddenErr   struct{ err error }
	openErr     struct{ Err error }
	calls       struct{ F func() }
	textError   struct{ next *linked }
)

func (e *textError) Error() string { return "text" }

//wfe:workflow
func TextOfPointers(w *wfe.Flow, o *Order) {
	l := linked{Next: &linked{}}
	o.Note = fmt.Sprint(l)                                // want WFE4002 the text of l has an address in it
	o.Note = fmt.Sprintln(1, o.Gift, &l, o.Ptrs)          // want WFE4002 the text of &l | WFE4002 the text of o.Ptrs
	o.Note = fmt.Sprint(o)                                // want WFE4002 the text of o has
	o.Note = fmt.Sprintf("%d %v", o.N, l)                 // want WFE4002 the text of l
	o.Note = fmt.Sprintf("%p", o.Gift)                    // want WFE4002 the text of o.Gift
	o.Note = fmt.Sprintf("%*d %#v", o.N, o.N, spoken{})   // want WFE4002 the text of spoken{}
	o.Note = fmt.Sprintf("%[2]d %[1]v", l, o.N)           // want WFE4002 the text of l
	o.Failure = fmt.Errorf("%v: %w", l, errStock).Error() // want WFE4002 the text of l
	o.Note = string(fmt.Append(nil, l))                   // want WFE4002 the text of l
	o.Note = string(fmt.Appendf(nil, "%v", l))            // want WFE4002 the text of l
	var b strings.Builder
	fmt.Fprintf(&b, "%v", l)                                      // want WFE4002 the text of l
	o.Note = fmt.Sprint(showsHidden{}, hiddenTime{}, hiddenErr{}) // want WFE4002 showsHidden{} | WFE4002 hiddenTime{} | WFE4002 hiddenErr{}
	o.Note = fmt.Sprint(calls{}, map[string]*Gift{}, []func(){})  // want WFE4002 calls{} | WFE4002 map[string]*Gift{} | WFE4002 []func(){}
	if o.N > 3 {
		panic(l) // want WFE4002 the text of l
	}
	n := o.N
	at := unsafe.Pointer(&n) // want WFE4002 unsafe.Pointer is about the process
	o.N = int(uintptr(at))
	wfe.Do(w, Charge{Cents: int64(len(fmt.Sprint(l)))}) // want WFE4002 the text of l
	o.N = textOf(o)
	o.N = cap(o.Items) // want WFE4002 cap(o.Items) depends on how memory was allocated
}

//wfe:pure
func textOf(o *Order) int { return len(fmt.Sprint(o.Ptrs)) } // want WFE4004 but the text of o.Ptrs has an address in it

//wfe:workflow
func TextsThatAreFine(w *wfe.Flow, o *Order) {
	o.Note = fmt.Sprint(o.Items, o.Counts, o.First, o.Due, o.Grid, o.Names, &o.First, o.Gift)
	o.Note = fmt.Sprintf("%v %+v %s %q %x", o.Items, o.First, o.Names, o.Note, o.N)
	o.Note = fmt.Sprintf("%T %v", linked{}, spoken{})
	o.Note = fmt.Sprint(showsOpen{}, openTime{}, openErr{}, spoken{}, &pointed2{})
	err := fmt.Errorf("no %s: %w", o.ID, errStock)
	o.Note = fmt.Sprint(err, &textError{}, errors.Join(err), time.Second)
	o.Note = fmt.Sprintf("%s: %v", err, wfe.Now(w))
	var x any = o.N
	o.Note = fmt.Sprint(x, cap(o.Grid))
	o.Note = fmt.Sprintf("100%% %d", o.N)
	if f := wfe.Try(w, func() { wfe.Do(w, Charge{Cents: o.Cents}) }); f != nil {
		o.Note = fmt.Sprint(f)
	}
	if o.N > 3 {
		panic(fmt.Sprintf("too many: %d", o.N))
	}
}
