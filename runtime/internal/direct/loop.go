package direct

import (
	"slices"
	"time"
)

// Parallel runs branches that all begin at the same time, one after the other.
func (r *Run) Parallel(segment string, branches []func()) {
	n := r.enter(segment)
	r.branches(n, len(branches), func(i int) { branches[i]() })
	r.leave(n)
}

// Loop is a call of ForEach.
type Loop struct {
	Node       string
	Items      [][]byte
	Err        error // why there are no Items
	Item       func(item []byte)
	Sequential bool
	Cancel     Cancel
}

// Each runs a loop over elements.
func (r *Run) Each(l Loop) {
	n := r.enter(l.Node)
	if l.Err == nil {
		l.Err = boundedItems("the collection has", l.Items)
	}
	if l.Err != nil {
		r.fault(r.failure(n.id, "", l.Err.Error(), 1))
	}
	r.cancellable(n, l.Cancel, r.fault, func() { r.items(n, l.Items, l.Sequential, l.Item) })
	r.leave(n)
}

// items runs a block once for each of items.
func (r *Run) items(n node, items [][]byte, sequential bool, body func(item []byte)) {
	element := func(i int) {
		r.index = i
		body(items[i])
	}
	if !sequential {
		r.branches(n, len(items), element)
		return
	}
	for i := range items {
		r.within(func() { r.branch(n, func() { element(i) }) })
	}
}

// branch runs a block of n, which a body ends.
func (r *Run) branch(n node, body func()) {
	r.inside(n)
	body()
	r.save(n.id)
}

// branches runs blocks of n that all begin at the same time, one after the other.
func (r *Run) branches(n node, count int, body func(i int)) {
	var bodies []func()
	r.World.forks++
	fork := r.World.forks
	done := 0
	for i := range count {
		bodies = append(bodies, func() {
			r.within(func() {
				if count > 1 {
					r.position.forks = append(slices.Clip(r.position.forks), Fork{fork, i})
				}
				r.branch(n, func() { body(i) })
			})
			done++
		})
	}
	defer func() { r.Cut = r.Cut || done < count && count > 1 }()
	r.together(bodies)
}

// Fork is one of several branches that run at the same time on a host.
type Fork struct{ ID, Branch int }

// Beside reports whether what is at a may run at the same time as what is at b.
func Beside(a, b []Fork) bool {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return a[i].ID == b[i].ID
		}
	}
	return false
}

// Rounds is a call of Recur: by an interval, or by what Next says.
type Rounds struct {
	Node   string
	Every  time.Duration
	Next   func(after time.Time) time.Time // of a cron expression
	Body   func() (again bool)
	Cancel Cancel
}

// Recur runs rounds until one of them says that it was the last.
func (r *Run) Recur(c Rounds) {
	n := r.enter(c.Node)
	r.cancellable(n, c.Cancel, r.fault, func() {
		round := r.Now()
		if c.Every == 0 {
			round = r.rest(n, c, round)
		}
		for r.round(n, c.Body) {
			round = r.rest(n, c, round)
		}
	})
	r.leave(n)
}

// round runs one round.
func (r *Run) round(n node, body func() bool) (again bool) {
	again = true // where a condition ends the round there is another one
	r.within(func() {
		r.inside(n)
		again = body()
		r.save(n.id)
	})
	r.askAll()
	return again
}

// rest lets time pass until the round after the given one is due, and returns when
// that was. Of several that are due it is the last.
func (r *Run) rest(n node, c Rounds, round time.Time) time.Time {
	if c.Every == 0 {
		due := c.Next(round)
		if due.IsZero() {
			r.stuck(Outcome{Stuck: "no further round of node " + n.id + " ever comes"})
		}
		r.until(due)
		return r.Now()
	}
	due := round.Add(c.Every)
	r.until(due)
	now := r.Now()
	return now.Add(-now.Sub(due) % c.Every)
}

// Sleep sleeps until due, a time that is asked for when it is reached.
func (r *Run) Sleep(segment string, due func() time.Time, c Cancel) {
	n := r.enter(segment)
	r.cancellable(n, c, r.fault, func() { r.until(due()) })
	r.leave(n)
}
