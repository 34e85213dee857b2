package flowzoo

import (
	"fmt"

	wfe "github.com/wfegen/wfe/runtime"
)

// Apart has data whose parts were the same memory when they were made.
//
//wfe:workflow
func Apart(w *wfe.Flow, c *Case) {
	c.Rows = repeated(3)
	wfe.Do(w, Say{Text: "a"}, wfe.Name("a"))
	c.Rows[0].Cells[0] = 9
	for i := range c.Rows {
		c.Rows[i].Cells[1] += i
	}
	wfe.Do(w, Say{Text: "b"}, wfe.Name("b"))
	c.Log = append(c.Log, fmt.Sprint(c.Rows))
}

//wfe:pure
func repeated(n int) (out []Row) {
	cells := []int{1, 2}
	for range n {
		out = append(out, Row{Cells: cells})
	}
	return out
}
