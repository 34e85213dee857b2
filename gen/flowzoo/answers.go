package flowzoo

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	wfe "github.com/wfegen/wfe/runtime"
)

// Answers has switches that ask for errors, and calls that are given what they say.
//
//wfe:workflow
func Answers(w *wfe.Flow, c *Case) {
	for i, word := range c.Words {
		n, err := number(c.Words[:i+1])
		if word == "bad" {
			err = check(Row{Name: "last"})
		}
		switch {
		//wfe:id none
		case err == nil && n%2 == 0:
			c.Log = append(c.Log, "even")
			wfe.Do(w, Say{Text: word})
		//wfe:id none-odd
		case err == nil:
			c.Sum += n
		//wfe:id many
		case errors.Is(err, errMany), c.N == 1 && c.Words[i+100] == "": // the index is asked for only if the first part does not hold
			text := err.Error()
			c.Log = append(c.Log, text)
			if c.N == 7 {
				break
			}
			said := wfe.Do(w, Say{Text: "many: " + err.Error(), Fails: c.Fails})
			c.Log = append(c.Log, text, said.Said)
			if c.N == 4 {
				break
			}
			wfe.Do(w, Say{Text: text}, wfe.Name("again"))
			continue
		default:
			c.Log = append(c.Log, "other")
			wfe.Do(w, Say{Text: err.Error()})
		}
		c.Sum += 10
	}
	//wfe:id check
	switch err := check(Row{Name: c.Fails}); err {
	case nil:
		c.Log = append(c.Log, "fine")
	case errMany:
		wfe.Do(w, Say{Text: "never"})
	default:
		if c.N == 3 {
			c.Log = append(c.Log, "three")
			break
		}
		//wfe:id which
		if said := "row " + c.Fails; err.Error() == said {
			c.Log = append(c.Log, "it is "+said)
			wfe.Do(w, Say{Text: fmt.Sprint(err)})
			c.Log = append(c.Log, said)
		} else {
			wfe.Do(w, Say{Text: "other"}, wfe.Name("other"))
		}
	}
	c.Log = append(c.Log, "end")
}

// badCell is what is wrong with a cell.
type badCell struct{ Row, Col int }

// Error names the cell.
//
//wfe:pure
func (b *badCell) Error() string { return fmt.Sprint("cell ", b.Row, ",", b.Col) }

//wfe:pure
func cells(rows []Row) error {
	for i, row := range rows {
		if err := check(row); err != nil {
			return fmt.Errorf("in %d: %w", i, err)
		}
		for j, cell := range row.Cells {
			if cell == 0 {
				return &badCell{i, j}
			}
			if cell > 2 {
				return fmt.Errorf("wrapped: %w", &badCell{i, j})
			}
		}
	}
	return nil
}

// Kinds asks for the types of errors.
//
//wfe:workflow
func Kinds(w *wfe.Flow, c *Case) {
	err := cells(c.Rows)
	c.Log = append(c.Log, fmt.Sprint(err))
	switch e := err.(type) {
	case nil:
		wfe.Do(w, Say{Text: "no error"})
		c.Sum++
	case *badCell:
		row := e.Row
		c.Log = append(c.Log, fmt.Sprint(*e))
		wfe.Do(w, Say{Text: e.Error(), Fails: strconv.Itoa(e.Col)})
		c.Sum += 100 * row
	default:
		if c.N == 2 {
			break
		}
		wfe.Do(w, Say{Text: "else: " + e.Error()})
		c.Sum += 1000
	}
	problem := cells(c.Rows[min(1, len(c.Rows)):])
	var bad *badCell
	//wfe:id as
	switch {
	//wfe:id wrapped
	case errors.As(problem, &bad):
		c.Sum += bad.Row
		wfe.Do(w, Say{Text: fmt.Sprint(bad.Col, bad)})
	//wfe:id given
	case problem != nil:
		helped(w, c, problem.Error(), len(c.Words))
	}
	var any any = c.N
	if len(c.Words) > 1 {
		any = c.Words[1]
	}
	//wfe:id any
	switch v := any.(type) {
	case int, int64:
		wfe.Sleep(w, time.Duration(len(fmt.Sprint(v)))*time.Second)
	case string:
		wfe.Do(w, Say{Text: v})
		c.Log = append(c.Log, v)
	}
	parts := func(sep string) (out []string) {
		for _, word := range c.Words {
			out = append(out, word, sep)
		}
		return out
	}
	for _, part := range parts("-") {
		wfe.Do(w, Say{Text: part})
	}
	pick := func(i int) string { return fmt.Sprint("pick", i, c.Words) }
	if c.N > 1 {
		c.Sum += len(pick(1))
		wfe.Do(w, Say{Text: pick(2)}, wfe.Name("pick"))
	} else if len(pick(c.N)) > 9 {
		for range len(pick(3)) - 9 {
			wfe.Do(w, Say{Text: "long"}, wfe.Name("long"))
		}
	}
}

func helped(w *wfe.Flow, c *Case, why string, n int) {
	if n > 1 {
		wfe.Do(w, Say{Text: why})
	}
	c.Log = append(c.Log, why)
}

// cut is what cannot be saved, for its fields are not exported.
type cut struct {
	head string
	rest []int
}

//wfe:pure
func cutOf(row Row) (*cut, error) {
	if row.Name == "" {
		return nil, errMany
	}
	if len(row.Cells) == 0 {
		return &cut{head: row.Name}, errors.New("no cells")
	}
	return &cut{row.Name, row.Cells[1:]}, nil
}

// Guards goes on with what cannot be saved behind calls that lead elsewhere.
//
//wfe:workflow
func Guards(w *wfe.Flow, c *Case) {
	f := wfe.Try(w, func() {
		guarded(w, c)
		c.Log = append(c.Log, "guarded")
	})
	if f != nil {
		c.Log = append(c.Log, f.Message)
	}
	err := check(Row{Name: c.Fails})
	//wfe:id block
	if c.N != 3 {
		if c.N == 1 {
			wfe.Do(w, Say{Text: "one"}, wfe.Name("one"))
			wfe.End(w)
		}
		c.Log = append(c.Log, fmt.Sprint("N ", err))
	} else if err == nil {
		wfe.Do(w, Say{Text: "three"}, wfe.Name("three"))
		return
	}
	{
		if err != nil {
			c.Log = append(c.Log, "fails")
			wfe.Do(w, Say{Text: err.Error()}, wfe.Name("fails"))
			return
		}
		show := func(i int) string { return fmt.Sprint(i, err) }
		c.Log = append(c.Log, show(c.N))
		//wfe:id two
		if c.N == 2 {
			wfe.Do(w, Say{Text: show(2)}, wfe.Name("two"))
		}
	}
	c.Log = append(c.Log, "end")
}

func guarded(w *wfe.Flow, c *Case) int {
	for i, row := range c.Rows {
		part, err := cutOf(row)
		if errors.Is(err, errMany) {
			wfe.Do(w, Say{Text: fmt.Sprint(i, err)}, wfe.Name("none"))
			continue
		}
		c.Sum++
		switch err.(type) {
		case nil:
			if len(part.rest) > 3 {
				wfe.Do(w, Say{Text: part.head, Fails: c.Fails}, wfe.Name("long"))
				return i
			}
			if len(part.rest) == 3 {
				break
			}
			c.Sum += 10
		default:
			wfe.Do(w, Say{Text: err.Error()}, wfe.Name("bad"))
			continue
		}
		for _, n := range part.rest {
			c.Sum += 100 * n
		}
		bad, err := cutOf(Row{Cells: part.rest})
		//wfe:id rest
		if bad == nil && len(part.rest) == 0 {
			wfe.Fail(w, fmt.Errorf("%s: %w", part.head, err))
		} else if c.N == 5 {
			wfe.Do(w, Say{Text: fmt.Sprint(part.head, bad)}, wfe.Name("five"))
			break
		}
		wfe.Do(w, Say{Text: part.head})
		c.Log = append(c.Log, row.Name)
	}
	return -1
}

// Reports hands what cannot be saved to helpers.
//
//wfe:workflow
func Reports(w *wfe.Flow, c *Case) {
	if err := check(Row{Name: c.Fails}); err != nil {
		n := reported(w, c, fmt.Errorf("first: %w", err))
		c.Sum += n
	}
	for i, word := range c.Words {
		_, err := number(c.Words[:i+1])
		if word == "bad" {
			err = check(Row{Name: "s"})
		}
		//wfe:id told
		if told, n := tells(w, &c.Words[i], err, func() string { return word + fmt.Sprint(i) }); told {
			c.Log = append(c.Log, fmt.Sprint("told ", n))
			continue
		}
		c.Sum += 100
	}
	f := wfe.Try(w, func() {
		if _, err := number(c.Words); err != nil {
			dies(w, err)
		}
		reported(w, c, errMany)
		dies(w, check(Row{Name: c.Fails}))
		c.Log = append(c.Log, "alive")
	})
	if f != nil {
		c.Log = append(c.Log, f.Message)
	}
	//wfe:id swapped
	if a, b := check(Row{Name: "s"}), check(Row{Name: c.Fails}); c.N != 3 {
		all := fmt.Sprint(a, b)
		swapped(w, c, b, a, nil)
		c.Log = append(c.Log, all)
	} else {
		swapped(w, c, &badCell{}, b, nil)
	}
	c.Log = append(c.Log, "end")
}

func swapped(w *wfe.Flow, all *Case, a, b error, unused func()) {
	var bad *badCell
	all.Log = append(all.Log, fmt.Sprint(a, b, errors.As(a, &bad)))
	a = b
	wfe.Do(w, Say{Text: fmt.Sprint(a, b)})
}

func reported(w *wfe.Flow, c *Case, err error) int {
	if err == nil {
		return 1
	}
	if c.N == 7 {
		c.Log = append(c.Log, "seven")
		return len(err.Error())
	}
	text := "reported " + err.Error()
	c.Log = append(c.Log, text)
	if errors.Is(err, errMany) {
		wfe.Do(w, Say{Text: err.Error()}, wfe.Name("many"))
		return 2
	}
	said := wfe.Do(w, Say{Text: err.Error()})
	return said.Len + len(text)
}

func tells(w *wfe.Flow, word *string, err error, name func() string) (told bool, n int) {
	n = len(name())
	switch {
	//wfe:id long
	case err == nil && len(*word) > 1:
		*word += "!"
		return
	//wfe:id none
	case err == nil:
		said := wfe.Do(w, Say{Text: name()})
		n += said.Len
	default:
		told = true
		deeper(w, err, name())
	}
	return told, n
}

func deeper(w *wfe.Flow, err error, name string) {
	for i := range 3 {
		if i == len(name) {
			return
		}
	}
	wfe.Do(w, Say{Text: fmt.Sprint(name, err)})
}

func dies(w *wfe.Flow, err error) {
	if err != nil {
		wfe.Fail(w, fmt.Errorf("dies: %w", err))
	}
}
