package flowzoo

import (
	"encoding/json"
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
	c.Log = append(c.Log, fmt.Sprint(at == at.UTC(), at.Location() == time.UTC, odd.At.Location()))
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
