package flowzoo

import (
	"errors"
	"fmt"

	wfe "github.com/wfegen/wfe/runtime"
)

// Caught panics in all sorts of code in a Try, which keeps what has been written by then.
//
//wfe:workflow
func Caught(w *wfe.Flow, c *Case) {
	for i := range 9 {
		c.Log = append(c.Log, "")
		seen := "none"
		f := wfe.Try(w, func() {
			wfe.Undo(w, func() { c.Log = append(c.Log, "undone, "+c.Log[len(c.Log)-1]) })
			c.Log = append(c.Log, fmt.Sprint("round ", i))
			//wfe:id sort
			switch seen = "seen"; i {
			//wfe:id input
			case 0:
				wfe.Do(w, Say{Text: c.Words[len(c.Words)]})
			//wfe:id condition
			case 1:
				if c.Words[len(c.Words)] != "" {
					wfe.Do(w, Say{Text: "never"})
				}
			//wfe:id behind
			case 2:
				said := wfe.Do(w, Say{Text: "said"})
				c.Sum += said.Len
				c.Log = append(c.Log, said.Said, c.Words[len(c.Words)])
			//wfe:id rows
			case 3:
				for _, cell := range c.Rows[len(c.Rows)].Cells {
					wfe.Do(w, Say{Text: fmt.Sprint(cell)})
				}
			//wfe:id helped
			case 4:
				broken(w, c, i)
			//wfe:id deep
			case 5:
				for k := range 3 {
					c.Sum += 7
					wfe.Do(w, Say{Text: "deep"})
					c.Sum += wordLen(c.Words, len(c.Words)-k-1+k/2*9)
				}
			//wfe:id counted
			case 6:
				for k := 0; k < 4; k += 2 / (1 - k/2) {
					wfe.Do(w, Say{Text: "counted"})
				}
			//wfe:id within
			case 7:
				g := wfe.Try(w, func() {
					c.Sum += 1000
					wfe.Do(w, Say{Text: "within"})
					panic(errors.New("within"))
				})
				c.Log = append(c.Log, g.Message, g.Step)
				panic(g.Message)
			default:
				wfe.Do(w, Say{Text: "fine"})
			}
		})
		if f != nil {
			c.Log = append(c.Log, seen, f.Message, f.Step)
		}
	}
}

func broken(w *wfe.Flow, c *Case, at int) {
	wfe.Do(w, Say{Text: "broken"})
	words := append(c.Words, "more")
	c.Log = append(c.Log, "broken")
	c.Log = append(c.Log, words[at+len(words)])
}

//wfe:pure
func wordLen(words []string, at int) int { return len(words[at]) }
