package engine

import "github.com/wfegen/wfe/runtime/instance"

// log notes what has happened, to p or, where that is nil, to the whole instance.
func (m *machine) log(p *instance.Pointer, r instance.Record) {
	r.At = m.env.Now
	if p != nil {
		r.Ptr, r.Node = p.ID, p.Node
	}
	m.fx.Log = append(m.fx.Log, r)
}

// keepLog adds what has happened to the history.
func (m *machine) keepLog() {
	if !m.fx.Changed {
		m.fx.Log = nil
		return
	}
	if m.env.NoHistory {
		return
	}
	m.fx.Archive = append(m.fx.Archive, m.s.Append(m.fx.Log)...)
}

// logAttempt notes that a body is to run.
func (m *machine) logAttempt(p *instance.Pointer) {
	kind := instance.RecordStepStarted
	if p.Role != instance.Forward {
		kind = instance.RecordUndoStarted
	}
	m.log(p, instance.Record{Kind: kind, Attempt: p.Used + p.Attempt})
}

// logCompleted notes that a step has succeeded.
func (m *machine) logCompleted(p *instance.Pointer, in instance.Input) {
	m.log(p, instance.Record{Kind: instance.RecordStepCompleted, Attempt: p.Used + p.Attempt, Text: in.Outcome})
}

// logFailure notes a failure, in the history and among the failures.
func (m *machine) logFailure(p *instance.Pointer, f *instance.Failure) {
	m.log(p, instance.Record{Kind: instance.RecordStepFailed, Attempt: f.Attempt, Text: f.Message})
	m.fx.Archive = append(m.fx.Archive, m.s.Failed(f))
}

// logRetry notes when p's next attempt is due, with the failure that was just noted.
func (m *machine) logRetry(p *instance.Pointer) {
	if n := len(m.fx.Log); n > 0 && m.fx.Log[n-1].Kind == instance.RecordStepFailed && m.fx.Log[n-1].Ptr == p.ID {
		m.fx.Log[n-1].Until = p.Due
	}
}

// hide tells the bodies that are to run what of the data is secret: their errors
// are seen by middleware before the engine has them.
func (m *machine) hide() {
	if len(m.fx.Run) == 0 {
		return
	}
	if secrets := m.Code.Secrets(m.s.Live); secrets != nil {
		for i := range m.fx.Run {
			m.fx.Run[i].Secrets = secrets
		}
	}
}
