package host

import "slices"

// fair is a queue of runs: first in, first out over instances, so that one with
// many branches does not keep the others waiting.
type fair struct {
	lanes   []*lane // with runs, in order
	byActor map[*actor]*lane
}

// lane holds what one instance has to start.
type lane struct {
	a     *actor
	queue []*run
}

func newFair() fair { return fair{byActor: map[*actor]*lane{}} }

func (f *fair) empty() bool { return len(f.lanes) == 0 }

func (f *fair) push(r *run) {
	l := f.byActor[r.a]
	if l == nil {
		l = &lane{a: r.a}
		f.byActor[r.a] = l
		f.lanes = append(f.lanes, l)
	}
	l.queue = append(l.queue, r)
}

// pop returns the run whose turn it is, nil when there is none.
func (f *fair) pop() *run {
	for len(f.lanes) > 0 {
		l := f.lanes[0]
		f.lanes = f.lanes[1:]
		if len(l.queue) == 0 { // they were removed
			delete(f.byActor, l.a)
			continue
		}
		r := l.queue[0]
		l.queue = l.queue[1:]
		if len(l.queue) > 0 {
			f.lanes = append(f.lanes, l)
		} else {
			delete(f.byActor, l.a)
		}
		return r
	}
	return nil
}

// remove takes r out and reports whether it was there.
func (f *fair) remove(r *run) bool {
	l := f.byActor[r.a]
	if l == nil {
		return false
	}
	before := len(l.queue)
	l.queue = slices.DeleteFunc(l.queue, func(o *run) bool { return o == r })
	return len(l.queue) < before
}
