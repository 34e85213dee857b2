package order

import (
	"fmt"
	"time"

	wfe "github.com/wfegen/wfe/runtime"
)

// Dynamics is data with values of any type.
//
//wfe:data
type Dynamics struct {
	N    int
	Any  any
	Tags []Tag
}

type Tag struct {
	Key   string
	Value any
}

//wfe:pure
func tagOf(n int) Tag { return Tag{Value: Piece{ID: fmt.Sprint(n)}} }

//wfe:pure
func fineTag(n int) Tag { return Tag{Key: fmt.Sprint(Piece{}), Value: n} }

//wfe:workflow
func InAnAny(w *wfe.Flow, o *Dynamics) {
	a, b := Tag{Value: Piece{}}, Tag{"x", 3}
	c := tagOf(1)
	d := fineTag(1)
	e := a
	f := []Tag{{Value: map[string]interface{}{"a": []any{1, time.Second, []byte("x")}}}}
	g := []Tag{{Value: map[string]any{"a": []any{1, Piece{}}}}}
	var h Tag
	h.Value = &Piece{}
	i := append([]Tag{b}, Tag{Value: [2]int{}})
	here := Tag{Value: Piece{}} // used before the next call alone
	o.N += len(here.Key)
	o.Any = Piece{}
	o.Tags = append(o.Tags, a)
	wfe.Do(w, Charge{})
	o.N = len(a.Key) // want WFE4012 with a value of type Piece in an interface
	o.N = len(b.Key+d.Key) + len(f)
	o.N = len(c.Key) // want WFE4012 with a value of type Piece
	o.N = len(e.Key) // want WFE4012 with a value of type Piece
	o.N = len(g)     // want WFE4012 with a value of type Piece
	o.N = len(h.Key) // want WFE4012 with a value of type *Piece
	o.N = len(i)     // want WFE4012 with a value of type [2]int
	for _, t := range o.Tags {
		wfe.Do(w, Charge{}, wfe.Name("a"))
		o.N += len(t.Key)
	}
	o.Tags = append(o.Tags, Tag{Value: Piece{}})
	for _, t := range o.Tags { // want WFE4012 with a value of type Piece
		wfe.Do(w, Charge{}, wfe.Name("b"))
		o.N += len(t.Key)
	}
	for _, t := range []Tag{tagOf(1)} { // want WFE4012 with a value of type Piece
		wfe.Do(w, Charge{}, wfe.Name("c"))
		o.N += len(t.Key)
	}
	tagged1(w, o, Tag{Value: Piece{}})
}

func tagged1(w *wfe.Flow, o *Dynamics, t Tag) {
	wfe.Do(w, Charge{})
	o.N += len(t.Key) // want WFE4012 with a value of type Piece
}
