package reference

import (
	"container/heap"
	"fmt"
	"slices"
	"time"
)

// sim does what a program says, on a clock of its own.
//
// A node is entered with where it stands and with what follows it. What is stopped
// just never does what follows. A child is a sim of its own under the same sky.
type sim struct {
	*sky
	log      []string
	fields   Fields
	taken    map[string]bool // events, by key
	runs     map[string]int  // by what was done
	pointers int             // activations so far
	seq      int             // completions so far
	born     time.Duration
	children []*sim
	end      string // complete, terminated or suspended
	ended    time.Duration
	ends     func() // is called then
}

// sky is the time of all instances. What follows from what is in queues: soon is
// what moves in the present transition, after what happens once that is durable,
// later what has its time.
type sky struct {
	world *world
	now   time.Duration
	soon  []func()
	after []func() // a commit
	later alarms
	calls bool // there are children
	stuck bool // one is suspended, and its parent waits
	steps int  // of the simulation
}

// where is the place of a node in what runs.
type where struct {
	saga  *attempt // the innermost saga around it
	undo  bool     // it is part of a compensation, which no saga around it stops or undoes
	items []int    // of the loops around it
}

// alive reports whether no saga around it is being stopped.
func (w where) alive() bool {
	for ; !w.undo && w.saga != nil; w = w.saga.at {
		if w.saga.phase != body {
			return false
		}
	}
	return true
}

// simulate runs a program to its end; false when that takes too long.
func simulate(p program) (*sim, bool) {
	s := &sim{sky: &sky{world: newWorld(p)}, taken: map[string]bool{}, runs: map[string]int{}}
	s.block(p.nodes, where{}, func() { s.over("complete") })
	for !s.finished() {
		switch {
		case len(s.soon) > 0:
			f := s.soon[0]
			s.soon = s.soon[1:]
			f()
		case len(s.after) > 0:
			now := s.after
			s.after = nil
			for _, f := range now {
				f()
			}
		case len(s.later) > 0:
			a := heap.Pop(&s.later).(*alarm)
			s.now = a.at
			if !a.off && !s.finished() {
				a.f()
			}
		case s.end != "":
			return s, true
		case s.stuck:
			s.over("runnable")
		default:
			panic("nothing is left to happen, and the program has not ended:\n" + p.String())
		}
		if s.steps++; s.steps > 20_000 {
			return s, false
		}
	}
	return s, true
}

// goesOn is how long the children of a program that is suspended are watched.
const goesOn = time.Minute

// finished reports whether there is nothing more to see.
func (s *sim) finished() bool {
	switch {
	case s.end == "":
		return false
	case s.end == "suspended" && s.calls:
		return s.now > s.ended+goesOn
	}
	return true
}

// over ends the instance, or suspends it. Its children end with it, but not while it is suspended.
func (s *sim) over(end string) {
	if s.end != "" && (s.end != "suspended" || end != "terminated") {
		return
	}
	s.end, s.ended = end, s.now
	if end != "suspended" {
		for _, c := range s.children {
			c.over("terminated")
		}
	}
	if s.ends != nil {
		s.ends()
	}
}

// begins notes that a body does something, and returns how often it did before.
func (s *sim) begins(what string) int {
	s.world.trace = append(s.world.trace, fmt.Sprintf("%v %s", s.now, what))
	s.runs[what]++
	return s.runs[what] - 1
}

// do applies a result. What comes while the program is suspended is not applied.
func (s *sim) do(line string) {
	if s.end == "" {
		s.log = append(s.log, line)
	}
}

func (s *sim) pointer() int {
	s.pointers++
	return s.pointers
}

// block runs nodes one after the other.
func (s *sim) block(nodes []*node, at where, done func()) {
	s.soon = append(s.soon, func() {
		switch {
		case !at.alive() || s.end != "":
		case len(nodes) == 0:
			done()
		default:
			s.node(nodes[0], at, func() { s.block(nodes[1:], at, done) })
		}
	})
}

func (s *sim) node(n *node, at where, done func()) {
	name := label(n.id, at.items)
	switch n.kind {
	case step:
		s.try(s.begin(n, at, done, nil, 1))
	case steer:
		outcome := func() {
			if n.outcome < len(n.blocks) {
				s.block(n.blocks[n.outcome], at, done)
				return
			}
			done()
		}
		s.try(s.begin(n, at, done, outcome, 1))
	case child:
		s.call(s.begin(n, at, done, nil, 1))
	case function:
		t := s.begin(n, at, done, nil, 1)
		t.field = slices.Clone(*s.fields.field(n.field))
		s.try(t)
	case set:
		s.do(name)
		done()
	case delay:
		s.wait(at, n.work, done)
	case choose:
		switch {
		case n.conds[0].holds(s.log):
			s.block(n.blocks[0], at, done)
		case len(n.blocks) > 1:
			s.block(n.blocks[1], at, done)
		default:
			done()
		}
	case decide:
		s.decide(n, at, done)
	case while:
		s.while(n, at, done)
	case each:
		elements := func() { s.each(n, at, done) }
		if n.split {
			s.try(s.begin(n, at, done, elements, 1))
			return
		}
		elements()
	case parallel:
		s.join(len(n.blocks), func(i int, ended func()) { s.block(n.blocks[i], at, ended) }, done)
	case saga:
		s.saga(n, at, done, 0)
	case await:
		s.await(n, at, done)
	case later:
		s.wait(at, n.work, func() { s.block(n.blocks[0], at, done) })
	case recur:
		s.recur(n, at, done)
	case end:
		s.over("complete")
	}
}

// join begins n branches and goes on when all have ended.
func (s *sim) join(n int, branch func(i int, ended func()), done func()) {
	if n == 0 {
		done()
		return
	}
	left := n
	for i := range n {
		branch(i, func() {
			if left--; left == 0 {
				done()
			}
		})
	}
}

func (s *sim) decide(n *node, at where, done func()) {
	var holding []int
	for i, c := range n.conds {
		if c.holds(s.log) && (n.all || holding == nil) {
			holding = append(holding, i)
		}
	}
	if holding == nil {
		if len(n.blocks) == len(n.conds) {
			s.final(nil, at, "")
			return
		}
		holding = []int{len(n.conds)}
	}
	s.join(len(holding), func(i int, ended func()) { s.block(n.blocks[holding[i]], at, ended) }, done)
}

func (s *sim) while(n *node, at where, done func()) {
	name := label(n.id, at.items)
	var round func()
	round = func() {
		if count(s.log, name) >= n.rounds {
			done()
			return
		}
		s.block([]*node{{kind: set, id: n.id}}, at, func() { s.block(n.blocks[0], at, round) })
	}
	round()
}

// recur runs rounds on a grid; those that were missed are one.
func (s *sim) recur(n *node, at where, done func()) {
	name, round := label(n.id, at.items), s.now
	var next func()
	run := func() {
		s.block([]*node{{kind: set, id: n.id}}, at, func() { s.block(n.blocks[0], at, next) })
	}
	stops := func() bool { return count(s.log, name) >= n.rounds }
	next = func() {
		due := round + n.work
		switch {
		case stops():
			done()
		case due > s.now:
			s.wait(at, due-s.now, next)
		default:
			round = s.now - (s.now-due)%n.work
			run()
		}
	}
	if stops() {
		done()
		return
	}
	run()
}

func (s *sim) each(n *node, at where, done func()) {
	started, left := 0, n.items
	var next func()
	next = func() {
		in := at
		in.items = append(at.items[:len(at.items):len(at.items)], started)
		started++
		s.block(n.blocks[0], in, func() {
			switch left--; {
			case started < n.items:
				next()
			case left == 0:
				done()
			}
		})
	}
	if n.items == 0 {
		done()
		return
	}
	for range min(n.items, max(n.limit, 1)) {
		next()
	}
}

// visible is when the event of that key is published; 0 is never.
func (n *node) visible(key string) time.Duration {
	if n.published == 0 {
		return 0
	}
	return n.published + chance(key)
}

// takes reports whether an event comes within a time.
func (s *sim) takes(key string, visible, within time.Duration) bool {
	return visible > s.born && !s.taken[key] && visible <= s.now+within
}

func (s *sim) await(n *node, at where, done func()) {
	key := label(n.id, at.items)
	visible := n.visible(key)
	if !s.takes(key, visible, n.work) {
		s.wait(at, n.work, func() { s.block(n.blocks[0], at, done) })
		return
	}
	s.wait(at, max(visible-s.now, 0), func() {
		s.taken[key] = true
		s.do(key)
		done()
	})
}

// activity is something that takes time and can be stopped. stop calls stopped when it has.
type activity struct {
	id   int
	stop func(stopped func())
}

// enter keeps an activity where the saga around it finds it.
func (w where) enter(a *activity) *activity {
	if w.saga != nil && !w.undo {
		w.saga.live = append(w.saga.live, a)
	}
	return a
}

func (w where) leave(a *activity) {
	if w.saga == nil || w.undo {
		return
	}
	for i, o := range w.saga.live {
		if o == a {
			w.saga.live = append(w.saga.live[:i:i], w.saga.live[i+1:]...)
			return
		}
	}
}

// wait goes on after a time, unless it is stopped.
func (s *sim) wait(at where, d time.Duration, done func()) {
	s.pause(at, s.pointer(), d, func() {}, done)
}

// pause is a wait of an activation; when it is stopped, stopped is called first.
func (s *sim) pause(at where, id int, d time.Duration, stopped, done func()) {
	a := at.enter(&activity{id: id})
	t := s.at(d, func() {
		at.leave(a)
		done()
	})
	a.stop = func(then func()) {
		t.off = true
		at.leave(a)
		stopped()
		then()
	}
}

// commit calls f when the present transition is durable.
func (s *sim) commit(f func()) { s.after = append(s.after, f) }

// alarm is something that happens at a time.
type alarm struct {
	at  time.Duration
	n   int
	f   func()
	off bool
}

func (s *sim) at(d time.Duration, f func()) *alarm {
	s.steps++
	a := &alarm{s.now + d, s.steps, f, false}
	heap.Push(&s.later, a)
	return a
}

type alarms []*alarm

func (a alarms) Len() int { return len(a) }
func (a alarms) Less(i, j int) bool {
	return a[i].at < a[j].at || a[i].at == a[j].at && a[i].n < a[j].n
}
func (a alarms) Swap(i, j int) { a[i], a[j] = a[j], a[i] }
func (a *alarms) Push(x any)   { *a = append(*a, x.(*alarm)) }
func (a *alarms) Pop() any {
	last := len(*a) - 1
	x := (*a)[last]
	*a = (*a)[:last]
	return x
}
