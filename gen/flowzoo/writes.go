package flowzoo

import (
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"

	wfe "github.com/wfegen/wfe/runtime"
)

// Written is data that are written in ways that do not look like it.
//
//wfe:data
type Written struct {
	Parts []Part
	Nums  []int
	By    []byte
	Log   []string
}

// Part has an embedded pointer.
type Part struct {
	*Core
	Name string
}

// Core is what that points to.
type Core struct{ X int }

// Writes writes through embedded pointers, into the room of slices, by methods and by functions that append: all of it is stored.
//
//wfe:workflow
func Writes(w *wfe.Flow, c *Written) {
	nums, list := []int{1, 2, 3}, sort.IntSlice{3, 1, 2}
	wfe.Do(w, Say{Text: "first"}, wfe.Name("first"))
	for i := range c.Parts {
		it := c.Parts[i]
		it.X = 50 + i
	}
	wfe.Do(w, Say{Text: fmt.Sprint(c.Parts[0].X)}, wfe.Name("embedded"))
	_ = append(c.Nums[:1], 7)
	_ = append(nums[:1], 7)
	list.Swap(0, 1)
	wfe.Do(w, Say{Text: fmt.Sprint(c.Nums, nums, list)}, wfe.Name("appended"))
	big := c.Nums[:0]
	for _, n := range c.Nums {
		if n > 3 {
			big = append(big, n)
		}
	}
	wfe.Do(w, Say{Text: fmt.Sprint(c.Nums, len(big))}, wfe.Name("filtered"))
	swap := sort.IntSlice(c.Nums).Swap
	swap(0, 1)
	wfe.Do(w, Say{Text: fmt.Sprint(c.Nums)}, wfe.Name("swapped"))
	(sort.IntSlice(c.Nums)).Sort()
	n := len(strconv.AppendInt(c.By[:0], 12, 10))
	wfe.Do(w, Say{Text: fmt.Sprint(c.Nums, string(c.By), n)}, wfe.Name("method"))
	c.Nums = append(c.Nums[:1], c.Nums[2:]...)
	(copy)(c.By, "xy")
	wfe.Do(w, Say{Text: fmt.Sprint(c.Nums, string(append(c.By, "!"...)), append(c.Nums, 8))}, wfe.Name("cut"))
	rows := make([][]int, 2)
	for i := range rows {
		row := make([]int, 2)
		rows[i] = row
	}
	rows = append(rows, slices.Clone(c.Nums))
	wfe.Do(w, Say{Text: "rows"}, wfe.Name("rows"))
	rows[0][0] = 9
	var b strings.Builder
	fmt.Fprint(&b, rows, b.Len())
	text := b.String() // a builder cannot be saved, and what it holds can
	wfe.Do(w, Say{Text: text}, wfe.Name("text"))
	c.Log = append(c.Log, fmt.Sprint(c.Parts[0].X, c.Nums, nums, list, string(c.By), rows, text))
}
