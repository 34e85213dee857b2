package reference

import (
	"math"
	"slices"
	"time"

	wfe "github.com/wfegen/wfe/runtime"
)

// try is an activation of a step: one attempt after the other.
type try struct {
	n      *node
	at     where
	done   func()
	branch func() // in place of done, when the step has completed
	id     int
	number int      // of the attempt
	ran    bool     // an attempt has begun
	kept   kept     // steer
	field  []string // function: as it was when its inputs were evaluated
}

func (t *try) name() string { return label(t.n.id, t.at.items) }

// begin makes an activation of a step, the first one or, after a compensation, another one.
func (s *sim) begin(n *node, at where, done, branch func(), number int) *try {
	return &try{n: n, at: at, done: done, branch: branch, id: s.pointer(), number: number}
}

// completed applies what a body has returned.
func (s *sim) completed(t *try) {
	if s.end != "" {
		return
	}
	switch t.n.kind {
	case steer:
		s.do(took(t.name(), t.kept.Took))
	case function:
		*s.fields.field(t.n.field) = append(slices.Clone(t.field), t.name())
	default:
		s.do(t.name())
	}
}

// rest follows a run of a steering step that has not ended it.
func (s *sim) rest(t *try) {
	p, key := t.n.pauses[t.kept.Pauses], pauseKey(t.name(), t.kept.Pauses)
	t.kept.Pauses++
	t.number = 1
	inPart := func() { t.at.saga.keeps(t, 0, true) }
	switch visible := t.n.visible(key); {
	case p.kind == persist:
		s.try(t)
	case p.kind == waits && s.takes(key, visible, p.d):
		s.pause(t.at, t.id, max(visible-s.now, 0), inPart, func() {
			s.taken[key] = true
			t.kept.Took++
			s.try(t)
		})
	default:
		s.pause(t.at, t.id, p.d, inPart, func() { s.try(t) })
	}
}

// attempt begins an attempt.
func (s *sim) attempt(t *try) {
	if t.n.kind == child {
		s.call(t)
		return
	}
	s.try(t)
}

// try runs the body.
func (s *sim) try(t *try) {
	a := t.at.enter(&activity{id: t.id})
	var stopped func() // it was told to stop, and this is to be called then
	var timer *alarm
	var fails bool
	ends := func(completed bool) {
		t.at.leave(a)
		if completed && t.kept.Pauses < len(t.n.pauses) {
			if stopped == nil {
				s.rest(t)
				return
			}
			completed = false
		}
		switch {
		case completed:
			s.completed(t)
			t.at.saga.keeps(t, s.next(), false)
		case stopped != nil:
			t.at.saga.keeps(t, 0, true)
		default:
			s.failed(t)
			return
		}
		if stopped != nil {
			stopped()
			return
		}
		if t.branch != nil {
			t.branch()
			return
		}
		t.done()
	}
	a.stop = func(then func()) {
		stopped = then
		if timer == nil { // it never began
			t.at.leave(a)
			if t.ran {
				t.at.saga.keeps(t, 0, true)
			}
			then()
			return
		}
		s.commit(func() {
			if !t.n.stubborn && !timer.off {
				timer.off = true
				ends(false)
			}
		})
	}
	s.commit(func() {
		if stopped != nil || s.end != "" {
			return
		}
		t.ran = true
		before := s.begins("do " + t.name())
		fails = t.n.forever || before < t.n.fails
		timer = s.at(lasts(t.n.work, t.name(), before), func() { timer.off = true; ends(!fails) })
	})
}

func (s *sim) next() int {
	s.seq++
	return s.seq
}

// failed follows a failed attempt.
func (s *sim) failed(t *try) {
	p := t.n.policy
	retry := !t.n.permanent && t.number-1 < p.MaxRetries
	switch {
	case retry && p.Then == wfe.CompensateThenRetry:
		s.settle(t, func() {
			again := s.begin(t.n, t.at, t.done, t.branch, t.number+1)
			s.pause(t.at, again.id, interval(p, t.number), func() {}, func() { s.attempt(again) })
		})
	case retry:
		inPart := func() { t.at.saga.keeps(t, 0, true) }
		s.pause(t.at, t.id, interval(p, t.number), inPart, func() {
			t.number++
			s.attempt(t)
		})
	default:
		s.final(t, t.at, p.Then)
	}
}

// interval is the wait before retry n.
func interval(p wfe.RetryPolicy, n int) time.Duration {
	return time.Duration(float64(p.Interval) * math.Pow(p.Factor, float64(n-1)))
}

// final follows what has failed for good. t is nil for what is no step.
func (s *sim) final(t *try, at where, then wfe.Action) {
	switch {
	case then == wfe.CompensateThenSuspend:
		s.settle(t, func() { s.over("suspended") })
	case then == wfe.Suspend || at.undo:
		s.over("suspended")
	case then == wfe.Compensate:
		s.settle(t, t.done)
	case at.saga != nil:
		at.saga.fail(t, then)
	case then == wfe.Terminate:
		s.over("terminated")
	default:
		s.over("suspended")
	}
}

// settle compensates a step by itself, and goes on. A saga that is stopped waits
// for the compensation, and then nothing follows.
func (s *sim) settle(t *try, next func()) {
	var stopped func()
	a := t.at.enter(&activity{id: s.pointer(), stop: func(then func()) { stopped = then }})
	s.undo(t.n, t.name(), t.at.items, 1, func() {
		t.at.leave(a)
		if stopped != nil {
			stopped()
			return
		}
		next()
	})
}

// undoPolicy counts for all compensations.
var undoPolicy = wfe.RetryPolicy{MaxRetries: 2, Interval: 777_777_777, Factor: 1}

// undo runs a compensation until it has succeeded; it is never skipped.
func (s *sim) undo(n *node, name string, items []int, attempt int, done func()) {
	if n.comp != nil {
		s.block(n.comp, where{undo: true, items: items}, done)
		return
	}
	s.commit(func() {
		if s.end != "" {
			return
		}
		before := s.begins("undo " + name)
		s.at(lasts(n.undoWork, name, before), func() {
			switch {
			case before >= n.undoFails:
				done()
			case attempt-1 < undoPolicy.MaxRetries:
				s.at(interval(undoPolicy, attempt), func() { s.undo(n, name, items, attempt+1, done) })
			default:
				s.over("suspended")
			}
		})
	})
}
