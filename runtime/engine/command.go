package engine

import (
	"slices"

	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/instance"
)

// Commands are for an instance as a whole. docs/semantics.md, "Control".

// command does what somebody wants of the instance, or refuses it.
func (m *machine) command(in instance.Input) {
	if !possible(m.s, in.Kind) {
		m.fx.Refused = append(m.fx.Refused, Refused{Tag: in.Tag, Status: m.s.Status, Reason: m.s.Reason})
		return
	}
	if m.s.Status.Ended() {
		return
	}
	m.log(nil, instance.Record{Kind: instance.RecordCommand, Text: commands[in.Kind], Trace: in.Trace})
	switch in.Kind {
	case instance.Suspend:
		if m.s.Status == instance.Runnable {
			m.to(instance.Suspended, "")
		}
	case instance.Resume, instance.Retry:
		m.resume()
	case instance.Cancel:
		m.cancelAll()
	case instance.Terminate:
		m.s.Note = string(in.Payload)
		m.end(instance.ReasonOperator)
	}
}

// commands names the commands for the history.
var commands = map[instance.InputKind]string{instance.Suspend: "suspend", instance.Resume: "resume", instance.Retry: "retry",
	instance.Cancel: "cancel", instance.Terminate: "terminate"}

// possible reports whether the instance can do what a command wants, or has done it.
func possible(s *instance.State, command instance.InputKind) bool {
	switch {
	case s.Status.Ended():
		return command == instance.Cancel && s.Reason == instance.ReasonCancelled ||
			command == instance.Terminate && s.Reason == instance.ReasonOperator
	case command == instance.Retry:
		return s.Status == instance.Suspended && slices.ContainsFunc(s.Pointers, func(p *instance.Pointer) bool { return p.Status == instance.Failed })
	}
	return true
}

// end ends the instance as Terminated.
func (m *machine) end(why instance.Reason) {
	m.s.Reason = why
	m.finish(instance.Terminated)
}

// cancelAll stops what moves and rolls back the sagas that are open, all together.
// A suspended instance runs on for that: of what failed there only compensations
// are run again.
func (m *machine) cancelAll() {
	if m.s.Cancel != instance.Body {
		return // it is being cancelled
	}
	m.fx.Changed = true
	m.s.Cancel = instance.Halting
	suspended := m.s.Status == instance.Suspended
	if suspended {
		m.to(instance.Runnable, "")
	}
	m.halt(nil, nil)
	if len(m.s.Pointers) == 0 {
		m.halted(nil)
	}
	if suspended {
		m.goOnFromThere()
	}
}

// cancelled is called when all is undone of an instance that is cancelled.
func (m *machine) cancelled() { m.end(instance.ReasonCancelled) }

// leaveUndone records what nobody undoes any more, now that the instance is
// terminated: steps that were at work inside open sagas, and the own compensations
// of these. What had completed there is recorded already. A compensation whose
// success was kept for Resume is done.
func (m *machine) leaveUndone() {
	for _, in := range m.s.Held {
		if p := m.s.Pointer(in.Ptr); p != nil && p.Role != instance.Forward && in.Succeeded() {
			m.forgetEntry(p.Undo)
		}
	}
	for _, p := range m.s.Pointers {
		switch {
		case m.acted(p):
			m.note(p, p.Input, true)
		case m.isSaga(p) && p.Status == instance.Open && p.Phase != instance.Pausing && m.Node(p).Block(definition.BlockCompensate) != definition.None:
			outer, _ := m.around(p)
			m.keepSaga(p, outer, true)
		}
	}
	for _, u := range slices.Clone(m.s.Undo) {
		if u.Link {
			m.forgetEntry(u.Ptr)
		}
	}
}
