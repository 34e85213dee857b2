package host

import (
	"cmp"
	"container/heap"
	"slices"
)

// suspects is a queue of runs whose bodies may be to blame for crashes: those with
// the most crashes first, then first in, first out.
type suspects struct {
	byCrashes
	arrived int
}

type byCrashes []suspect

type suspect struct {
	r      *run
	number int
}

func (s *suspects) empty() bool { return len(s.byCrashes) == 0 }

func (s *suspects) push(r *run) {
	s.arrived++
	heap.Push(&s.byCrashes, suspect{r, s.arrived})
}

// pop returns the run whose turn it is, nil when there is none.
func (s *suspects) pop() *run {
	if s.empty() {
		return nil
	}
	return heap.Pop(&s.byCrashes).(suspect).r
}

// remove takes r out and reports whether it was there.
func (s *suspects) remove(r *run) bool {
	i := slices.IndexFunc(s.byCrashes, func(o suspect) bool { return o.r == r })
	if i >= 0 {
		heap.Remove(&s.byCrashes, i)
	}
	return i >= 0
}

func (b byCrashes) Len() int      { return len(b) }
func (b byCrashes) Swap(i, j int) { b[i], b[j] = b[j], b[i] }
func (b *byCrashes) Push(v any)   { *b = append(*b, v.(suspect)) }

func (b byCrashes) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(b[j].r.call.Crashes, b[i].r.call.Crashes), cmp.Compare(b[i].number, b[j].number)) < 0
}

func (b *byCrashes) Pop() any {
	last := (*b)[len(*b)-1]
	*b = slices.Delete(*b, len(*b)-1, len(*b))
	return last
}
