package engine

import (
	"fmt"

	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/primitives"
)

// apply takes one input.
func (m *machine) apply(in instance.Input) {
	switch in.Kind {
	case instance.Started:
		m.start(in)
	case instance.Suspend, instance.Resume, instance.Retry, instance.Cancel, instance.Terminate:
		m.command(in)
	case instance.Recovered, instance.Crashed:
		m.recovered(in.Kind == instance.Crashed)
	case instance.Probe, instance.Survived:
		m.probe(in)
	case instance.StepDone, instance.StepFailed, instance.StepStopped, instance.TimerDue, instance.EventOffered, instance.ChildEnded:
		m.receive(in)
	default:
		m.err = fmt.Errorf("unknown input of kind %d", in.Kind)
	}
}

// receive takes an input for one pointer, unless it is stale.
func (m *machine) receive(in instance.Input) {
	p := m.receiver(in)
	if p == nil {
		return
	}
	m.fx.Changed = true
	if in.Kind == instance.EventOffered {
		m.claim(p, in)
		in.Ptr, in.Gen = p.ID, p.Gen
	}
	if m.s.Status == instance.Suspended {
		m.hold(p, in)
		return
	}
	m.deliver(p, in)
}

// receiver returns the pointer that takes an input; nil if that is stale.
func (m *machine) receiver(in instance.Input) *instance.Pointer {
	if in.Signal != "" {
		return m.inLine(in, nil)
	}
	p := m.s.Pointer(in.Ptr)
	if p == nil || !m.awaits(p, in) {
		return nil
	}
	if in.Kind == instance.EventOffered {
		return m.inLine(in, p)
	}
	return p
}

// awaits reports whether p still awaits what in brings.
func (m *machine) awaits(p *instance.Pointer, in instance.Input) bool {
	if p.Gen != in.Gen || p.Held {
		return false
	}
	switch in.Kind {
	case instance.StepDone, instance.StepFailed:
		return p.Status == instance.Running || p.Status == instance.Stopping
	case instance.StepStopped:
		return p.Status == instance.Stopping
	case instance.ChildEnded:
		return p.Status == instance.Calling || p.Status == instance.Stopping
	case instance.TimerDue:
		return p.Due != 0
	case instance.EventOffered:
		return m.mayTake(p, in)
	}
	return false
}

// deliver hands an input to the pointer that awaits it.
func (m *machine) deliver(p *instance.Pointer, in instance.Input) {
	stopping := p.Status == instance.Stopping
	switch in.Kind {
	case instance.StepDone:
		p.Begun = true
		switch {
		case stopping:
			m.stoppedDone(p, in)
		case !m.returned(p, in):
			m.done(p, in)
		}
	case instance.StepFailed:
		p.Begun = true
		switch {
		case stopping:
			m.stopped(p)
		case !m.returned(p, in):
			m.failed(p, in.Err)
		}
	case instance.StepStopped:
		if in.Unbegun && !p.Begun {
			p.Attempt = 0 // nothing ran
			m.withdrew(p, false)
		} else {
			m.stopped(p)
		}
	case instance.ChildEnded:
		m.childEnded(p, in)
	case instance.TimerDue:
		m.due(p)
	case instance.EventOffered:
		m.take(p, in)
	}
}

// returned hands the end of a body to a node that is no step; false where p is one.
func (m *machine) returned(p *instance.Pointer, in instance.Input) bool {
	if m.isStep(p) {
		return false
	}
	w, ok := m.behaviour(p).(primitives.Worker)
	switch {
	case !ok:
		return false
	case in.Kind == instance.StepDone && in.Result == instance.Next:
		m.logCompleted(p, in)
	case in.Kind == instance.StepFailed && in.Err != nil && !in.Err.Permanent: // one that is, fails the node and is noted as such
		m.log(p, instance.Record{Kind: instance.RecordStepFailed, Attempt: uint32(p.Started), Text: m.Code.Redact(m.s.Live, in.Err.Message)})
	}
	w.Returned(m, p, in)
	return true
}

func (m *machine) start(in instance.Input) {
	if m.s.NextPtr > 0 {
		return
	}
	m.fx.Changed = true
	m.s.Data = instance.Data{Head: in.Payload}
	m.s.Created = in.At
	if err := m.reload(); err != nil {
		m.err = fmt.Errorf("decoding the data that it is started with: %w", err)
		return
	}
	m.divideAnew()
	if m.Definition.First == definition.None {
		m.log(nil, instance.Record{Kind: instance.RecordStarted})
		m.finish(instance.Complete)
		return
	}
	p := m.spawn(&instance.Pointer{Node: m.Definition.First})
	m.entering(p)
	if in.Until > m.env.Now {
		m.await(p, instance.Scheduled, in.Until)
	} else {
		m.follow(p, false)
	}
	m.log(nil, instance.Record{Kind: instance.RecordStarted, Until: p.Due})
}

// due is called when a pointer's timer has fired.
func (m *machine) due(p *instance.Pointer) {
	switch p.Status {
	case instance.Stopping:
		m.stopped(p)
	case instance.Retrying:
		m.retry(p)
	case instance.Open: // a saga between two rounds
		m.again(p, p.Used+1)
	case instance.Scheduled:
		m.forget(p)
		m.touch(p)
		m.follow(p, false)
	case instance.Sleeping, instance.Waiting:
		switch {
		case p.Status == instance.Waiting:
			m.log(p, instance.Record{Kind: instance.RecordTimedOut})
		case !m.isStep(p):
			m.log(p, instance.Record{Kind: instance.RecordDue})
		}
		if m.isStep(p) {
			m.run(p)
			return
		}
		if t, ok := m.behaviour(p).(primitives.Timed); ok {
			m.forget(p)
			t.Due(m, p)
		}
	}
}

// recovered goes on after the process before has ended: bodies that ran are run
// again, those that were being stopped may have acted.
func (m *machine) recovered(crashed bool) {
	if m.s.Status != instance.Runnable {
		return
	}
	var follows []instance.Input
	for _, p := range m.s.Pointers {
		switch p.Status {
		case instance.Running:
			if m.blame(p, crashed) {
				follows = append(follows, instance.Input{Kind: instance.StepFailed, Ptr: p.ID, Gen: p.Gen, Err: m.crashLoop(p)})
				continue
			}
			m.ask(p)
			m.emit(p)
		case instance.Stopping:
			if m.isChild(p) {
				continue // its end is still told
			}
			follows = append(follows, instance.Input{Kind: instance.StepStopped, Ptr: p.ID, Gen: p.Gen})
		}
	}
	for _, in := range follows {
		m.receive(in)
		m.settle()
	}
}
