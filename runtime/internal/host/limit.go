package host

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"golang.org/x/time/rate"

	"github.com/wfegen/wfe/runtime/definition"
)

// StepLimit bounds the bodies of one step on this host, compensations included.
type StepLimit struct {
	Concurrent int     // bodies that run at the same time; 0 is no bound of its own
	Rate       float64 // bodies that begin in a second, on average; 0 is no bound
	Burst      int     // bodies that may begin at once after a quiet time; 0 is 1
}

// gate holds back the runs of a step that has a limit. What is held back takes no
// place in the pool. The pool's mu guards it.
type gate struct {
	p       *pool
	limit   StepLimit
	bucket  *rate.Limiter // nil without a rate
	running int
	held    fair
	timer   func() bool // stops the timer that opens it; nil when there is none
}

// gates makes the gates of a host, by name of the step.
func (p *pool) gates() (map[string]*gate, error) {
	out := map[string]*gate{}
	for _, name := range slices.Sorted(maps.Keys(p.h.Limits)) {
		l := p.h.Limits[name]
		switch {
		case !p.h.hasStep(name):
			return nil, fmt.Errorf("wfe: there is a limit for step %q, which is in no registered workflow", name)
		case l.Concurrent < 0 || l.Rate < 0 || l.Burst < 0 || math.IsNaN(l.Rate) || math.IsInf(l.Rate, 0):
			return nil, fmt.Errorf("wfe: the limit for step %q has a number that is negative or not finite: %+v", name, l)
		case l.Burst > 0 && l.Rate == 0:
			return nil, fmt.Errorf("wfe: the limit for step %q has a burst without a rate", name)
		}
		g := &gate{p: p, limit: l, held: newFair()}
		if l.Rate > 0 {
			g.bucket = rate.NewLimiter(rate.Limit(l.Rate), max(l.Burst, 1))
		}
		out[name] = g
	}
	return out, nil
}

func (h *Host) hasStep(name string) bool {
	for _, w := range h.workflows {
		if slices.ContainsFunc(w.Definition.Nodes, func(n definition.Node) bool { return n.Step == name || n.Compensate == name }) {
			return true
		}
	}
	return false
}

// step is the name of the step whose body r runs.
func (r *run) step() string {
	n := &r.call.Workflow.Definition.Nodes[r.call.Node]
	if r.call.Compensation && n.Compensate != "" {
		return n.Compensate
	}
	return n.Step
}

// admit lets r begin, or holds it back. p.mu is held.
func (p *pool) admit(r *run) bool {
	g := p.limits[r.step()]
	if g == nil {
		return true
	}
	if !g.held.empty() || !g.enter() { // behind those that wait already
		g.held.push(r)
		g.open()
		return false
	}
	return true
}

// enter takes a place, if there is one now.
func (g *gate) enter() bool {
	if g.limit.Concurrent > 0 && g.running >= g.limit.Concurrent {
		return false
	}
	if g.bucket != nil {
		now := g.p.time()
		if !g.bucket.AllowN(now, 1) {
			g.wake(now)
			return false
		}
	}
	g.running++
	return true
}

// wake opens the gate when the rate allows the next run.
func (g *gate) wake(now time.Time) {
	if g.timer != nil {
		return
	}
	next := g.bucket.ReserveN(now, 1)
	wait := next.DelayFrom(now)
	next.CancelAt(now)
	g.timer = g.p.h.Clock.AfterFunc(max(wait, 1), func() {
		g.p.mu.Lock()
		defer g.p.mu.Unlock()
		g.timer = nil
		g.open()
	})
}

// open lets in what is held back, as far as there is room.
func (g *gate) open() {
	for !g.held.empty() && g.enter() {
		r := g.held.pop()
		if r == nil { // what was held is not needed any more
			g.running--
			return
		}
		g.p.admitted = append(g.p.admitted, r)
	}
	g.p.call()
}

// exit gives r's place back.
func (p *pool) exit(r *run) {
	if g := p.limits[r.step()]; g != nil {
		g.running--
		g.open()
	}
}

// closeGates lets nothing in any more. p.mu is held.
func (p *pool) closeGates() {
	for _, g := range p.limits {
		if g.timer != nil {
			g.timer()
		}
	}
}

// time is that of the buckets: it never jumps.
func (p *pool) time() time.Time { return time.Unix(0, 0).Add(p.h.Clock.Since()) }
