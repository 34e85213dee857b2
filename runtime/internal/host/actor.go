package host

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/wfegen/wfe/runtime/engine"
	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/store"
)

// actor is an instance that is live in memory. It is busy from when it is put
// among the ready ones until its transition is durable: what comes in the
// meantime waits in its mail.
type actor struct {
	id string

	// Guarded by Host.mu.
	mail   []letter
	busy   bool
	bodies int  // queued or running
	alive  bool // it was durable and had not ended when it was last heard of

	// Used by whoever holds busy; start is changed under Host.mu too.
	start *start // for an instance that is not durable yet
	wf    *Workflow
	k     int64
	state *instance.State
	left  bool // it is among those that are left alone, as of this turn
	// refers: the stored row says that the instance may refer to artifacts.
	refers bool
}

// letter is an input on its way to an instance.
type letter struct {
	in   instance.Input
	from *Message // that it came by, which ends with the transition; nil if by none
	// done, if set, is called once it is known what became of the input: taken is
	// false when the instance could not look at it and it must be offered again.
	done func(taken bool, err error)
}

// post gives a letter to an instance, which is loaded if it is not live.
func (h *Host) post(id string, l letter) { h.postWithin(math.MaxInt, id, l) }

// postWithin does so unless that many letters wait for it already; false then.
func (h *Host) postWithin(most int, id string, l letter) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	a := h.actors[id]
	if a != nil && len(a.mail) >= most {
		return false
	}
	if a == nil {
		a = &actor{id: id}
		h.actors[id] = a
	}
	a.mail = append(a.mail, l)
	h.rouse(a)
	return true
}

// rouse makes an actor with mail ready. h.mu is held.
func (h *Host) rouse(a *actor) {
	if !a.busy && len(a.mail) > 0 {
		a.busy = true
		h.busy++
		h.ready = append(h.ready, a)
		h.wake.Signal()
	}
}

// rest ends an actor's turn. One with nothing to do leaves memory.
func (h *Host) rest(a *actor) {
	h.mu.Lock()
	defer h.mu.Unlock()
	a.busy = false
	h.busy--
	h.rouse(a)
	if h.busy == 0 {
		h.synced.Broadcast()
	}
	if !a.busy && a.bodies == 0 && h.actors[a.id] == a {
		delete(h.actors, a.id)
	}
}

// maxMail is how many inputs one transition takes.
const maxMail = 1000

// turn runs one transition of an actor, on scheduler i.
func (h *Host) turn(i int, a *actor) {
	p := h.spare(a)
	h.mu.Lock()
	commandsFirst(a.mail)
	n := min(len(a.mail), maxMail)
	p.mail = append(p.mail, a.mail[:n]...)
	if a.mail = slices.Delete(a.mail, 0, n); len(a.mail) == 0 && cap(a.mail) > spareMax {
		a.mail = nil
	}
	a.left = h.blocked[a.id] != nil
	h.mu.Unlock()

	returned := false
	defer func() {
		if !returned { // nothing stops the end of this goroutine, so another takes its place
			h.service.Go(func() { h.schedule(i) })
			h.turned(a, p, &BlockedError{Instance: a.id, Reason: exited})
		}
	}()
	err := h.transition(i, a, p)
	if h.onlyTerminates(a, p, err) {
		err = h.terminateBlocked(a, p)
	}
	returned = true
	h.turned(a, p, err)
}

// exited is why an instance is blocked whose workflow calls runtime.Goexit in a
// condition or in wiring.
const exited = "a function of its workflow ended the goroutine that ran it (runtime.Goexit, or FailNow of a test)"

// turned goes on after a transition.
func (h *Host) turned(a *actor, p *pending, err error) {
	if err == nil && a.left {
		h.unblock(a.id)
	}
	switch {
	case err != nil && a.start != nil:
		h.unstarted(a, p.mail, store.Outcome{}, err)
	case err != nil:
		a.state = nil // what is in memory may be half done
		h.giveUp(a, p.mail, err)
	case !p.fx.Changed:
		h.dispatch(a, &p.fx)
		p.answerAll()
		h.over(p)
		h.rest(a)
	default:
		h.queue.put(p)
	}
}

// giveUp ends a turn that failed. An instance that this program cannot carry on
// is blocked; what only failed for the moment is tried again.
func (h *Host) giveUp(a *actor, mail []letter, err error) {
	var blocked *BlockedError
	switch {
	case errors.As(err, &blocked):
		h.block(blocked)
		answer(mail, false, err)
	case errors.Is(err, ErrNotFound), h.life.Err() != nil:
		answer(mail, false, err)
	default:
		h.Logger.Error("a transition failed and is tried again", "instance", a.id, "error", err)
		h.Clock.AfterFunc(time.Second, func() {
			for _, l := range mail {
				h.post(a.id, l)
			}
		})
	}
	h.rest(a)
}

func answer(mail []letter, taken bool, err error) {
	for _, l := range mail {
		if l.done != nil {
			l.done(taken, err)
		}
	}
}

// transition advances an actor by p.mail. If anything has changed, p holds what is
// to be committed.
func (h *Host) transition(i int, a *actor, p *pending) (err error) {
	if a.state == nil && a.start == nil {
		if err := h.load(a); err != nil {
			return err
		}
	}
	var offered instance.Seq // an event whose elders are in p.in: it may be offered to many waits
	for j := range p.mail {
		in := &p.mail[j].in
		if in.Kind != instance.EventOffered || in.Seq != offered {
			looked := false
			if p.in, looked, err = h.eventsBefore(a, in, p.in); err != nil {
				return err
			}
			if looked && in.Kind == instance.EventOffered {
				offered = in.Seq
			}
		}
		if in.Kind.IsCommand() {
			in.Tag = j
		}
		p.in = append(p.in, *in)
	}
	p.from = a.state.Status
	env := engine.Env{Now: h.Clock.Now(), Grace: h.Grace, NoHistory: h.NoHistory, MaxCrashes: max(h.MaxCrashes, 0)}
	if err := engine.Advance(h.programs[i][a.wf], a.state, p.in, env, &p.fx); err != nil {
		if a.start != nil {
			return err
		}
		return &BlockedError{Instance: a.id, Reason: err.Error()}
	}
	return h.written(a, p)
}

// written sets what a transition writes.
func (h *Host) written(a *actor, p *pending) (err error) {
	if p.fx.Changed {
		fill(p.item.Instance, a, &p.fx)
		p.item.Done = h.ends(p)
		p.item.Send, err = messages(p.fx.Send)
		if h.Ended != nil && a.state.Status.Ended() {
			p.item.Send = append(p.item.Send, endOf(a.id))
		}
	}
	return err
}

// ends lists the messages that end with a transition.
func (h *Host) ends(p *pending) (done []store.Done) {
	for i, l := range p.mail {
		if l.from != nil {
			done = append(done, l.from.done(h.Clock.Now(), "", p.refusal(i)))
		}
	}
	return done
}

// fill sets in r, which is empty, what a transition writes.
func fill(r *store.Row, a *actor, fx *engine.Effects) {
	s := a.state
	s.Rev++
	*r = store.Row{
		K: a.k, ID: s.ID, Definition: s.Definition, Status: s.Status, Reason: s.Reason, Rev: s.Rev,
		Ready: engine.Ready(s), Created: s.Created, Ended: s.Ended, Drop: fx.Del,
		Head: s.AppendHead(slices.Grow(r.Head, 256+len(s.Data.Head))), Cells: r.Cells, Timers: r.Timers, Waits: r.Waits, Took: r.Took,
	}
	if a.start != nil {
		r.StartHash, r.Reference, r.Unique = a.start.Hash, a.start.Reference, a.start.Unique
		if s.Parent != nil {
			r.Parent = s.Parent.ID
		}
	}
	for _, id := range fx.Put {
		r.Cells = append(r.Cells, instance.Cell{ID: id, Body: s.AppendCell(nil, id)})
	}
	for _, t := range fx.Timers {
		r.Timers = append(r.Timers, store.TimerOp(t))
	}
	for _, w := range fx.Waits {
		r.Waits = append(r.Waits, store.WaitOp(w))
	}
	for _, t := range fx.Took {
		r.Took = append(r.Took, store.Took(t))
	}
	if !a.refers {
		a.refers = refers(r)
		r.Artifacts = a.refers
	}
	r.Cells = append(r.Cells, fx.Archive...)
}

// load reads an instance from the store.
func (h *Host) load(a *actor) error {
	r, err := h.Store.Load(h.life, a.id)
	if errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("wfe: instance %q: %w", a.id, ErrNotFound)
	}
	if err != nil {
		return fmt.Errorf("wfe: loading instance %q: %w", a.id, err)
	}
	if a.wf, err = h.workflow(h.life, r); err != nil {
		return err
	}
	return a.decode(r)
}

func (a *actor) decode(r *store.Row) error {
	s, err := Decode(r)
	if err != nil {
		return &BlockedError{Instance: a.id, Reason: err.Error()}
	}
	a.k, a.state, a.refers = r.K, s, r.Artifacts
	return nil
}

// Decode makes a State of a stored row.
func Decode(r *store.Row) (*instance.State, error) {
	s := &instance.State{ID: r.ID, Definition: r.Definition, Status: r.Status, Rev: r.Rev,
		Born: r.Born, Created: r.Created, Ended: r.Ended}
	if err := s.Decode(r.Head, r.Cells); err != nil {
		return nil, err
	}
	return s, nil
}
