package host

import (
	"slices"

	"github.com/wfegen/wfe/runtime/engine"
	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/internal/tracing"
	"github.com/wfegen/wfe/runtime/store"
)

// ackLoop does what follows from batches that are durable, in their order.
func (h *Host) ackLoop() {
	for a := range h.acks {
		last := a.batch[len(a.batch)-1].n
		for i, p := range a.batch {
			h.ack(p, a.outcomes[i])
		}
		h.queue.finished(last)
	}
}

func (h *Host) ack(p *pending, o store.Outcome) {
	if p.item.Event != nil || p.item.Release != 0 || o.Matched {
		h.events.look(o.Matched)
	}
	if len(p.item.Send) > 0 {
		h.inbox.look()
	}
	if p.done != nil {
		p.done <- o
	}
	if p.actor != nil {
		h.ackTransition(p, o) // after it p may be another transition's
	}
}

func (h *Host) ackTransition(p *pending, o store.Outcome) {
	a := p.actor
	if a.start != nil && o.Code != store.Written {
		h.unstarted(a, p.mail, o, nil)
		return
	}
	start := a.start
	if start != nil {
		h.mu.Lock()
		a.start = nil
		h.mu.Unlock()
		a.k, a.state.Born = o.K, o.Born
		defer start.answer(o, nil)
	}
	if o.Code == store.Stale {
		h.Logger.Error("an instance was changed behind this host's back; it is read anew", "instance", a.id)
		a.state = nil
		for _, l := range p.mail {
			h.post(a.id, l)
		}
		h.rest(a)
		return
	}
	for _, l := range p.mail {
		if l.from != nil {
			l.from.over.Store(true)
		}
	}
	h.tally.count(a, start != nil, p.from)
	if a.state.Status != p.from {
		h.report(a)
		if a.state.Status == instance.Suspended {
			h.pool.park(a)
		}
	}
	for _, t := range p.fx.Timers {
		h.timers.apply(a.id, a.k, t)
	}
	h.notify(a, p.fx.Log)
	h.dispatch(a, &p.fx)
	p.answerAll()
	if a.state.Status.Ended() {
		h.ended(a, p.item.Instance)
		p.item.Instance = nil // it belongs to those who waited
	} else if !a.alive { // only acks write it
		h.mu.Lock()
		a.alive = true
		h.mu.Unlock()
	}
	h.over(p)
	h.rest(a)
}

// report logs that an instance has come to a stop that somebody should know of.
func (h *Host) report(a *actor) {
	s := a.state
	facts := []any{"instance", a.id, "workflow", a.wf.Definition.Name}
	if id := tracing.ID(s.Trace); id != "" {
		facts = append(facts, "trace_id", id)
	}
	if s.Reason != "" {
		facts = append(facts, "reason", s.Reason)
	}
	failed := s.Reason == instance.ReasonFailed || slices.ContainsFunc(s.Pointers, func(p *instance.Pointer) bool { return p.Status == instance.Failed })
	if f := s.Failure; failed && f != nil {
		facts = append(facts, "node", f.Node, "step", f.Step, "attempt", f.Attempt, "error", f.Message)
	}
	switch {
	case s.Status == instance.Suspended && failed:
		h.Logger.Warn("instance suspended: Resume runs what failed again", facts...)
	case s.Status == instance.Suspended:
		h.Logger.Info("instance suspended by a command", facts...)
	case s.Status == instance.Terminated && failed:
		h.Logger.Warn("instance terminated", facts...)
	case s.Status == instance.Terminated:
		h.Logger.Info("instance terminated by a command", append(facts, "why", s.Note)...)
	}
}

// unstarted ends the turn of an actor whose instance was not inserted: it is there
// already, or cannot begin. What else there is in its mail is for the one that is there.
func (h *Host) unstarted(a *actor, mail []letter, o store.Outcome, err error) {
	start := a.start
	h.mu.Lock()
	a.start = nil
	a.mail = append(mail[1:], a.mail...) // the first one is the start
	h.mu.Unlock()
	a.wf, a.state = nil, nil
	h.rest(a)
	start.answer(o, err)
}

// dispatch stops and starts the bodies of a transition that is durable.
func (h *Host) dispatch(a *actor, fx *engine.Effects) {
	for _, ptr := range fx.Stop {
		h.pool.stop(a, ptr)
	}
	for _, r := range fx.Run {
		h.pool.start(a, r)
	}
}

// ended wakes those who wait for the end of an instance.
func (h *Host) ended(a *actor, r *store.Row) {
	h.mu.Lock()
	a.alive = false
	h.mu.Unlock()
	r.Cells = a.state.DataCells() // the row has those that were written last
	h.tell(a.id, waited{row: r})
}

// tell answers those who wait for the end of an instance.
func (h *Host) tell(id string, w waited) {
	h.mu.Lock()
	waiters := h.waiters[id]
	delete(h.waiters, id)
	h.mu.Unlock()
	for _, c := range waiters {
		c <- w
	}
}
