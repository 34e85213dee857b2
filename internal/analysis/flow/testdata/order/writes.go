package order

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/big"
	"net/url"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	wfe "github.com/wfegen/wfe/runtime"
)

// Written is data with memory of all kinds.
//
//wfe:data
type Written struct {
	Nums  []int
	Words []string
	By    []byte
	Grid  [][]int
	Rows  map[string][]int
	Arr   [3]int
	Big   *big.Int
	Link  url.URL
	Note  string
	N     int
}

// What is only asked for its value writes into nothing, in whatever way.
//
//wfe:workflow
func WritesInInputs(w *wfe.Flow, o *Written) {
	wfe.Do(w, Reserve{SKU: string(strconv.AppendInt(o.By[:0], 12, 10))})         // want WFE4022 o.By[...] is changed
	wfe.Do(w, Reserve{SKU: string(fmt.Append(o.By[:1], "x"))})                   // want WFE4022 o.By[...] is changed
	wfe.Do(w, Reserve{SKU: string(time.Time{}.AppendFormat(o.By[:0], "15:04"))}) // want WFE4022 o.By[...] is changed
	wfe.Do(w, Reserve{SKU: string(utf8.AppendRune(o.By[:0], 'x'))})              // want WFE4022 o.By[...] is changed
	wfe.Do(w, Reserve{SKU: string(hex.AppendEncode(o.By[:0], o.By))})            // want WFE4022 o.By[...] is changed
	wfe.Do(w, Charge{Cents: int64(len(append(o.Nums[:0], 8)))})                  // want WFE4022 o.Nums[...] is changed
	wfe.Do(w, Charge{Cents: int64(len(append(o.Nums[:1:2], 8)))})                // want WFE4022 o.Nums[...] is changed
	wfe.Do(w, Charge{Cents: int64(len(with(o.Nums[:1])))})                       // want WFE4022 o.Nums[...] is changed
	wfe.Do(w, Charge{Cents: o.Big.Add(o.Big, o.Big).Int64()})                    // want WFE4022 o.Big is changed
	wfe.Do(w, Charge{Cents: int64(slices.Max(slices.Insert(o.Nums, 0, 3)))})     // want WFE4022 o.Nums[...] is changed
	if func() bool { sort.IntSlice(o.Nums).Swap(0, 1); return true }() {         // want WFE4022 o.Nums[...] is changed
		wfe.Do(w, Charge{})
	}
	if func() bool { swap := sort.IntSlice(o.Nums).Swap; swap(0, 1); return true }() { // want WFE4022 o.Nums[...] is changed
		wfe.Do(w, Charge{})
	}
	if (sort.Ints)(o.Nums); false { // a statement
		wfe.Do(w, Charge{})
	}
}

func note(w *wfe.Flow, text string) { wfe.Do(w, Reserve{SKU: text}) }

//wfe:pure
func with(nums []int) []int { return append(nums, 1) }

//wfe:pure
func filtered(nums []int) []int {
	out := nums[:0]
	for _, n := range nums {
		out = append(out, n) // want WFE4004 points to: out
	}
	return out
}

//wfe:pure
func filteredByHand(nums []int) []int {
	return append(nums[:1], nums[2:]...) // want WFE4004 points to: nums[:1]
}

//wfe:pure
func callsWith(nums []int) []int { return with(nums[:1]) } // want WFE4004 points to: nums[:1]

//wfe:pure
func rendered(by []byte) string { return string(strconv.AppendInt(by[:0], 1, 10)) } // want WFE4004 points to: by[:0]

//wfe:pure
func swapped(nums []int) int { sort.IntSlice(nums).Swap(0, 1); return nums[0] } // want WFE4004 points to

//wfe:pure
func builds(b *strings.Builder) int { b.WriteString("x"); return 1 } // want WFE4004 points to: b

//wfe:pure
func ofItsOwn(nums []int) []int {
	out := slices.Clone(nums)[:0]
	for _, n := range nums {
		out = append(out, n)
	}
	most := append(nums[:1:1], 3)
	all := append(slices.Clip(nums[:1]), 4)
	var b strings.Builder
	b.WriteString("x")
	return append(append(with(nums), all...), append(most, out...)...)
}

// What is written through what shares memory with another name.
//
//wfe:workflow
func WritesThroughAliases(w *wfe.Flow, o *Written) {
	nums := o.Nums
	wfe.Do(w, Charge{})
	sort.IntSlice(nums).Sort() // want WFE4013 o.Nums
	s := sort.IntSlice(o.Nums)
	wfe.Do(w, Charge{}, wfe.Name("b"))
	s.Swap(0, 1) // want WFE4013 o.Nums
	short := o.Nums[:0]
	wfe.Do(w, Charge{}, wfe.Name("c"))
	short = append(short, 3) // want WFE4013 what is appended to short
	o.N = short[0]
	half := o.Words[:1]
	wfe.Do(w, Reserve{SKU: strings.Join(append(half, "x"), ",")}) // want WFE4013 what is appended to half
	arr := o.Arr[:]
	wfe.Do(w, Charge{}, wfe.Name("d"))
	o.Arr[0] = 3 // want WFE4013 o.Arr[0] is written here, and arr[...]
	o.N = arr[0]
	whole := o.Words
	o.Words = o.Words[:1]
	wfe.Do(w, Charge{}, wfe.Name("e"))
	o.Words[0] = "x" // want WFE4013 whole
	o.Note = whole[0]
}

// Two appends to one slice share what is behind its end, if there is room, and after a crash there is none.
//
//wfe:workflow
func WritesBehindTheEnd(w *wfe.Flow, o *Written) {
	base := slices.Grow([]int{1}, 9)
	a := append(base, 1)
	wfe.Do(w, Charge{})
	b := append(base, 2) // want WFE4013 what is appended to base here may be written over elements of a
	o.N = a[1] + b[1]
	more := append(o.Words, "m")
	o.Words = append(o.Words, "n") // want WFE4013 elements of more
	o.Note = more[0]
}

//wfe:workflow
func WritesThatAreFine(w *wfe.Flow, o *Written) {
	note(w, strings.Join(o.Words, ",")+fmt.Sprint(o.Nums, o.Grid)+string(append(o.By, 'x')))
	text, _ := json.Marshal(o)
	note(w, string(text)+o.Link.String())
	wfe.Do(w, Charge{Cents: int64(len(append(o.Nums, 8)) + len(with(o.Nums)) + len(ofItsOwn(o.Nums)) + sort.SearchInts(o.Nums, 3))})
	if slices.Contains(o.Words, "x") && bytes.Equal(o.By, o.By) && o.Big.Sign() > 0 && o.Big.Cmp(o.Big) == 0 {
		wfe.Do(w, Charge{}, wfe.Name("b"))
	}
	log := []string{}
	for _, word := range o.Words {
		log = append(log, word)
		wfe.Do(w, Charge{}, wfe.Name("c"))
		log = append(log, word)
	}
	o.Words = append(log[:0], log...)
	a, b := append(o.Nums, 1), append(o.Nums, 2)
	o.N = len(a) + len(b)
	o.Nums = append(o.Nums[:1], o.Nums[2:]...)
	o.Nums = o.Nums[:0]
	wfe.Do(w, Charge{}, wfe.Name("d"))
	o.Nums = append(o.Nums, 3)
	wfe.Do(w, Charge{}, wfe.Name("e"))
	o.Nums = append(o.Nums, 4)
	mine := slices.Clone(o.Nums)
	wfe.Do(w, Charge{}, wfe.Name("f"))
	mine = append(mine, 5)
	o.Nums[0] = mine[0]
}

// Elements of one thing that share memory: they do not after a crash.
//
//wfe:workflow
func WritesWithin(w *wfe.Flow, o *Written) {
	rows, row := make([][]int, 3), []int{0, 0}
	for i := range rows {
		rows[i] = row
	}
	wfe.Do(w, Charge{})
	rows[0][0] = 9 // want WFE4013 rows[0][0] is written here, and other elements of rows
	o.N = rows[2][0]
	m := map[string][]int{"a": {1}}
	m["b"] = m["a"]
	wfe.Do(w, Charge{}, wfe.Name("b"))
	m["b"][0] = 9 // want WFE4013 m["b"][0] is written here, and other elements of m
	o.N = m["a"][0]
	base := make([]int, 3, 10)
	g := [][]int{base[:2], base[1:]}
	wfe.Do(w, Charge{}, wfe.Name("c"))
	g[0][1] = 9 // want WFE4013 g[0][1] is written here, and other elements of g
	o.N = g[1][0]
	twice := slices.Repeat([][]int{{1, 2}}, 3)
	wfe.Do(w, Charge{}, wfe.Name("d"))
	twice[0][0] = 9 // want WFE4013 twice[0][0] is written here, and other elements of twice
	o.N = twice[1][0]
	var list [][]int
	one := []int{1}
	for range 2 {
		list = append(list, one)
	}
	list = append(list, []int{2})
	wfe.Do(w, Charge{}, wfe.Name("e"))
	list[0][0] = 9 // want WFE4013 list[0][0] is written here, and other elements of list | WFE4013 one[0]
	o.N = list[1][0]
	both := append([][]int{}, one, one)
	wfe.Do(w, Charge{}, wfe.Name("f"))
	both[0][0] = 9 // want WFE4013 both[0][0] is written here, and other elements of both
	o.N = both[1][0]
	from := [][]int{{1}, {2}}
	k := 1
	for i := range rows {
		rows[i] = from[k]
	}
	wfe.Do(w, Charge{}, wfe.Name("g"))
	rows[0][0] = 9 // want WFE4013 rows[0][0] is written here, and other elements of rows | WFE4013 from[k][0]
	o.N = rows[2][0]
	cut := slices.Clone(from)
	cut = append(cut[:1], cut[0:]...)
	wfe.Do(w, Charge{}, wfe.Name("h"))
	cut[0][0] = 9 // want WFE4013 cut[0][0] is written here, and other elements of cut
	o.N = cut[1][0]
	made := grid()
	wfe.Do(w, Charge{}, wfe.Name("i"))
	made[0][0] = 9 // want WFE4013 made[0][0] is written here, and other elements of made
	o.N = made[1][0]
}

//wfe:pure
func grid() [][]int {
	row := []int{1}
	return [][]int{row, row}
}

//wfe:workflow
func WritesWithinThatAreFine(w *wfe.Flow, o *Written) {
	rows := make([][]int, 3)
	for i := range rows {
		row := make([]int, 2)
		rows[i] = row
	}
	m := map[string][]int{}
	for _, k := range o.Words {
		m[k] = append(m[k], 1)
	}
	var kept [][]int
	for _, row := range rows {
		if len(row) > 0 {
			kept = append(kept, row)
		}
	}
	copies := make([][]int, 3)
	for i := range copies {
		copies[i] = slices.Clone(rows[i])
		copies[i] = append(copies[i], 3)
	}
	for i, j := 0, 1; j < len(copies); i, j = i+1, j+1 {
		copies[i], copies[j] = copies[j], copies[i]
	}
	all := []int{1, 2, 3}
	all = append(all[:1], all[2:]...)
	grown := [][]int{{1}}
	grown = append(grown, []int{2}, []int{3})
	grown = append(grown[:1], grown[2:]...)
	wfe.Do(w, Charge{})
	m["a"][0] = 9
	o.N = len(rows) + m["a"][0] + m["b"][0] + all[0]
	kept[0][0] = 9
	o.N = kept[1][0] + copies[0][0]
	grown[0][0], copies[0][0] = 9, 8
	o.N = grown[1][0] + copies[1][0]
	wfe.Do(w, Charge{}, wfe.Name("b"))
	list := make([][]int, 3)
	for i := range copies {
		list[i] = copies[i]
	}
	for i, row := range copies {
		list[i] = row
	}
	o.Grid = append(o.Grid, grown[0])
	o.Grid[0] = o.Grid[1]
	wfe.Do(w, Charge{}, wfe.Name("c"))
	list[0][0] = 9
	o.N = list[1][0]
	o.Grid[0][0] = 3 // the data are taken apart
	o.N = o.Grid[1][0]
}

// A method that only reads is no change.
//
//wfe:workflow
func WritesNothing(w *wfe.Flow, o *Written) {
	var b strings.Builder
	b.WriteString("x")
	wfe.Do(w, Charge{})
	wfe.Do(w, Reserve{SKU: b.String()}) // want WFE4012 b is kept
	var buf bytes.Buffer
	buf.WriteString("x")
	wfe.Do(w, Charge{}, wfe.Name("b"))
	wfe.Do(w, Reserve{SKU: buf.String(), Qty: buf.Len()}) // want WFE4012 buf is kept
	buf2 := bytes.Buffer{}
	wfe.Do(w, Charge{}, wfe.Name("c"))
	wfe.Do(w, Reserve{SKU: string(buf2.Next(1))}, wfe.Name("next")) // want WFE4012 buf2 is kept | WFE4022 buf2 is changed
	var e = o.Link
	wfe.Do(w, Reserve{SKU: e.String() + e.Host}, wfe.Name("link"))
}

// What is written through pointers, parameters and parts of literals is what it is of other names too.
//
//wfe:workflow
func WritesByOtherNames(w *wfe.Flow, o *Written) {
	wfe.Do(w, Charge{Cents: func() int64 { p := &o.N; *p = 9; return 1 }()})                                  // want WFE4022 o.N is changed
	wfe.Do(w, Charge{Cents: func(p *int) int64 { *p = 9; return 1 }(&o.N)}, wfe.Name("b"))                    // want WFE4022 o.N is changed
	wfe.Do(w, Charge{Cents: func(xs []int) int64 { xs[0] = 9; return 1 }(o.Nums)}, wfe.Name("c"))             // want WFE4022 o.Nums[0] is changed
	wfe.Do(w, Charge{Cents: func(xs []int) int64 { n := xs[0]; n++; return 1 }(o.Nums)}, wfe.Name("d"))       // it only reads
	wfe.Do(w, Charge{Cents: func() int64 { q := slices.Clone(o.Nums); q[0] = 4; return 1 }()}, wfe.Name("e")) // its own
	s := o.Nums
	wfe.Do(w, Charge{}, wfe.Name("f"))
	func(xs []int) { xs[0] = 1 }(s) // want WFE4013 o.Nums
	x, y := keeper{o.Nums}.nums, [][]int{o.Nums}[0]
	wfe.Do(w, Charge{}, wfe.Name("g"))
	x[0] = 1 // want WFE4013 o.Nums
	y[0] = 1 // want WFE4013 o.Nums
	for i, n := range o.Nums {
		q := &o.Nums[len(o.Nums)-1]
		*q = 30 + i // want WFE4014 o.Nums
		wfe.Do(w, Charge{Cents: int64(n)}, wfe.Name("h"))
	}
	for i, n := range o.Nums {
		q := &o.Nums[i]
		*q = 30 + i
		wfe.Do(w, Charge{Cents: int64(n)}, wfe.Name("i"))
	}
	for i, n := range slices.Clip(o.Nums) {
		o.Nums[2] = i // want WFE4014 o.Nums
		wfe.Do(w, Charge{Cents: int64(n)}, wfe.Name("j"))
	}
	xs := o.Nums
	for i, n := range xs {
		o.Nums[2] = i // want WFE4014 xs
		wfe.Do(w, Charge{Cents: int64(n)}, wfe.Name("k"))
	}
}

type keeper struct{ nums []int }

//wfe:pure
func writesByNames(xs []int, n *int) int {
	f := func(s []int) { s[0] = 12 } // want WFE4004 s[0]
	f(xs)
	func(s []int) { s[0] = 12 }(xs) // want WFE4004 s[0]
	m := map[string]*int{"a": n}
	*m["a"] = 5 // want WFE4004 *m["a"]
	switch v := any(xs).(type) {
	case []int:
		v[1] = 14 // want WFE4004 v[1]
	}
	for _, r := range [][]int{xs} {
		r[2] = 15 // want WFE4004 r[2]
	}
	mine := slices.Clone(xs)
	f2 := func(s []int) { s[0] = 12 }
	f2(mine)
	return len(mine)
}
