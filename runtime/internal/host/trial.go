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
// A suspect is run alone: when its turn has come no other body begins, and those
// that run are awaited. Then a Probe makes durable that it is about to run, so that
// the next crash is counted for it and for nobody else. The trial is over when it
// is durable that it has ended, or that it is not to blame.
//
// After a crash no body begins before all instances were asked for theirs. So
// suspects come first, and nothing that runs keeps them from being alone.
type trials struct {
	unasked int             // instances that were not asked yet
	hasty   bool            // that takes too long: bodies begin all the same
	waiting suspects        // for their turn, before all other runs
	turn    *turn           // nil when nobody has it
	until   time.Duration   // Clock.Since at which no turn begins any more; 0 before the first one
	watched map[*run]uint64 // bodies with crashes that run: the last batch that was taken before they began
	left    int             // bodies that were left behind and have not returned
}

// turn is that of a suspect.
type turn struct {
	r        *run
	probed   bool        // it is alone: a Probe is on its way or durable
	ready    bool        // the Probe is durable, and it is to begin
	overdue  bool        // it has run for so long that it is over when others are to begin
	clearing bool        // that it is not to blame is on its way
	stop     func() bool // stops the timer
}

const (
	// trial is the longest time for which nothing begins: while instances are asked
	// for their bodies, until those that run leave a suspect alone, and beside it.
	trial = 10 * time.Second
	// allTrials is the longest time in which suspects have their turns, one after the other.
	allTrials = time.Minute
)

// askFirst has bodies wait until n instances more were asked for theirs.
func (p *pool) askFirst(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.trials.unasked += n
}

// asked notes that one was.
func (p *pool) asked() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.trials.unasked--; p.trials.unasked == 0 {
		p.call()
	}
}

// hurry has bodies wait no longer.
func (p *pool) hurry() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.trials.hasty = true
	p.call()
}

// hold reports whether no body may begin but the one whose turn it is.
func (t *trials) hold() bool { return t.turn != nil || t.unasked > 0 && !t.hasty }

// try gives a suspect its turn. p.mu is held.
func (p *pool) try(r *run) {
	t := &turn{r: r}
	p.trials.turn = t
	p.limitTurn(t)
	switch now := p.h.Clock.Since(); {
	case p.trials.until == 0:
		p.trials.until = now + allTrials
	case now >= p.trials.until:
		p.tryNobody("there were too many of them")
		return
	}
	p.probe()
}

// limitTurn sets the timer of a turn. p.mu is held.
func (p *pool) limitTurn(t *turn) {
	t.stop = p.h.Clock.AfterFunc(trial, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		switch {
		case p.trials.turn != t:
		case t.r.began:
			t.overdue = true
			p.yield()
		case !t.probed:
			p.tryNobody("those that run already do not end")
		}
	})
}

// probe begins the trial of the suspect whose turn it is, if it is alone. p.mu is held.
func (p *pool) probe() {
	t := p.trials.turn
	if t == nil || t.probed || p.active+p.trials.left > 0 || p.closed {
		return
	}
	t.probed = true
	r := t.r
	p.h.post(r.a.id, letter{
		in: instance.Input{Kind: instance.Probe, Ptr: r.call.Ptr, Gen: r.call.Gen},
		done: func(bool, error) {
			p.mu.Lock()
			defer p.mu.Unlock()
			if p.trials.turn == t && !t.ready && !r.began { // its instance was suspended, or goes another way
				r.parked = !r.settled
				p.takeTurn(r)
			}
		},
	})
}

// tryNobody has all suspects begin beside other bodies. A crash is not counted for
// them then. p.mu is held.
func (p *pool) tryNobody(why string) {
	p.h.Logger.Warn("bodies that may be to blame for crashes run beside others: no crash is counted for them until the next host starts, because "+why,
		"bodies", len(p.trials.waiting.byCrashes)+1)
	p.trials.until = p.h.Clock.Since()
	p.admitted = append(p.admitted, p.trials.turn.r)
	for _, r := range p.runs {
		r.beside = r.beside || r.call.Suspect
	}
	for r := p.trials.waiting.pop(); r != nil; r = p.trials.waiting.pop() {
		p.queue.push(r)
	}
	p.overTrial(p.trials.turn.r)
}

// begin takes the suspect that is to begin, nil when there is none. p.mu is held.
func (t *trials) begin() *run {
	if t.turn == nil || !t.turn.ready {
		return nil
	}
	t.turn.ready = false
	return t.turn.r
}

// beginTrial watches a body that begins, if it has crashes. p.mu is held.
func (p *pool) beginTrial(r *run) {
	if r.call.Crashes == 0 {
		return
	}
	if p.trials.watched == nil {
		p.trials.watched = map[*run]uint64{}
	}
	p.trials.watched[r] = p.h.taken.Load()
	if t := p.trials.turn; t != nil && t.r == r {
		t.stop()
		p.limitTurn(t)
		p.h.Logger.Info("a body that may be to blame for crashes runs alone", "instance", r.a.id,
			"node", r.call.Workflow.Definition.Nodes[r.call.Node].ID, "crashes", r.call.Crashes)
	}
}

// yield ends a trial that has taken long, if another body is to begin. p.mu is held.
func (p *pool) yield() {
	if t := p.trials.turn; t != nil && t.overdue && p.wanted() {
		p.clear(t.r)
	}
}

// survived tells the bodies that began before batch n was taken that they are not to
// blame: it is durable.
func (p *pool) survived(n uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for r, began := range p.trials.watched {
		if began < n {
			p.clear(r)
		}
	}
}

// clear makes durable that a body which runs is not to blame. p.mu is held.
func (p *pool) clear(r *run) {
	delete(p.trials.watched, r)
	t := p.trials.turn
	if t != nil && t.r == r {
		if t.clearing {
			return
		}
		t.clearing = true
	}
	p.h.post(r.a.id, letter{in: instance.Input{Kind: instance.Survived, Ptr: r.call.Ptr, Gen: r.call.Gen}, done: p.whenOver(r)})
}

// whenOver returns what ends r's turn, if it has it, once an input is durable; else
// nil. p.mu is held.
func (p *pool) whenOver(r *run) func(bool, error) {
	if t := p.trials.turn; t == nil || t.r != r {
		return nil
	}
	return func(bool, error) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.overTrial(r)
	}
}

// overTrial ends r's turn, if it has it. p.mu is held.
func (p *pool) overTrial(r *run) {
	if t := p.trials.turn; t != nil && t.r == r {
		t.stop()
		p.trials.turn = nil
		p.call()
	}
}

// takeTurn takes the turn from a suspect that has not begun; false when it does not
// have it. p.mu is held.
func (p *pool) takeTurn(r *run) bool {
	if t := p.trials.turn; t == nil || t.r != r || r.began {
		return false
	}
	p.exit(r)
	p.overTrial(r)
	return true
}

// returned notes that a body that was left behind has returned. p.mu is held.
func (p *pool) returned() {
	p.trials.left--
	p.probe()
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
