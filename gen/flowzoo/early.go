package flowzoo

import (
	"errors"
	"fmt"

	wfe "github.com/wfegen/wfe/runtime"
)

// Early has ifs with calls that ask for errors, which are never saved.
//
//wfe:workflow
func Early(w *wfe.Flow, c *Case) {
	err := check(Row{Name: "fine"})
	c.Log = append(c.Log, fmt.Sprint(err))
	if err := check(Row{Name: c.Fails}); err != nil {
		c.Log = append(c.Log, err.Error())
		text := "because of " + err.Error()
		wfe.Do(w, Say{Text: text}, wfe.Name("because"))
		c.Log = append(c.Log, text)
	} else {
		c.Log = append(c.Log, "fine")
		wfe.Do(w, Say{Text: "fine"})
	}
	//wfe:id words
	for i, word := range c.Words {
		n, err := number(c.Words[:i+1])
		if err == nil {
			wfe.Do(w, Say{Text: word})
			c.Sum += n
		} else if errors.Is(err, errMany) {
			c.Log = append(c.Log, err.Error())
			break
		}
		//wfe:id last-word
		if err := check(Row{Name: word}); err != nil && word == "last" {
			c.Sum += 100
			if c.N == 7 {
				continue
			}
			wfe.Do(w, Say{Text: "last"}, wfe.Name("last"))
			c.Sum += 1000
			return
		}
	}
	f := wfe.Try(w, func() {
		err := check(Row{Name: c.Fails})
		//wfe:id good
		if yes(err == nil) {
			wfe.Do(w, Say{Text: "good"})
		} else {
			c.Sum++
			wfe.Fail(w, err)
		}
	})
	if f != nil {
		c.Log = append(c.Log, f.Message)
	}
}

type yes bool

// Labels has labels of loops without calls, and a loop over the indices of an array that it writes.
//
//wfe:workflow
func Labels(w *wfe.Flow, c *Case) {
	var found [2]int
rows:
	for i, row := range c.Rows {
		for _, cell := range row.Cells {
			switch {
			case cell == 0:
				continue rows
			case cell > 2:
				found[0] = i + 1
				break rows
			}
			c.Sum += cell
		}
	}
	for i := range found {
		n := wfe.Do(w, Say{Text: fmt.Sprint(found)}).Len
	down:
		for {
			for range n {
				c.Sum += i
				break down
			}
		}
		found[i] += n
		found = [2]int{found[1], found[0]}
	}
	c.Log = append(c.Log, fmt.Sprint(found))
}
