package flowzoo

import (
	"fmt"

	wfe "github.com/wfegen/wfe/runtime"
)

// Square has an array, which a copy does not share.
type Square struct {
	Sides [2]int
}

// Ranges runs over arrays and numbers in all the ways that Go has.
//
//wfe:workflow
func Ranges(w *wfe.Flow, c *Case) {
	three := [3]int{c.N, 1, 2}
	//wfe:id pointed
	for i, v := range &three {
		wfe.Do(w, Say{Text: fmt.Sprint(i, v)}, wfe.Name("pointed"))
		c.Sum += i * v
	}
	//wfe:id counted
	for i := range three { // the length is known without the array
		wfe.Do(w, Say{Text: fmt.Sprint(i)}, wfe.Name("counted"))
		c.Sum += i
	}
	var small uint8
	//wfe:id small
	for small = range 3 {
		wfe.Do(w, Say{Text: fmt.Sprint(small)}, wfe.Name("small"))
	}
	at, places := 0, make([]int, 10)
	//wfe:id both
	for places[at], at = range []int{3, 1, 2} {
		wfe.Do(w, Say{Text: fmt.Sprint(places, at)}, wfe.Name("both"))
		c.Log = append(c.Log, fmt.Sprint(places, at))
	}
	//wfe:id last
	for c.Sum, c.Sum = range three {
		wfe.Do(w, Say{Text: fmt.Sprint(c.Sum)}, wfe.Name("last"))
	}
	var squares []Square
	for i := range 2 {
		squares = append(squares, Square{Sides: [2]int{i, i}})
	}
	//wfe:id squares
	wfe.ForEach(w, squares, func(s Square) {
		copy(s.Sides[:], []int{5, 6})
		said := wfe.Do(w, Say{Text: fmt.Sprint(s.Sides)}, wfe.Name("square"))
		c.Log = append(c.Log, fmt.Sprint(said.Said, s.Sides))
	}, wfe.Sequential())
}

// Counts runs over numbers: none of them is kept, so there may be as many as there are.
//
//wfe:workflow
func Counts(w *wfe.Flow, c *Case) {
	for attempt := range 1 << 40 {
		wfe.Do(w, Say{Text: fmt.Sprint(attempt)}, wfe.Name("attempt"))
		if attempt >= c.N {
			break
		}
	}
	n := int8(3)
	//wfe:id small
	for i := range n {
		n = 100 // it was taken when the loop began
		if i == 1 {
			continue
		}
		k := i
		i += 10
		wfe.Do(w, Say{Text: fmt.Sprint(i, k)}, wfe.Name("small"))
		c.Sum += int(i)
	}
	//wfe:id none
	// none, for small numbers: a comment may stand below a directive
	for range c.N - 3 {
		wfe.Do(w, Say{Text: "none"}, wfe.Name("none"))
	}
	words := append(c.Words, "more")
	//wfe:id words
	for c.Sum = range words {
		failed := wfe.Try(w, func() {
			last := c.Sum
			wfe.Undo(w, func() { c.Log = append(c.Log, fmt.Sprint("undone ", last)) })
			wfe.Do(w, Say{Text: words[c.Sum], Fails: "more"}, wfe.Name("word"))
		})
		c.Log = append(c.Log, fmt.Sprint(failed != nil))
	}
	f := wfe.Try(w, func() {
		for i := range 3 {
			wfe.Undo(w, func() { c.Log = append(c.Log, fmt.Sprint("round ", i)) })
			wfe.Do(w, Say{Text: "round", Fails: []string{"", "", "round"}[i]}, wfe.Name("round"))
		}
	}, wfe.Name("rounds"))
	c.Log = append(c.Log, f.Message)
}
