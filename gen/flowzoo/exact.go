package flowzoo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	wfe "github.com/wfegen/wfe/runtime"
)

// Odd holds values for which JSON has none.
type Odd struct {
	Name  string
	Rates []float64
	By    map[string]float64
	Next  *Odd
	At    time.Time
	Raw   json.RawMessage
	Any   any
}

// Exactly keeps odd values in variables of all shapes, and in the elements of loops.
//
//wfe:workflow
func Exactly(w *wfe.Flow, c *Case) {
	cut := strings.Split("h\xc3|\xa9|é", "|")
	rates := map[string][2]float64{"\xff": {math.NaN(), math.Inf(c.N - 2)}, "b": {math.Copysign(0, -1), 1}}
	odd := Odd{
		Name: "\xffx", Rates: []float64{math.NaN()}, By: map[string]float64{"": math.Inf(-1)},
		Next: &Odd{Name: "\xc3", Rates: []float64{}},
		At:   time.Date(2026, 10, 24, 12, 0, 0, 0, time.FixedZone("CEST", 7200)), Raw: json.RawMessage(`{"a": "<" }`), Any: []any{c.N, "\xff"},
	}
	at := wfe.Now(w)
	wfe.Do(w, Say{Text: "a"}, wfe.Name("a"))
	c.Log = append(c.Log, fmt.Sprintf("%q %q %v %v", cut, odd.Name, rates, odd.Rates), strings.Join(cut, ""))
	c.Log = append(c.Log, fmt.Sprintf("%q %v %v %v %s %#v", odd.Next.Name, odd.By, odd.Next.Rates == nil, odd.At, odd.Raw, odd.Any))
	c.Log = append(c.Log, fmt.Sprint(at.Equal(at.UTC()), at.Location() == time.UTC, odd.At.Location()))
	for i, part := range cut {
		wfe.Do(w, Say{Text: fmt.Sprint(i)}, wfe.Name("part"))
		c.Log = append(c.Log, fmt.Sprintf("%q", part))
	}
	//wfe:id rates
	for _, rate := range []float64{math.NaN(), 1} {
		wfe.Do(w, Say{Text: "rate"}, wfe.Name("rate"))
		c.Log = append(c.Log, fmt.Sprint(rate))
		rate++
		wfe.Do(w, Say{Text: "more"}, wfe.Name("more"))
		c.Log = append(c.Log, fmt.Sprint(rate))
	}
	f := wfe.Try(w, func() {
		wfe.Undo(w, func() { wfe.Do(w, Say{Text: fmt.Sprint(len(cut[0]))}, wfe.Name("undone")) })
		wfe.Fail(w, fmt.Errorf("bad \xff"))
	})
	wfe.Do(w, Say{Text: "b"}, wfe.Name("b"))
	c.Log = append(c.Log, fmt.Sprintf("%q", f.Message))
}

// Between looks at data, which JSON does not bring back as they are, between the code that writes them and the next call, and
// behind that.
//
//wfe:workflow
func Between(w *wfe.Flow, l *Loose) {
	l.Any, l.Cut, l.Short, l.Left = 1, "\xff", "short", []int{}
	l.At = time.Date(2026, 10, 24, 12, 0, 0, 0, time.FixedZone("CEST", 7200))
	if l.Any == 1 && l.Cut == "\xff" {
		l.Log = append(l.Log, "as it was written")
		if l.Short == "short" && l.Left != nil && l.At.Location().String() == "CEST" {
			wfe.Do(w, Say{Text: fmt.Sprint(len(l.Cut), l.Short)})
		}
	}
	l.Log = append(l.Log, fmt.Sprint(l.Any == 1.0, len(l.Cut), l.Short, l.Left == nil, l.At.Location()))
	l.Cut = "\xff"
	for i := range len(l.Cut) {
		l.Log = append(l.Log, fmt.Sprint(i, len(l.Cut)))
		wfe.Saga(w, func() {
			l.Log = append(l.Log, fmt.Sprint("in the saga ", len(l.Cut)))
			wfe.Do(w, Say{Text: "s"}, wfe.Name("s"))
			l.Cut = "\xff"
		})
		l.Log = append(l.Log, fmt.Sprint("behind it ", len(l.Cut)))
	}
	rounds := 0
	wfe.Recur(w, wfe.Every(time.Minute), func() bool {
		l.Log = append(l.Log, fmt.Sprint("round ", len(l.Cut)))
		wfe.Do(w, Say{Text: "r"}, wfe.Name("r"))
		l.Cut = "h\xc3"
		rounds++
		return rounds < 2
	})
	l.Cut = "\xff"
	wfe.Parallel(w, func() {
		wfe.ForEach(w, []string{l.Cut}, func(s string) {
			wfe.Do(w, Say{Text: s}, wfe.Name("each"))
			l.Log = append(l.Log, fmt.Sprintf("%q", s))
		})
	})
	l.Cut = "\xff"
	//wfe:id said
	if said := looser(w, l); said == l.Cut {
		l.Log = append(l.Log, "the same")
		wfe.End(w)
	}
}

func looser(w *wfe.Flow, l *Loose) string {
	if l.Cut == "\xff" {
		wfe.Do(w, Say{Text: "h"}, wfe.Name("h"))
	}
	return l.Cut
}

// Rated is data with numbers that JSON may have no value for.
//
//wfe:data
type Rated struct {
	Rate  float64
	Rates []float64
	At    time.Time
	Log   []string
	Case  int
}

// Rate is a step with a number.
//
//wfe:step retry=0 compensate=none
type Rate struct {
	Rate float64
	Got  float64 `wfe:"out"`
}

// Run returns what it is given.
func (s *Rate) Run(context.Context) error {
	s.Got = s.Rate
	return nil
}

// Unsaid has values that cannot be in data.
//
//wfe:workflow
func Unsaid(w *wfe.Flow, r *Rated) {
	nan := math.NaN()
	wfe.Do(w, Say{Text: "a"}, wfe.Name("a"))
	f := wfe.Try(w, func() {
		switch r.Case {
		//wfe:id one
		case 1:
			r.Rate = nan
			wfe.Do(w, Say{Text: "b"})
		//wfe:id two
		case 2:
			wfe.Do(w, Rate{Rate: nan})
		//wfe:id three
		case 3:
			wfe.ForEach(w, []float64{1, nan}, func(rate float64) { wfe.Do(w, Rate{Rate: rate}) })
		//wfe:id four
		case 4:
			wfe.Do(w, Say{Text: "c"})
			r.Rates = append(r.Rates, 1, nan)
		//wfe:id five
		case 5:
			wfe.Do(w, Say{Text: "d"})
			r.At = time.Date(12026, 1, 1, 0, 0, 0, 0, time.UTC)
		}
	})
	if f != nil {
		_, said, _ := strings.Cut(f.Message, "encoding ")
		r.Log = append(r.Log, said)
		wfe.Do(w, Say{Text: "e"})
	}
	r.Log = append(r.Log, fmt.Sprint(nan))
}

// Lend is a step with an input that JSON does not bring back as it was.
//
//wfe:step compensate=none
type Lend struct{ Of Loose }

// Run lends it.
func (s *Lend) Run(context.Context) error { return nil }

// Aside looks at such data where a call ends at once, where others run beside it, and where a condition cancels.
//
//wfe:workflow
func Aside(w *wfe.Flow, l *Loose) {
	f := wfe.Try(w, func() {
		l.Short = "gone at the next call"
		wfe.Undo(w, func() {
			l.Log = append(l.Log, "undone "+l.Short)
			wfe.Do(w, Say{Text: "undone"}, wfe.Name("undone"))
		})
		l.Log = append(l.Log, "behind an Undo "+l.Short)
		l.Short = "gone at the next call"
		wfe.ForEach(w, l.Left, func(int) { wfe.Do(w, Say{Text: "never"}, wfe.Name("never")) })
		l.Log = append(l.Log, "behind a loop over nothing "+l.Short)
		l.Short = "in the error"
		wfe.Fail(w, errors.New(l.Short))
	})
	l.Log = append(l.Log, f.Message)
	l.Short = "cancel"
	wfe.Do(w, Say{Text: "a"}, wfe.Name("a"), wfe.CancelWhen(func() bool { return l.Short == "cancel" }, wfe.Proceed()))
	lent := wfe.Do(w, Lend{Of: Loose{Short: "s", Left: []int{}}}, wfe.CancelWhen(func() bool { return true }, wfe.Proceed()))
	l.Log = append(l.Log, fmt.Sprintf("lent %q %t", lent.Of.Short, lent.Of.Left == nil))
	wfe.Parallel(w,
		func() {
			l.Any = 3
			if l.Cut == "" {
				if _, whole := l.Any.(int); whole {
					l.Raw = json.RawMessage("1")
				}
				wfe.Do(w, Say{Text: string(l.Raw)}, wfe.Name("b"))
			}
		},
		func() { wfe.Do(w, Say{Text: "c"}, wfe.Name("c")) })
}

// Settled keeps what an any holds, and has data that JSON does not bring back where code fails.
//
//wfe:workflow
func Settled(w *wfe.Flow, l *Loose) {
	var dynamic map[string]any
	if err := json.Unmarshal([]byte(`{"a": [1, {"b": "c"}], "d": null}`), &dynamic); err != nil {
		wfe.Fail(w, err)
	}
	list, one := []any{1, "a", nil, 2.5}, dynamic["a"]
	wfe.Do(w, Say{Text: "dynamic"}, wfe.Name("dynamic"))
	switch x := one.(type) {
	case string:
		wfe.Do(w, Say{Text: x}, wfe.Name("text"))
	//wfe:id list
	case []any:
		wfe.Do(w, Say{Text: fmt.Sprint(len(x))}, wfe.Name("list"))
	}
	if first, ok := list[0].(int); ok {
		l.Log = append(l.Log, fmt.Sprint(dynamic, list, one, first))
	}
	failed := wfe.Try(w, func() {
		wfe.Undo(w, func() {
			l.Log = append(l.Log, "undone with "+l.Short)
			wfe.Do(w, Say{Text: "u" + l.Short}, wfe.Name("undone"))
		})
		l.Short, l.Any = "gone where it fails", 3
		wfe.Fail(w, errors.New(l.Short))
	}, wfe.Name("fails"))
	_, whole := l.Any.(int)
	l.Log = append(l.Log, l.Short, failed.Message, fmt.Sprint(whole))
	failed = wfe.Try(w, func() {
		wfe.Do(w, Say{Text: "before"}, wfe.Name("before"))
		l.Short, l.Any = "gone where it panics", 3
		panic(l.Short)
	}, wfe.Name("panics"))
	_, whole = l.Any.(int)
	l.Log = append(l.Log, l.Short, failed.Message, fmt.Sprint(whole))
}
