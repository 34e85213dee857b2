package reference

import (
	"cmp"
	"slices"

	wfe "github.com/wfegen/wfe/runtime"
)

// attempt is one activation of a saga.
type attempt struct {
	s    *sim
	n    *node
	at   where
	done func()
	used int // earlier activations by its policy

	phase     phase
	seq       int // its place in the order of undoing
	self      *activity
	live      []*activity
	entries   []entry
	terminate bool   // the step that failed says so
	stopped   func() // the saga around it was stopped meanwhile, and waits for this
}

type phase int

const (
	body phase = iota
	halting
	undoing
	pausing
)

// entry is something to undo: a step, or the own compensation of a saga.
type entry struct {
	seq    int // of completion
	id     int // of the activation
	inPart bool
	undo   func(done func())
}

func (s *sim) saga(n *node, at where, done func(), used int) {
	a := &attempt{s: s, n: n, at: at, done: done, used: used, seq: s.next()}
	a.self = at.enter(&activity{id: s.pointer(), stop: a.stop})
	s.block(n.blocks[0], where{saga: a, items: at.items}, func() {
		at.leave(a.self)
		a.hand()
		done()
	})
}

// keeps notes that a step of the saga was done, wholly or in part.
func (a *attempt) keeps(t *try, seq int, inPart bool) {
	if a == nil || t.at.undo || !t.n.undo {
		return
	}
	a.entries = append(a.entries, entry{seq, t.id, inPart, func(done func()) { a.s.undo(t.n, t.name(), t.at.items, 1, done) }})
}

// hand gives the saga around it all that may have to be undone.
func (a *attempt) hand() {
	outer := a.at.saga
	if outer == nil || a.at.undo {
		return
	}
	outer.entries = append(outer.entries, a.entries...)
	if a.n.comp != nil {
		outer.entries = append(outer.entries, entry{seq: a.seq, undo: a.compensate})
	}
}

// compensate is the saga's own compensation.
func (a *attempt) compensate(done func()) {
	a.s.block(a.n.comp, where{undo: true, items: a.at.items}, done)
}

// fail rolls the saga back, because t in it has failed.
func (a *attempt) fail(t *try, then wfe.Action) {
	a.phase, a.terminate = halting, then == wfe.Terminate
	if t != nil {
		a.keeps(t, 0, true)
	}
	a.halt(a.rollBack)
}

// halt stops all that moves in the saga, then goes on.
func (a *attempt) halt(done func()) {
	live := slices.Clone(a.live)
	left := len(live)
	if left == 0 {
		done()
		return
	}
	for _, l := range slices.Backward(live) {
		l.stop(func() {
			if left--; left == 0 {
				done()
			}
		})
	}
}

// rollBack undoes, one by one: first what was done in part, then what was completed, newest first.
func (a *attempt) rollBack() {
	a.phase = undoing
	slices.SortFunc(a.entries, func(x, y entry) int {
		switch {
		case x.inPart != y.inPart && x.inPart:
			return -1
		case x.inPart != y.inPart:
			return 1
		case x.inPart:
			return cmp.Compare(y.id, x.id)
		}
		return cmp.Compare(y.seq, x.seq)
	})
	var next func()
	next = func() {
		switch {
		case len(a.entries) > 0:
			e := a.entries[0]
			a.entries = a.entries[1:]
			e.undo(next)
		case a.n.comp != nil:
			a.compensate(a.settle)
		default:
			a.settle()
		}
	}
	next()
}

// settle does what the saga's policy says once all is undone.
func (a *attempt) settle() {
	if a.stopped != nil {
		a.at.leave(a.self)
		a.stopped()
		return
	}
	then := wfe.Action("")
	if a.terminate {
		then = wfe.Terminate
	} else if a.n.chosen {
		if a.used < a.n.policy.MaxRetries {
			a.again()
			return
		}
		then = a.n.policy.Then
	}
	switch {
	case then == wfe.Suspend || then == wfe.CompensateThenSuspend:
		a.s.over("suspended")
	case then != wfe.Terminate && a.n.comp != nil:
		a.at.leave(a.self)
		a.done()
	default:
		a.at.leave(a.self)
		a.outward(then)
	}
}

// again runs the saga once more, after a wait.
func (a *attempt) again() {
	a.phase = pausing
	t := a.s.at(interval(a.n.policy, a.used+1), func() {
		a.at.leave(a.self)
		a.s.saga(a.n, a.at, a.done, a.used+1)
	})
	a.self.stop = func(then func()) {
		t.off = true
		a.at.leave(a.self)
		then()
	}
}

// outward makes it a failed step of the saga around it.
func (a *attempt) outward(then wfe.Action) {
	switch {
	case a.at.undo:
		a.s.over("suspended")
	case a.at.saga != nil:
		a.at.saga.fail(nil, then)
	default:
		a.s.over("terminated")
	}
}

// stop is called when the saga around it is stopped. What rolls back already is ended first.
func (a *attempt) stop(stopped func()) {
	if a.phase != body {
		a.stopped = stopped
		return
	}
	a.halt(func() {
		a.at.leave(a.self)
		a.hand()
		stopped()
	})
}
