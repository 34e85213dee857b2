package order

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"sort"
	"strings"

	wfe "github.com/wfegen/wfe/runtime"
)

type line struct {
	SKU string
	N   int
}

//wfe:workflow
func OrderOfMaps(w *wfe.Flow, o *Order) {
	for k := range o.Counts {
		o.Note = k // want WFE4002 o.Note is what the last round leaves in it: it depends on the order of a map
	}
	for k := range o.Counts {
		o.Note += k // want WFE4002 o.Note is changed here
	}
	for k := range o.Counts {
		o.Names = append(o.Names, k) // want WFE4002 o.Names is collected here, and not sorted
	}
	for _, n := range o.Counts {
		if n > 3 {
			o.N = n // want WFE4002 o.N is what the last round
			break
		}
	}
	for k := range o.Counts {
		if o.N > 3 { // want WFE4002 o.N is read here
			o.Done = true
		}
		o.N += len(k)
	}
	for k, n := range o.Counts {
		if n > 3 {
			wfe.Fail(w, errors.New(k)) // want WFE4002 which round leaves the loop here
		}
	}
	for _, n := range o.Counts {
		o.Counts["x"] = 3 // want WFE4002 a round may come or not for what is changed here
		o.N += n
	}
	first := &o.First
	for k := range o.Counts {
		p := first
		p.SKU = k // want WFE4002 first.SKU is what the last round
	}
	var b strings.Builder
	for k := range o.Counts {
		b.WriteString(k) // want WFE4002 b is changed here
	}
	for k := range o.Counts {
		fmt.Fprint(&b, k) // want WFE4002 b is changed
	}
	o.Note = b.String()
	var k string
	for k = range o.Counts { // want WFE4002 k is what the last round leaves in it
	}
	o.Note = k
	o.Names = slices.Collect(maps.Keys(o.Counts))   // want WFE4002 maps.Keys goes through a map
	values := slices.Collect(maps.Values(o.Counts)) // want WFE4002 maps.Values goes through a map
	o.N = values[0]
	keys := maps.Keys(o.Counts) // want WFE4002 maps.Keys goes through a map
	o.Names = slices.Sorted(keys)
	best := 0
	for k, n := range o.Counts {
		if n > best {
			best, o.Note = n, k // want WFE4002 best is
		}
	}
	add := func(k string) { o.Names = append(o.Names, k) }
	for k := range o.Counts {
		add(k) // want WFE4002 add is called in another order
	}
	maps.DeleteFunc(o.Counts, func(k string, _ int) bool {
		o.Note = k // want WFE4002 o.Note is what the last round
		return false
	})
	var sum float64
	for _, n := range o.Counts {
		sum += float64(n) // want WFE4002 sum is changed here
	}
	o.N = int(sum)
	by := map[int]string{}
	for k, n := range o.Counts {
		by[n] = k // want WFE4002 by[n] is what the last round
	}
	groups := map[int][]string{}
	for k, n := range o.Counts {
		groups[n] = append(groups[n], k) // want WFE4002 groups[n] is collected here
	}
	seen := map[int]bool{}
	for _, n := range o.Counts {
		if !seen[n] { // want WFE4002 seen[n] is read here
			seen[n] = true
			o.N += n
		}
	}
	for range o.Items {
		for k := range o.Counts {
			o.Names = append(o.Names, k) // want WFE4002 o.Names is collected
		}
		o.Note = o.Names[0]
	}
	slices.Sort(o.Names)
	lines := []line{{}}
	for k, n := range o.Counts {
		lines = append(lines, line{k, n}) // want WFE4002 lines is collected
	}
	slices.SortFunc(lines, func(a, b line) int { return cmp.Compare(a.SKU, b.SKU) })
	ties := []line{}
	for k, n := range o.Counts {
		ties = append(ties, line{k, n}) // want WFE4002 ties is collected
	}
	slices.SortFunc(ties, func(a, b line) int { return cmp.Compare(a.N, b.N) })
	o.Names = slices.SortedFunc(maps.Keys(o.Counts), func(a, b string) int { return cmp.Compare(len(a), len(b)) }) // want WFE4002 maps.Keys goes
	o.N = firstOf(o.Counts) + len(anyKey(o.Counts)) + len(sortedByMarked(o.Counts))
outer:
	for range o.Items {
		for _, n := range o.Counts {
			if n > 3 {
				continue outer // want WFE4002 which rounds have changed
			}
			o.Max++
		}
	}
	wfe.Do(w, Charge{Cents: o.Cents})
	for k := range o.Counts { // want WFE4006
		wfe.Do(w, Reserve{SKU: k})
	}
}

//wfe:pure
func firstOf(m map[string]int) int {
	for _, n := range m {
		return n // want WFE4004 it depends on the order of a map: which round leaves the loop here
	}
	return 0
}

//wfe:pure
func anyKey[K ~string, M ~map[K]int](m M) K {
	for k := range m {
		return k // want WFE4004 which round leaves
	}
	return ""
}

//wfe:pure
func sortedByMarked(m map[string]int) []string {
	keys := slices.Collect(maps.Keys(m)) // want WFE4004 it uses maps.Keys
	sort.Slice(keys, func(i, j int) bool { return m[keys[i]] < m[keys[j]] })
	return keys
}

//wfe:pure
func namedKeys(m map[string]int) (keys []string) {
	for k := range m {
		keys = append(keys, k) // want WFE4004 keys is collected
	}
	return
}

//wfe:pure
func yieldsAll(m map[string]int, yield func(string) bool) bool {
	for k := range m {
		if !yield(k) { // want WFE4004 yield is called in another order
			return false
		}
	}
	return true
}

//wfe:workflow
func OrdersThatAreFine(w *wfe.Flow, o *Order) {
	sum, count, most, least, bits := 0, 0, math.MinInt, math.MaxInt, 0
	all, some := true, false
	for k, n := range o.Counts {
		sum += n * len(k)
		count++
		most = max(most, n)
		if n < least {
			least = n
		}
		bits |= n
		all = all && n > 0
		some = some || n > 3
		if n == 7 {
			o.Done = true
		}
		sum -= 1
	}
	o.N = sum + count + most + least + bits
	copied := map[string]int{}
	seen := map[int]bool{}
	totals := map[int]int{}
	parts := map[string][]string{}
	for k, n := range o.Counts {
		copied[k] = n
		seen[n] = true
		totals[n]++
		o.Counts[k] = n + 1
		if n < 0 {
			delete(o.Counts, k)
		}
		if v, ok := copied[k]; ok && v > 3 {
			copied[k]++
		}
		for i := range n {
			if i == 5 {
				break
			}
			parts[k] = append(parts[k], fmt.Sprint(i))
		}
		local := []int{n}
		local[0]++
		p := &local[0]
		*p = 3
		var b strings.Builder
		b.WriteString(k)
		totals[len(b.String())] += n
	}
	var keys []string
	for k := range o.Counts {
		keys = append(keys, strings.ToUpper(k))
	}
	o.N += len(keys)
	slices.Sort(keys)
	o.Names = keys
	for k := range parts {
		o.Names = append(o.Names, k, k+"x")
	}
	sort.Sort(sort.Reverse(sort.StringSlice(o.Names)))
	down := slices.Collect(maps.Keys(o.Counts))
	slices.SortFunc(down, func(a, b string) int { return -cmp.Compare(a, b) })
	o.Names = slices.AppendSeq(o.Names, maps.Keys(o.Counts))
	sort.Slice(o.Names, func(i, j int) bool { return o.Names[i] > o.Names[j] })
	for _, n := range o.Counts {
		if n > 3 {
			o.Done = true
			break
		}
	}
	for _, n := range o.Counts {
		if n < 0 {
			wfe.Fail(w, errStock)
		}
	}
	var lines []line
	for k, n := range o.Counts {
		if n > 0 {
			lines = append(lines, line{SKU: k, N: n})
		}
	}
	slices.SortFunc(lines, func(a, b line) int { return cmp.Compare(a.SKU, b.SKU) })
	lines = nil
	for k, n := range o.Counts {
		lines = append(lines, line{SKU: k, N: n})
	}
	sort.Slice(lines, func(i, j int) bool {
		return lines[i].N > lines[j].N || lines[i].N == lines[j].N && lines[i].SKU < lines[j].SKU
	})
	for n := range maps.Values(o.Counts) {
		o.N += n
	}
	o.N += slices.Sorted(maps.Values(o.Counts))[0]
	again := maps.Collect(maps.All(o.Counts))
	maps.DeleteFunc(again, func(k string, n int) bool { return k == "" || n > 3 })
	for k := range again {
		delete(again, k)
	}
	o.Names = slices.SortedFunc(maps.Keys(o.Counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
	})
	big := func(n int) bool { return n > 100 }
	for _, n := range o.Counts {
		if big(n) && word.MatchString(o.ID) {
			o.Max++
		}
	}
	if sameCounts(o.Counts, again) && some && all {
		o.N = totalOf(o.Counts) + len(linesOf(o.Counts))
	}
	wfe.Do(w, Charge{Cents: o.Cents})
	for _, k := range slices.Sorted(maps.Keys(o.Counts)) {
		wfe.Do(w, Reserve{SKU: k})
	}
}

//wfe:pure
func sameCounts(a, b map[string]int) bool {
	for k, n := range a {
		if b[k] != n {
			return false
		}
	}
	return len(a) == len(b)
}

//wfe:pure
func totalOf(m map[string]int) (n int) {
	for _, v := range m {
		n += v
	}
	return n
}

//wfe:pure
func linesOf(m map[string]int) []line {
	out := make([]line, 0, len(m))
	for k, n := range m {
		out = append(out, line{SKU: k, N: n})
	}
	slices.SortFunc(out, byLine)
	return out
}

func byLine(a, b line) int {
	if c := cmp.Compare(b.N, a.N); c != 0 {
		return c
	}
	return strings.Compare(a.SKU, b.SKU)
}
