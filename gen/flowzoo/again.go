package flowzoo

import (
	"errors"
	"fmt"

	wfe "github.com/wfegen/wfe/runtime"
)

// Again gives variables a new value behind calls, before it reads them: they are not saved, so they may be errors and functions.
//
//wfe:workflow
func Again(w *wfe.Flow, c *Case) {
	n, err := number(c.Words)
	if err != nil {
		wfe.Fail(w, err)
	}
	upper := func(s string) string { return s + "!" }
	c.Log = append(c.Log, upper(fmt.Sprint(n)))
	wfe.Do(w, Say{Text: "first"}, wfe.Name("first"))
	m, err := number(append(c.Words, "more"))
	if err != nil {
		c.Log = append(c.Log, err.Error())
		m = 9
	}
	upper = func(s string) string { return s + "?" }
	c.Log = append(c.Log, upper("m"))
	wfe.Do(w, Say{Text: fmt.Sprint(n, m)}, wfe.Name("second"))
	if err = check(Row{Name: c.Fails}); err != nil { // the answer is saved
		c.Log = append(c.Log, "and "+err.Error())
		wfe.Do(w, Say{Text: "third"}, wfe.Name("third"))
	} else {
		err = errMany
		c.Log = append(c.Log, err.Error())
	}
	for i, word := range c.Words {
		wfe.Do(w, Say{Text: word}, wfe.Name("word"))
		switch {
		case i == 0:
			err = check(Row{Name: word})
		case word == "last":
			_, err = number(nil)
		default:
			err = nil
			if word == "x" {
				continue
			}
		}
		if err == nil {
			c.Sum++
		}
		{
			_, err = number(c.Words)
			c.Log = append(c.Log, fmt.Sprint(err))
			var wrapped func() string
			wfe.Do(w, Say{Text: fmt.Sprint(i)}, wfe.Name("inner"))
			_, err = number(c.Words[:i])
			if wrapped = func() string { return fmt.Sprint(i, err) }; i > 0 {
				err = errors.Join(err, errMany)
				c.Log = append(c.Log, wrapped())
			}
			m, err := number(c.Words[i:]) // another one
			c.Log = append(c.Log, fmt.Sprint(m, err))
		}
		wfe.Do(w, Say{Text: "end"}, wfe.Name("end"))
		if _, err = number(c.Words); err != nil && i > 2 {
			break
		}
	}
	//wfe:id hides
	if c.N > 2 {
		wfe.Do(w, Say{Text: "hides"}, wfe.Name("say"))
		err = check(Row{Name: "s"})
		c.Log = append(c.Log, err.Error())
		seen := func() error { return err }
		n, err := number(c.Words)
		c.Log = append(c.Log, fmt.Sprint(n, err, seen()))
	}
	f := wfe.Try(w, func() {
		wfe.Undo(w, func() {
			_, err = number(nil)
			c.Log = append(c.Log, fmt.Sprint("undone ", err))
		})
		for i := 0; i < 2; i++ {
			if err = check(Row{Name: c.Fails}); errors.Is(err, errMany) {
				wfe.Fail(w, err)
			}
			wfe.Do(w, Say{Text: fmt.Sprint("try ", i), Fails: fmt.Sprint("try ", c.N)}, wfe.Name("try"))
		}
		if _, err = number(c.Words); err != nil {
			wfe.Fail(w, err)
		}
	})
	if f != nil {
		c.Log = append(c.Log, f.Message)
	}
}

// Grouped declares variables in groups, in which one begins with another.
//
//wfe:workflow
func Grouped(w *wfe.Flow, c *Case) {
	a, b := c.N, 4
	var (
		x    = a
		y, z = x + 1, b
		x2   int // nothing
		said = fmt.Sprint(x, y)
	)
	wfe.Do(w, Say{Text: fmt.Sprint(x + y + z + x2)})
	var ()
	var p, q = x, fmt.Sprint(x) + said
	wfe.Do(w, Say{Text: q}, wfe.Name("second"))
	c.Sum = p + x2
	c.Log = append(c.Log, q)
}
