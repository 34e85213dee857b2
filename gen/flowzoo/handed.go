package flowzoo

import (
	"fmt"
	"strings"
	"time"

	wfe "github.com/wfegen/wfe/runtime"
)

// By is who said it.
type By struct{ Who string }

// Called is an event whose fields are promoted.
//
//wfe:event
type Called struct {
	By
	N int
}

// Handed hands arguments and results in all the ways that Go has.
//
//wfe:workflow
func Handed(w *wfe.Flow, c *Case) {
	none := joined(w, c, "none")
	c.Log = append(c.Log, none)
	//wfe:id two
	two := joined(w, c, "two", c.Fails, fmt.Sprint(c.N))
	c.Log = append(c.Log, two)
	//wfe:id list
	list := joined(w, c, "list", c.Words...)
	c.Log = append(c.Log, list)
	unused(w, nil, 7, nil, 1, 2)
	n := 0
	next := func() int { n++; return n }
	ordered(w, c, next(), next(), next(), next(), next())
	k := 100
	next = func() int { k++; return k }
	second := 7
	//wfe:id hidden
	ordered(w, c, next(), next()+n, next(), next(), second+c.N)
	event, ok := wfe.WaitForWithin[Called](w, "none", time.Hour, wfe.Name("none"))
	wfe.Do(w, Say{Text: "event"}, wfe.Name("event"))
	c.Log = append(c.Log, fmt.Sprint(event.Who, event.By.Who, event.N, ok))
	for i := range 2 {
		events, answered := make([]Called, 2), map[string]bool{"a": true}
		events[i], answered["a"] = wfe.WaitForWithin[Called](w, "none", time.Hour, wfe.Name("element"))
		c.Log = append(c.Log, fmt.Sprint(events, answered))
		if e, ok := late(w, c, i > 0); !ok {
			c.Log = append(c.Log, fmt.Sprint("late ", e.N))
		}
	}
	if f := refused(w, c); f != nil {
		c.Log = append(c.Log, f.Message)
	}
}

func joined(w *wfe.Flow, c *Case, sep string, words ...string) string {
	var said []string
	for _, word := range words {
		s := wfe.Do(w, Say{Text: word + sep})
		said = append(said, s.Said)
	}
	said = append(said, fmt.Sprint(words == nil, len(words)))
	return strings.Join(said, sep)
}

func unused(w *wfe.Flow, _ []int, _ int, m map[string]int, more ...int) {
	wfe.Do(w, Say{Text: "unused"})
}

func ordered(w *wfe.Flow, c *Case, n, second, _ int, more ...int) {
	said := wfe.Do(w, Say{Text: fmt.Sprint(n, second, more)})
	c.Log = append(c.Log, said.Said)
}

func late(w *wfe.Flow, c *Case, early bool) (Called, bool) {
	if early {
		return wfe.WaitForWithin[Called](w, "none", time.Hour, wfe.Name("early"))
	}
	wfe.Do(w, Say{Text: "late"})
	return wfe.WaitForWithin[Called](w, "none", time.Hour)
}

func refused(w *wfe.Flow, c *Case) *wfe.Failure {
	wfe.Do(w, Say{Text: "refused"})
	if _, err := number(c.Words); err != nil {
		return &wfe.Failure{Message: err.Error()}
	}
	return nil
}
