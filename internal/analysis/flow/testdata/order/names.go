package order

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"slices"
	"sort"
	"strings"

	wfe "github.com/wfegen/wfe/runtime"
)

// Functions in variables write to what they are given, and return what they have caught.
//
//wfe:workflow
func NamesByFunctions(w *wfe.Flow, o *Written) {
	nums := []int{1, 2, 3}
	s := nums
	wfe.Do(w, Charge{})
	set := func(xs []int) { xs[0] = 71 } // want WFE4013 nums
	set(s)
	o.N = nums[0]

	nums2 := []int{1, 2, 3}
	get := func() []int { return nums2 }
	t := get()
	wfe.Do(w, Charge{}, wfe.Name("b"))
	t[0] = 1 // want WFE4013 nums2
	o.N = nums2[0]

	nums3 := []int{1, 2, 3}
	same := func(xs []int) []int { ys := xs; return ys }
	u := same(nums3)
	v := func(xs []int) []int { return xs[1:] }(nums3)
	wfe.Do(w, Charge{}, wfe.Name("c"))
	u[0] = 1 // want WFE4013 nums3
	v[0] = 1 // want WFE4013 nums3
	o.N = nums3[0]

	nums4 := []int{1, 2, 3}
	table := map[string]func([]int) []int{"a": func(xs []int) []int { return xs }}
	x := table["a"](nums4)
	wfe.Do(w, Charge{}, wfe.Name("d"))
	x[0] = 1 // want WFE4013 nums4
	o.N = nums4[0]
}

//wfe:workflow
func NamesByMoreFunctions(w *wfe.Flow, o *Written) {
	rows := map[string][]int{"a": {1}}
	row, ok := rows["a"]
	wfe.Do(w, Charge{})
	row[0] = 1 // want WFE4013 rows
	o.N = rows["a"][0]
	_ = ok

	nums := []int{1, 2, 3}
	a := beginning(nums)
	items := []Item{{Parts: []Piece{{"a"}}}}
	pieces := mapped(items, func(it Item) []Piece { return it.Parts })
	getter := struct{ get func() []int }{func() []int { return nums }}
	b := getter.get() // want WFE4003 getter.get
	c := calledBack(func() []int { return nums })
	d := func() (out []int) {
		func() { out = nums }()
		return out
	}()
	var e []int
	func() { e = nums }()
	k := Reserved{A: nums}
	f := k.first()
	g, _ := k.both()
	wfe.Do(w, Charge{}, wfe.Name("b"))
	pieces[0][0].ID = "b" // want WFE4013 items
	o.Note = items[0].Parts[0].ID
	a[0] = 1 // want WFE4013 nums
	o.N = nums[0]
	b[0] = 1 // want WFE4013 nums
	o.N = nums[0]
	c[0] = 1 // want WFE4013 nums
	o.N = nums[0]
	d[0] = 1 // want WFE4013 nums
	o.N = nums[0]
	e[0] = 1 // want WFE4013 nums
	o.N = nums[0]
	f[0] = 1 // want WFE4013 nums
	o.N = nums[0]
	g[0] = 1 // want WFE4013 nums
	o.N = nums[0]

	ms := []int{1, 2, 3}
	h := byHelper(w, func() []int { return ms })
	wfe.Do(w, Charge{}, wfe.Name("c"))
	h[0] = 1 // want WFE4013 ms
	o.N = ms[0]
}

//wfe:pure
func beginning[T any](xs []T) []T { return xs[:1] }

//wfe:pure
func calledBack(f func() []int) []int { return f() }

//wfe:pure
func (r *Reserved) first() []int { return r.A }

//wfe:pure
func (r Reserved) both() ([]int, []int) { return r.A, r.B }

func byHelper(w *wfe.Flow, f func() []int) []int {
	out := f()
	wfe.Do(w, Charge{})
	return out
}

//wfe:workflow
func NamesByTypes(w *wfe.Flow, o *Written) {
	nums := []int{1, 2, 3}
	a := any(nums).([]int)
	var b []int
	switch v := any(nums).(type) {
	case []int:
		b = v
	}
	wfe.Do(w, Charge{})
	a[0] = 1 // want WFE4013 nums
	o.N = nums[0]
	b[0] = 1 // want WFE4013 nums
	o.N = nums[0]
	c, ok := any(nums).([]int)
	wfe.Do(w, Charge{}, wfe.Name("b"))
	c[0] = 1 // want WFE4013 nums
	o.N = nums[0]
	_ = ok
}

//wfe:workflow
func NamesByPointers(w *wfe.Flow, o *Written) {
	nums := []int{1, 2, 3}
	var x []int
	px := &x
	*px = nums
	wfe.Do(w, Charge{})
	x[0] = 1 // want WFE4013 nums
	o.N = nums[0]

	ms := []int{1, 2}
	s := ms
	wfe.Do(w, Charge{}, wfe.Name("b"))
	p := &s[0]
	*p = 88 // want WFE4013 ms
	o.N = ms[0]

	k := Reserved{}
	pk := &k
	pk.A = ms
	qk := pk
	qk.B = nums
	wfe.Do(w, Charge{}, wfe.Name("c"))
	k.A[0] = 1 // want WFE4013 ms
	k.B[0] = 1 // want WFE4013 nums
	o.N = ms[0]
	o.N = nums[0]
}

type Reserved struct{ A, B []int }

//wfe:workflow
func NamesByIterators(w *wfe.Flow, o *Written) {
	nums := []int{1, 2, 3}
	a := slices.Collect(slices.Values([][]int{nums}))
	b := slices.Collect(maps.Values(map[int][]int{1: nums})) // want WFE4002 order
	c := slices.Collect(slices.Chunk(nums, 2))
	d := slices.Clone([][]int{nums})
	var e []int
	for v := range slices.Values([][]int{nums}) {
		e = v
	}
	var f []int
	for v := range slices.Chunk(nums, 2) {
		f = v
	}
	var g []int
	for _, v := range [][]int{nums} {
		g = v
	}
	var h []int
	for v := range once(nums) {
		h = v
	}
	i := slices.Collect(func(yield func([]int) bool) { yield(nums) })
	wfe.Do(w, Charge{})
	a[0][0] = 1 // want WFE4013 nums
	o.N = nums[0]
	b[0][0] = 1 // want WFE4013 nums
	o.N = nums[0]
	c[0][0] = 1 // want WFE4013 nums
	o.N = nums[0]
	d[0][0] = 1 // want WFE4013 nums
	o.N = nums[0]
	e[0] = 1 // want WFE4013 nums
	o.N = nums[0]
	f[0] = 1 // want WFE4013 nums
	o.N = nums[0]
	g[0] = 1 // want WFE4013 nums
	o.N = nums[0]
	h[0] = 1 // want WFE4013 nums
	o.N = nums[0]
	i[0][0] = 1 // want WFE4013 nums
	o.N = nums[0]
}

//wfe:pure
func once(xs []int) iter.Seq[[]int] { return func(yield func([]int) bool) { yield(xs) } }

//wfe:workflow
func NamesThatAreFine(w *wfe.Flow, o *Written) {
	nums := []int{1, 2, 3}
	sum := func(xs []int) (n int) {
		for _, x := range xs {
			n += x
		}
		return n
	}
	double := func(xs []int) []int {
		out := make([]int, 0, len(xs))
		for _, x := range xs {
			out = append(out, 2*x)
		}
		return out
	}
	o.N = sum(nums)
	two := double(nums)
	sorted := slices.Sorted(slices.Values(nums))
	keys := slices.Sorted(maps.Keys(map[int]bool{1: true}))
	wfe.Do(w, Charge{})
	two[0], sorted[0], keys[0] = 1, 1, 1
	o.N = nums[0] + two[0] + sorted[0] + keys[0]
	slices.SortFunc(nums, func(a, b int) int { return b - a })
	rows := [][]int{{1}, {2}}
	wfe.Do(w, Charge{}, wfe.Name("b"))
	slices.SortFunc(rows, func(a, b []int) int { return a[0] - b[0] })
	x := []int{4}
	px := &x
	*px = []int{4}
	wfe.Do(w, Charge{}, wfe.Name("c"))
	x[0] = 3
	o.N = x[0] + nums[0] + rows[0][0]
}

//wfe:workflow
func NamesOfOrdinaryCode(w *wfe.Flow, o *Order) {
	i := slices.IndexFunc(o.Items, func(it Item) bool { return it.SKU == o.ID })
	best := slices.MaxFunc(o.Items, func(a, b Item) int { return cmp.Compare(a.Qty, b.Qty) })
	text, _ := json.Marshal(o.Names)
	big := bytes.ToUpper([]byte(o.Note))
	words := strings.Fields(o.Note)
	keys := slices.Sorted(maps.Keys(o.Counts))
	var log []string
	say := func(format string, args ...any) { log = append(log, fmt.Sprintf(format, args...)) }
	say("%d %v", i, o.Names)
	counts := map[string]int{}
	count := func(list []string) map[string]int {
		for _, name := range list {
			counts[name]++
		}
		return counts
	}
	count(o.Names)
	parts := group(o.Items, func(it Item) string { return it.SKU })
	names := mapped(o.Items, func(it Item) string { return it.SKU })
	lists := mapped(o.Items, func(it Item) []string { return []string{it.SKU} })
	wfe.Do(w, Charge{Cents: int64(best.Qty + len(parts))})
	lists[0][0] = "z"
	o.Names[0] = "x"
	o.Items[0].Qty = 4
	o.Counts["a"] = 1
	words[0], keys[0], names[0], big[0] = "a", "b", "c", 'd'
	counts["a"]++
	log = append(log, "z")
	o.Note = string(text) + string(big) + words[0] + keys[0] + names[0] + fmt.Sprint(counts["a"], log)
	say = func(format string, args ...any) { log = append(log, fmt.Sprintf(format, args...)) }
	say("more")
	sort.Slice(o.Items, func(i, j int) bool { return o.Items[i].Qty < o.Items[j].Qty })
	o.Items = slices.DeleteFunc(o.Items, func(it Item) bool { return it.Done })
	slices.SortFunc(o.Items, func(a, b Item) int { return cmp.Compare(a.SKU, b.SKU) })
	for _, it := range o.Items {
		line := strings.Map(func(r rune) rune { return r }, it.SKU)
		wfe.Do(w, Reserve{SKU: line}, wfe.Name("b"))
		log = append(log, line)
	}
	o.Names = log
	for chunk := range slices.Chunk(o.Names, 2) {
		o.Note += strings.Join(chunk, ",")
	}
}

//wfe:pure
func group(items []Item, by func(Item) string) map[string]int {
	out := map[string]int{}
	for _, it := range items {
		out[by(it)]++
	}
	return out
}

//wfe:pure
func mapped[T, U any](list []T, f func(T) U) []U {
	var out []U
	for _, x := range list {
		out = append(out, f(x))
	}
	return out
}

//wfe:workflow
func NamesInLoops(w *wfe.Flow, o *Written) {
	nums := []int{1, 2, 3}
	pick := func() []int { return nums }
	for i, n := range pick() {
		nums[2] = i // want WFE4014 nums
		wfe.Do(w, Charge{Cents: int64(n)})
	}
	for i, n := range append(nums[:0], nums...) { // want WFE4022 nums
		nums[2] = i // want WFE4014 nums
		wfe.Do(w, Charge{Cents: int64(n)}, wfe.Name("b"))
	}
	for i, n := range whole(nums) {
		nums[2] = i // want WFE4014 nums
		wfe.Do(w, Charge{Cents: int64(n)}, wfe.Name("c"))
	}
	for i, n := range nums {
		func(s []int) { s[2] = i }(nums) // want WFE4014 nums
		wfe.Do(w, Charge{Cents: int64(n)}, wfe.Name("d"))
	}
	for i, n := range slices.Clone(nums) {
		nums[2] = i
		wfe.Do(w, Charge{Cents: int64(n)}, wfe.Name("e"))
	}
}

//wfe:pure
func whole(xs []int) []int { return xs }

//wfe:workflow
func NamesInUndo(w *wfe.Flow, o *Written) {
	wfe.Saga(w, func() {
		for n := range 3 {
			k := n
			wfe.Undo(w, func() { wfe.Do(w, Charge{Cents: int64(k)}) })
			p := &k
			*p = 77 // want WFE4018 k is assigned after
			wfe.Do(w, Charge{})
		}
		for n := range 3 {
			a := []int{n}
			wfe.Undo(w, func() { wfe.Do(w, Charge{Cents: int64(a[0])}) })
			wfe.Do(w, Charge{}, wfe.Name("b"))
			b := a
			b[0] = 31 // want WFE4018 a is assigned after
			wfe.Do(w, Charge{}, wfe.Name("c"))
		}
		for n := range 3 {
			a := []int{n}
			b := slices.Clone(a)
			wfe.Undo(w, func() { wfe.Do(w, Charge{Cents: int64(a[0])}) })
			wfe.Do(w, Charge{}, wfe.Name("d"))
			b[0] = 31
			q := &o.N
			*q = 3
		}
	})
}

//wfe:workflow
func NamesReadByUndo(w *wfe.Flow, o *Written) {
	nums := []int{1, 2}
	a, b := nums, slices.Clone(nums)
	wfe.Saga(w, func() {
		wfe.Undo(w, func() { wfe.Do(w, Charge{Cents: int64(a[0])}) })
		wfe.Do(w, Charge{})
		nums[0] = 4 // want WFE4013 and a was the same memory
		b[0] = 4
		wfe.Do(w, Charge{}, wfe.Name("b"))
	})
	nums[0] = 5 // nobody looks at a any more
	o.N = nums[0] + b[0]
}

//wfe:workflow
func NamesInBranches(w *wfe.Flow, o *Order) {
	wfe.Parallel(w, func() {
		it := &o.First
		it.Qty = 5
		wfe.Do(w, Charge{})
	}, func() {
		it := &o.First
		it.Qty = 6 // want WFE4015 o.First.Qty
		wfe.Do(w, Charge{}, wfe.Name("b"))
	})
	wfe.Parallel(w, func() {
		it := &o.First
		it.Qty = 5
		wfe.Do(w, Charge{}, wfe.Name("c"))
	}, func() {
		it := &o.Items[0]
		it.Qty = 6
		it.Qty++
		wfe.Do(w, Charge{}, wfe.Name("d"))
	})
	wfe.Parallel(w, func() {
		it := &o.First
		it.Qty++
		wfe.Do(w, Charge{}, wfe.Name("e"))
	}, func() {
		it := &o.First
		it.Qty++
		wfe.Do(w, Charge{}, wfe.Name("f"))
	})
}

//wfe:workflow
func NamesOfData(w *wfe.Flow, o *Order) {
	p := o
	q := *p
	*p = q
	q.N = 3
	wfe.Do(w, Charge{})
	o.N = q.N
	q.N = 4
	wfe.Parallel(w, func() {
		p := o
		p.N = 3
		wfe.Do(w, Charge{}, wfe.Name("b"))
	}, func() {
		o.N = 4 // want WFE4015 o.N
		wfe.Do(w, Charge{}, wfe.Name("c"))
	})
}

var (
	defaultNames = []string{"a", "b"}
	sortedNames  = []string{"a", "b"}
	helperNames  = []string{"a", "b"}
	ownNames     = []string{"a", "b"}

	tiers = []Item{{SKU: "a", Parts: []Piece{{"x"}}}}
	rests = []Item{{SKU: "a", Parts: []Piece{{"x"}}}}
)

//wfe:workflow
func NamesOfPackageVariables(w *wfe.Flow, o *Order) {
	o.Names = defaultNames
	wfe.Do(w, Charge{})
	o.Names[0] = "c"     // want WFE4013 the package variable defaultNames
	local := sortedNames // want WFE4005 sortedNames is assigned
	slices.Sort(local)
	for _, t := range tiers { // want WFE4005 tiers is assigned
		wfe.Do(w, Reserve{SKU: t.SKU}, wfe.Name("b"))
		t.Qty = 4
		t.Parts[0].ID = "y"
	}
	namesOfHelper(w, o)
	o.Names[0] = "x" // want WFE4013 helperNames
	own := slices.Clone(ownNames)
	own[0] = "c"
	o.Names = own
	t := rests[0]
	t.Qty = 4
	o.First = t
	o.First.Qty = 5
	o.More = append(o.More, rests...)
	o.More[0].Qty = 3
	o.Names = slices.Clone(ownNames)
	wfe.Do(w, Charge{}, wfe.Name("c"))
	o.Names[0] = "d"
	o.Names = ownNames
	wfe.Do(w, Charge{}, wfe.Name("d"))
	o.Names = append(o.Names, "e")
	o.Names = nil
	o.Names = append(o.Names, "e")
	o.Names[0] = "f"
}

func namesOfHelper(w *wfe.Flow, o *Order) {
	wfe.Do(w, Charge{})
	o.Names = helperNames
}
