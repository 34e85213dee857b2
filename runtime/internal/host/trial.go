package host

import (
	"slices"
	"time"

	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/store"
)

// trials is what a pool knows of bodies that may be to blame for crashes of the
// process. docs/semantics.md, "Steps". Pool.mu guards it.
//
// A suspect waits for its turn. Then a Probe makes durable that it is about to run,
// so that the next crash is counted for it and for none that waits. The next one
// has its turn when it has ended, when the host has committed something else since
// it began, or after a while.
type trials struct {
	waiting []*run
	turn    *run            // the suspect that is probed or runs
	running map[*run]uint64 // bodies with crashes that run: the last batch that was taken before they began
}

// trial is how long the next suspect waits for one that runs.
const trial = 10 * time.Second

// try has a suspect wait for its turn. p.mu is held.
func (p *pool) try(r *run) {
	p.trials.waiting = append(p.trials.waiting, r)
	p.nextTrial()
}

// nextTrial gives the next suspect its turn, if nobody has it. p.mu is held.
func (p *pool) nextTrial() {
	t := &p.trials
	if t.turn != nil || len(t.waiting) == 0 || p.closed {
		return
	}
	r := t.waiting[0]
	t.waiting = t.waiting[1:]
	t.turn = r
	p.h.post(r.a.id, letter{
		in: instance.Input{Kind: instance.Probe, Ptr: r.call.Ptr, Gen: r.call.Gen},
		done: func(bool, error) {
			p.mu.Lock()
			defer p.mu.Unlock()
			if r.call.Suspect && t.turn == r { // its instance was suspended, or goes another way
				r.parked = !r.settled
				p.overTrial(r)
			}
		},
	})
}

// overTrial ends r's turn, if it has it. p.mu is held.
func (p *pool) overTrial(r *run) {
	delete(p.trials.running, r)
	if p.trials.turn == r {
		p.trials.turn = nil
		p.nextTrial()
	}
}

// beginTrial watches a body that begins, if it has crashes. p.mu is held.
func (p *pool) beginTrial(r *run) {
	if r.call.Crashes == 0 {
		return
	}
	if p.trials.running == nil {
		p.trials.running = map[*run]uint64{}
	}
	p.trials.running[r] = p.h.taken.Load()
	p.h.Clock.AfterFunc(trial, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.trials.turn == r {
			p.trials.turn = nil
			p.nextTrial()
		}
	})
}

// survived tells the bodies that began before batch n was taken that they are not to
// blame: it is durable.
func (p *pool) survived(n uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for r, began := range p.trials.running {
		if began < n {
			p.h.post(r.a.id, letter{in: instance.Input{Kind: instance.Survived, Ptr: r.call.Ptr, Gen: r.call.Gen}})
			p.overTrial(r)
		}
	}
}

// dropTrial takes a suspect out that waits for its turn; false when it does not. p.mu is held.
func (p *pool) dropTrial(r *run) bool {
	before := len(p.trials.waiting)
	p.trials.waiting = slices.DeleteFunc(p.trials.waiting, func(o *run) bool { return o == r })
	return len(p.trials.waiting) < before
}

// proves reports whether a batch that is durable clears the bodies that ran
// meanwhile: something in it was written, and not for the sake of trials alone.
func proves(batch []*pending, outcomes []store.Outcome) bool {
	for i, p := range batch {
		if outcomes[i].Code == store.Written && !p.ofTrials() {
			return true
		}
	}
	return false
}

// ofTrials reports whether a transition is about crashes and nothing else.
func (p *pending) ofTrials() bool {
	return len(p.mail) > 0 && !slices.ContainsFunc(p.mail, func(l letter) bool {
		switch l.in.Kind {
		case instance.Crashed, instance.Recovered, instance.Probe, instance.Survived:
			return false
		}
		return true
	})
}
