// Package flowzoo has workflows in plain Go in each form that wfegen compiles. Tests run what they are compiled to beside
// the functions themselves.
package flowzoo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	str "strings"
	"time"

	wfe "github.com/wfegen/wfe/runtime"
)

//go:generate go tool wfegen .

// Case is the data of all workflows here.
//
//wfe:data
type Case struct {
	N     int
	Words []string
	Rows  []Row
	Log   []string
	Sum   int
	Fails string // the text with which Say fails
}

// Row is an element with elements.
type Row struct {
	Name  string
	Cells []int
}

// Go is waited for.
//
//wfe:event
type Go struct{ By string }

// Say returns what it is given, unless that is what it is to fail on.
//
//wfe:step retry=0 compensate=none
type Say struct {
	Text  string
	Fails string
	Said  string `wfe:"out"`
	Len   int    `wfe:"out"`
}

// Run fails on Fails.
func (s *Say) Run(context.Context) error {
	if s.Text == s.Fails {
		return errors.New("cannot say " + s.Text)
	}
	s.Said, s.Len = s.Text, len(s.Text)
	return nil
}

// Ask steers: its outcome is the parity of N.
//
//wfe:step retry=0 compensate=none
type Ask struct {
	N     int
	Twice int `wfe:"out"`
}

// Run has an outcome.
func (s *Ask) Run(ctx wfe.StepContext) (wfe.Result, error) {
	s.Twice = 2 * s.N
	if s.N%2 == 0 {
		return ctx.Outcome("even"), nil
	}
	return ctx.Outcome("odd"), nil
}

// Split branches into the numbers below N.
//
//wfe:step branches=int retry=0
type Split struct {
	N    int
	Made int `wfe:"out"`
}

// Run branches.
func (s *Split) Run(ctx wfe.BranchContext[int]) (wfe.Result, error) {
	s.Made = s.N
	items := make([]int, s.N)
	for i := range items {
		items[i] = i
	}
	return ctx.Branch(items), nil
}

// Locals has variables that live over calls, in nested scopes of one name.
//
//wfe:workflow id=kept version=2
func Locals(w *wfe.Flow, c *Case) {
	x := c.N
	wfe.Do(w, Say{Text: "a"}, wfe.Name("first"))
	{
		x := x * 10
		wfe.Do(w, Say{Text: "b"}, wfe.Name("second"))
		c.Sum += x
	}
	var y, z = x + 1, "z"
	said := wfe.Do(w, Say{Text: "c"}, wfe.Name("third")).Said
	x++
	c.Log = append(c.Log, fmt.Sprint(x, y, z, said))
	s := wfe.Do(w, Say{Text: str.Repeat("d", x)}, wfe.Name("fourth"))
	wfe.Do(w, Say{Text: "e"}, wfe.Name("fifth"))
	c.Log = append(c.Log, s.Said, fmt.Sprint(s.Len))
}

// Loops leaves and goes on with loops of all forms.
//
//wfe:workflow
func Loops(w *wfe.Flow, c *Case) {
	for i := 0; i < c.N; i++ {
		if i == 1 {
			continue
		}
		said := wfe.Do(w, Say{Text: fmt.Sprint("i", i)}).Said
		if i == 3 {
			break
		}
		c.Log = append(c.Log, said)
	}
	//wfe:id words
	for i, word := range c.Words {
		if word == "" {
			continue
		}
		word += "!"
		said := wfe.Do(w, Say{Text: word}).Said
		if said == "stop!" {
			c.Log = append(c.Log, "stopped")
			break
		}
		c.Log = append(c.Log, fmt.Sprint(i, said, word))
	}
	//wfe:id ever
	for {
		c.Sum++
		wfe.Do(w, Say{Text: "ever"})
		switch {
		case c.Sum < 3:
			continue
		case c.Sum == 3:
			c.Log = append(c.Log, "three")
		}
		if c.Sum > 4 {
			break
		}
	}
	//wfe:id rows
	for _, row := range c.Rows {
		for _, cell := range row.Cells {
			if cell == 0 {
				return
			}
			//wfe:id upto
			for n := range cell {
				wfe.Do(w, Say{Text: fmt.Sprint(row.Name, cell, n)})
				c.Sum += n
			}
		}
	}
	c.Log = append(c.Log, "end")
}

// Choices has if and switch of all forms.
//
//wfe:workflow
func Choices(w *wfe.Flow, c *Case) {
	if n := len(c.Words); n > 1 {
		wfe.Do(w, Say{Text: fmt.Sprint(n)})
		c.Sum += n
	} else if n == 1 {
		wfe.Do(w, Say{Text: "one"})
	} else {
		c.Log = append(c.Log, "none")
	}
	switch n := c.N; n {
	case 1, 2:
		wfe.Do(w, Say{Text: "few"})
		if c.Sum > 0 {
			break
		}
		c.Log = append(c.Log, "few")
	//wfe:id many
	case len(c.Words):
		c.Log = append(c.Log, "as many")
	default:
		said := wfe.Do(w, Say{Text: "other"}).Said
		c.Log = append(c.Log, said)
	}
	if s, outcome := wfe.Steer(w, Ask{N: c.N}); outcome == "even" {
		c.Log = append(c.Log, "even", fmt.Sprint(s.Twice))
	}
	if said := wfe.Do(w, Say{Text: "init"}, wfe.Name("init")); said.Len == 4 {
		c.Log = append(c.Log, said.Said)
	}
}

// Named has ids above statements that begin with a call, two outcomes in one block, and branches with a name that a return ends.
//
//wfe:workflow
func Named(w *wfe.Flow, c *Case) {
	//wfe:id whether
	if _, outcome := wfe.Steer(w, Ask{N: c.N}, wfe.Name("one")); outcome == "odd" {
		wfe.Do(w, Say{Text: "odd"})
		c.Log = append(c.Log, "odd")
	}
	//wfe:id which
	switch s, outcome := wfe.Steer(w, Ask{N: c.N + 1}, wfe.Name("two")); outcome {
	case "odd":
		wfe.Do(w, Say{Text: "odd"})
		c.Log = append(c.Log, fmt.Sprint("then odd", s.Twice))
	}
	wfe.Branch(w, Split{N: c.N}, func(n int) {
		if n == 1 {
			return
		}
		wfe.Do(w, Say{Text: "item"})
		c.Sum += n
	}, wfe.Name("items"))
}

// Tries looks at the failure of one Try while another, which is assigned to the same variable, runs and is rolled back.
//
//wfe:workflow
func Tries(w *wfe.Flow, c *Case) {
	f := wfe.Try(w, func() { wfe.Do(w, Say{Text: "a", Fails: c.Fails}) })
	//wfe:id again
	f = wfe.Try(w, func() {
		wfe.Undo(w, func() { c.Log = append(c.Log, "undone "+said(f)) })
		wfe.Do(w, Say{Text: "b"})
		c.Log = append(c.Log, said(f))
		wfe.Do(w, Say{Text: "c", Fails: c.Fails}, wfe.Name("last"))
	})
	c.Log = append(c.Log, said(f))
	for range 2 {
		f = tried(w, c)
		c.Log = append(c.Log, said(f))
		c.Fails = ""
	}
}

func tried(w *wfe.Flow, c *Case) *wfe.Failure {
	return wfe.Try(w, func() { wfe.Do(w, Say{Text: "d", Fails: c.Fails}) })
}

//wfe:pure
func said(f *wfe.Failure) string {
	if f == nil {
		return "well"
	}
	return f.Message
}

// Fanout has branches that run at once, with variables of their own.
//
//wfe:workflow
func Fanout(w *wfe.Flow, c *Case) {
	wfe.ForEach(w, c.Rows, func(row Row) {
		name := str.ToUpper(row.Name)
		sum := 0
		for i, cell := range row.Cells {
			n := wfe.Do(w, Say{Text: str.Repeat("x", cell)}).Len
			sum += n * (i + 1)
		}
		if sum == 0 {
			return
		}
		wfe.Do(w, Say{Text: name}, wfe.Name("name"))
		c.Sum += sum
	}, wfe.Limit(2))
	var left, right string
	wfe.Parallel(w,
		func() { left = wfe.Do(w, Say{Text: "left"}, wfe.Name("left")).Said },
		func() {
			wfe.Do(w, Say{Text: "right"}, wfe.Name("right"))
			right = "r"
		})
	made := wfe.Branch(w, Split{N: c.N}, func(n int) {
		wfe.Do(w, Say{Text: fmt.Sprint(n)}, wfe.Name("item"))
		c.Sum += n
	}).Made
	c.Log = append(c.Log, left, right, fmt.Sprint(made))
}

// Sagas fails, and undoes.
//
//wfe:workflow
func Sagas(w *wfe.Flow, c *Case) {
	total := 0
	f := wfe.Try(w, func() {
		for i, word := range c.Words {
			n := i * 100
			wfe.Do(w, Say{Text: word, Fails: c.Fails})
			total++
			wfe.Undo(w, func() {
				said := wfe.Do(w, Say{Text: "undo " + word}).Said
				wfe.Do(w, Say{Text: "again"}, wfe.Name("again"))
				c.Log = append(c.Log, fmt.Sprint(said, n, total))
			})
			if word == "enough" {
				return
			}
		}
		if c.N > 5 {
			wfe.Fail(w, fmt.Errorf("%d is too much", c.N))
		}
	})
	if f != nil {
		c.Log = append(c.Log, f.Message)
		wfe.Do(w, Say{Text: "failed"})
		if c.N == 0 {
			wfe.End(w)
		}
		if c.N == 7 {
			//wfe:id handed-on
			wfe.Fail(w, f)
		}
	}
	//wfe:id outer
	wfe.Saga(w, func() {
		wfe.Undo(w, func() { wfe.Do(w, Say{Text: "outer"}); c.Log = append(c.Log, "outer") })
		wfe.Saga(w, func() {
			wfe.Undo(w, func() { wfe.Do(w, Say{Text: "inner"}); c.Log = append(c.Log, "inner") })
			wfe.Do(w, Say{Text: "x"})
		})
		wfe.Do(w, Say{Text: "last", Fails: c.Fails})
	})
	c.Log = append(c.Log, "done")
}

// Helped calls functions that take the Flow.
//
//wfe:workflow
func Helped(w *wfe.Flow, c *Case) {
	a := length(w, c, c.Words[0])
	//wfe:id other
	b := length(w, c, "longer than that")
	c.Sum = a*100 + b
	name, ok := find(w, c.Rows, c.N)
	c.Log = append(c.Log, fmt.Sprint(name, ok))
	said := tail(w)
	c.Log = append(c.Log, said)
}

func length(w *wfe.Flow, c *Case, word string) int {
	if word == "" {
		return -1
	}
	n := wfe.Do(w, Say{Text: word}).Len
	if n > 5 {
		c.Log = append(c.Log, "long")
		return 5
	}
	wfe.Do(w, Say{Text: "short"}, wfe.Name("short"))
	return n
}

func find(w *wfe.Flow, rows []Row, n int) (name string, ok bool) {
	for _, row := range rows {
		wfe.Do(w, Say{Text: row.Name})
		if len(row.Cells) == n {
			return row.Name, true
		}
	}
	name = "nobody"
	return
}

func tail(w *wfe.Flow) string {
	return wfe.Do(w, Say{Text: "tail"}).Said
}

// Waits waits for events, time and another workflow.
//
//wfe:workflow
func Waits(w *wfe.Flow, c *Case) {
	by := wfe.WaitFor[Go](w, fmt.Sprint("key", c.N)).By
	wfe.Sleep(w, time.Hour)
	wfe.Sleep(w, time.Duration(c.N)*time.Minute, wfe.Name("more"))
	g, ok := wfe.WaitForWithin[Go](w, "never", time.Hour, wfe.Name("never"))
	c.Log = append(c.Log, by, g.By, fmt.Sprint(ok))
	d := wfe.SubWorkflow(w, Locals, Case{N: c.N})
	c.Log = append(c.Log, d.Log...)
	n := 0
	wfe.Recur(w, wfe.Every(time.Hour), func() bool {
		wfe.Do(w, Say{Text: "tick"})
		n++
		return n < c.N
	})
	c.Sum = n
	//wfe:id until
	wfe.Recur(w, wfe.Every(time.Hour), func() (again bool) {
		c.Sum++
		if again = c.Sum < c.N; again {
			return
		}
		wfe.Do(w, Say{Text: "tock"})
		again = c.Sum < 5
		return
	})
	c.Log = append(c.Log, fmt.Sprint(c.Sum))
}

// Behind has code behind an if and a switch that begin with a call, which is not behind that call.
//
//wfe:workflow
func Behind(w *wfe.Flow, c *Case) {
	c.Sum = 1
	if said := wfe.Do(w, Say{Text: "a"}).Said; said != "" {
		c.Log = append(c.Log, fmt.Sprint(c.Sum))
		wfe.Do(w, Say{Text: "b"}, wfe.Name("b"))
	}
	c.Sum = 2
	switch out := wfe.Do(w, Say{Text: "c"}, wfe.Name("c")).Said; out {
	case "nothing":
		wfe.Do(w, Say{Text: "d"}, wfe.Name("d"))
	default:
		c.Log = append(c.Log, fmt.Sprint(c.Sum))
	}
	c.Sum = 3
}

// Times asks for the time: in an input, a condition, a list, a helper and a function literal.
//
//wfe:workflow
func Times(w *wfe.Flow, c *Case) {
	began := wfe.Now(w)
	wfe.Do(w, Say{Text: began.Format(time.DateTime)})
	for n := 0; wfe.Now(w).Sub(began) < 3*time.Hour; n++ {
		wfe.Sleep(w, time.Hour)
		ago := since(w, began)
		c.Log = append(c.Log, ago)
	}
	wfe.ForEach(w, []int{wfe.Now(w).Hour()}, func(hour int) {
		wfe.Do(w, Say{Text: fmt.Sprint(hour)}, wfe.Name("hour"))
	}, wfe.Name("hours"))
	late := func() bool { return wfe.Now(w).After(began.Add(time.Hour)) }()
	//wfe:id late
	if late && wfe.Now(w).Location() == time.UTC {
		wfe.SleepUntil(w, wfe.Now(w).Add(time.Minute), wfe.Name("late"))
	}
	ago := since(w, began)
	c.Log = append(c.Log, ago)
}

// since says how long ago something was.
func since(w *wfe.Flow, began time.Time) string {
	wfe.Do(w, Say{Text: "since"}, wfe.Name("since"))
	return wfe.Now(w).Sub(began).String()
}

// Panics has code that panics.
//
//wfe:workflow
func Panics(w *wfe.Flow, c *Case) {
	wfe.Do(w, Say{Text: "before it panics"})
	c.Log = append(c.Log,
		c.Words[c.N])
}

// Cancels stops waiting when another branch has what it needs.
//
//wfe:workflow
func Cancels(w *wfe.Flow, c *Case) {
	wfe.Parallel(w,
		func() {
			wfe.Do(w, Say{Text: "enough"})
			c.Sum = 1
		},
		func() {
			g := wfe.WaitFor[Go](w, "never", wfe.CancelWhen(func() bool { return c.Sum == 1 }, wfe.Proceed()))
			c.Log = append(c.Log, "by "+g.By)
		})
	c.Log = append(c.Log, "end")
}

// Scopes has names that mean something else in a block, and a loop that assigns to a variable.
//
//wfe:workflow
func Scopes(w *wfe.Flow, c *Case) {
	last := -1
	for last = range 3 {
		wfe.Do(w, Say{Text: fmt.Sprint(last)})
	}
	//wfe:id words
	for _, x := range c.Words {
		{
			wfe.Do(w, Say{Text: x}, wfe.Name("inner"))
			x := len(x)
			c.Sum += x
		}
		c.Log = append(c.Log, fmt.Sprint(x, last))
		y := 1
		{
			y := y + 1
			c.Sum += y
			wfe.Do(w, Say{Text: x}, wfe.Name("other"))
			{
				x := y
				c.Sum += x
			}
			if c.Sum > 100 {
				return
			}
		}
		c.Sum += y
	}
}

// Sure is a condition of a type of its own.
type Sure bool

// Typed has conditions of a declared type, constants that are used behind a call, and two slices that begin with one.
//
//wfe:workflow
func Typed(w *wfe.Flow, c *Case) {
	const (
		pi   = 3.14159265358979
		two  = 2.0
		tiny = 1e-300
		mark = 'x'
		wait = 1500 * time.Millisecond
		less = -1
	)
	more := Sure(c.N > 2)
	words := []string{"a", "b", "c"}
	if more {
		wfe.Do(w, Say{Text: "more"})
	}
	for more {
		wfe.Do(w, Say{Text: "once"}, wfe.Name("once"))
		more = false
	}
	x, y := append(words, "x"), append(words, "y")
	c.Log = append(c.Log, fmt.Sprint(x, y), fmt.Sprintf("%T %v %v %v %c %v %v", two, pi, 5/two, tiny, mark, wait, 1-less))
}

// Loose is data that JSON does not bring back as they were.
//
//wfe:data
type Loose struct {
	Any   any
	Left  []int `json:",omitempty"`
	Raw   json.RawMessage
	Cut   string
	Log   []string
	Short string `json:"-"`
	At    time.Time
}

// Kept looks at data and variables that would be others after a crash, were they not the same before it.
//
//wfe:workflow
func Kept(w *wfe.Flow, l *Loose) {
	best, cut := math.Inf(1), "h\xc3"
	l.Cut = cut
	below := math.Copysign(0, -1)
	l.Any, l.Left, l.Raw, l.Short = 3, []int{}, json.RawMessage(`{"a": 1 }`), "lost"
	wfe.Do(w, Say{Text: l.Cut})
	_, whole := l.Any.(int)
	l.Log = append(l.Log, fmt.Sprint(whole, l.Left == nil, string(l.Raw), l.Short))
	best = min(best, 7)
	wfe.Do(w, Say{Text: "b"}, wfe.Name("b"))
	l.Log = append(l.Log, fmt.Sprint(best, len(cut), 1/below))
	l.Short = "alone"
	wfe.Do(w, Say{Text: "c"}, wfe.Name("c"))
	l.Log = append(l.Log, l.Short)
	l.Left = []int{}
	wfe.Do(w, Say{Text: "d"}, wfe.Name("d"))
	l.Log = append(l.Log, fmt.Sprint(l.Left == nil))
}
