package flowzoo

import (
	"errors"
	"fmt"
	"strconv"

	wfe "github.com/wfegen/wfe/runtime"
)

// Fails fails from plain code in each place where that can stand, with errors that are never saved.
//
//wfe:workflow
func Fails(w *wfe.Flow, c *Case) {
	for i, word := range c.Words { // no call but that: plain code
		if word == "bad" {
			c.Log = append(c.Log, "bad word")
			wfe.Fail(w, fmt.Errorf("word %d is %s", i, word))
		}
	}
	f := wfe.Try(w, func() {
		wfe.Undo(w, func() { c.Log = append(c.Log, "undone") })
		n, err := number(c.Words)
		if err != nil {
			wfe.Fail(w, err)
		}
		c.Sum += n
		wfe.ForEach(w, c.Rows, func(row Row) {
			if err := check(row); err != nil {
				//wfe:id bad-row
				wfe.Fail(w, err)
			}
			wfe.Do(w, Say{Text: row.Name})
			switch n := len(row.Cells); {
			case n > 2:
				err := errors.New(row.Name + " is long")
				wfe.Fail(w, err)
			case n == 2:
				c.Sum++
			}
		})
	})
	if f != nil {
		c.Log = append(c.Log, f.Message)
	}
	//wfe:id alone
	f = wfe.Try(w, func() {
		wfe.Fail(w, errors.New("alone"))
	})
	if f.Message != "alone" {
		c.Log = append(c.Log, "not caught")
	}
	if c.N > 5 {
		wfe.Saga(w, func() {
			err := check(Row{Name: c.Fails})
			wfe.Fail(w, err) // in a saga
		})
	} else {
		wfe.Do(w, Say{Text: "small"})
		if c.N == 1 {
			wfe.Fail(w, errors.New("it is one"))
		}
		n := parsed(w, c)
		c.Sum += n
	}
	if err := check(Row{Name: c.Fails}); err != nil {
		c.Log = append(c.Log, "failing")
		wfe.Fail(w, err) // in an if
	}
	c.Log = append(c.Log, "done")
}

// parsed is compiled into its caller, which it fails.
func parsed(w *wfe.Flow, c *Case) int {
	for _, word := range c.Words {
		said := wfe.Do(w, Say{Text: word}).Said
		n, err := strconv.Atoi(said)
		if err != nil && word == "x" {
			c.Log = append(c.Log, "not a number")
			wfe.Fail(w, fmt.Errorf("%q: %w", word, err))
			return 0
		}
		if n > 10 {
			return n
		}
	}
	return -1
}

var errMany = errors.New("too many")

//wfe:pure
func number(words []string) (int, error) {
	if len(words) > 3 {
		return 0, fmt.Errorf("%d words: %w", len(words), errMany)
	}
	return len(words), nil
}

//wfe:pure
func check(row Row) error {
	if row.Name == "last" || row.Name == "s" {
		return errors.New("row " + row.Name)
	}
	return nil
}
