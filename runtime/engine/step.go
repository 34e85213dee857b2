package engine

import (
	"errors"
	"slices"

	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/primitives"
)

// Begin evaluates the inputs of p's body, once for all its runs, and has it run.
func (m *machine) Begin(p *instance.Pointer) {
	in, err := m.input(p)
	if err != nil {
		m.Fault(p, err)
		return
	}
	p.Input, p.Attempt = in, 1
	m.run(p)
}

// Again has the body of a node that is no step run another time.
func (m *machine) Again(p *instance.Pointer) {
	m.run(p)
}

// run has p's body run: a first, a further or a repeated time.
func (m *machine) run(p *instance.Pointer) {
	m.await(p, instance.Running, 0)
	m.logAttempt(p)
	m.ask(p)
	m.emit(p)
}

// ask notes that the run which p awaits has not begun.
func (m *machine) ask(p *instance.Pointer) {
	m.asked = append(m.asked, p.ID)
}

// begun reports whether the present run of p may have begun: whether it was asked
// for in an earlier Advance.
func (m *machine) begun(p *instance.Pointer) bool { return !slices.Contains(m.asked, p.ID) }

func (m *machine) emit(p *instance.Pointer) {
	r := Run{Crashes: p.Crashes, Suspect: m.suspect(p) && !p.Probing, Ptr: p.ID, Gen: p.Gen, Attempt: p.Used + p.Attempt, Node: p.Node,
		Compensation: p.Role != instance.Forward, Undoes: m.undoes(p), Input: p.Input, Persist: p.Persist,
		Event: p.Event, Taken: p.Taken, Payload: p.Payload}
	for _, it := range m.scope(p).Items {
		if !it.Done && m.Definition.Nodes[it.Node].Branches(0) {
			r.Item, r.Index = it.Value, it.Index
		}
	}
	m.fx.Run = append(m.fx.Run, r)
}

// undoes returns the run that p compensates, or of whose compensation it is a part.
func (m *machine) undoes(p *instance.Pointer) instance.PtrID {
	for c := p; c != nil; c = m.parent(c) {
		if u := m.s.Entry(c.Undo); u != nil && !u.Block {
			return u.Ptr
		}
	}
	return 0
}

// isStep reports whether p runs a body itself, forwards or as a compensation.
func (m *machine) isStep(p *instance.Pointer) bool { return m.Node(p).Kind == definition.Step }

// ran reports whether p is a step whose body was asked for, or has started a child.
func (m *machine) ran(p *instance.Pointer) bool {
	return m.isStep(p) && p.Attempt > 0 || m.isChild(p) && p.Started > 0
}

// acted reports whether p is a step, or a child, that may have acted and has not completed.
func (m *machine) acted(p *instance.Pointer) bool {
	return m.ran(p) && p.Role == instance.Forward && p.Status != instance.Open && !over(p) &&
		(m.isChild(p) || p.Begun || m.begun(p))
}

// done takes the result of a body.
func (m *machine) done(p *instance.Pointer, in instance.Input) {
	if err := bounded("its persistence data is", len(in.Persist)); err != nil {
		m.Fault(p, err)
		return
	}
	if m.paused(p, in) {
		return
	}
	if err := m.mayBranch(p, in); err != nil {
		m.Fault(p, err)
		return
	}
	if p.Role != instance.Forward {
		if m.Node(p).Compensate != "" {
			if err := m.storeUndone(p, in.Payload); err != nil {
				m.Fault(p, err)
				return
			}
		}
		m.compensated(p)
		return
	}
	if err := m.record(p, in); err != nil {
		m.Fault(p, err)
		return
	}
	m.logCompleted(p, in)
	block := m.Node(p).Outcome(in.Outcome)
	switch {
	case in.Result == instance.Outcome && block != definition.None:
		m.becomeContainer(p)
		m.Open(p, block, 0)
	case in.Result == instance.Branch:
		m.becomeContainer(p)
		m.keepItems(p, in.Items)
		primitives.Branch(m, p, len(in.Items))
	default:
		m.Leave(p)
	}
}

// paused takes a result after which the body is to run again; false for any other.
func (m *machine) paused(p *instance.Pointer, in instance.Input) bool {
	if in.Succeeded() {
		return false
	}
	m.unwait(p)
	p.Attempt = 1
	if in.Persist != nil {
		p.Persist = in.Persist
	}
	switch in.Result {
	case instance.WaitFor:
		m.waitAgain(p, in)
	case instance.SleepUntil:
		m.sleep(p, in.Until)
		m.log(p, instance.Record{Kind: instance.RecordStepPaused, Until: p.Due})
	default:
		m.log(p, instance.Record{Kind: instance.RecordStepPaused})
		m.run(p)
	}
	return true
}

// becomeContainer makes of a step, whose body is done, what its blocks are in.
func (m *machine) becomeContainer(p *instance.Pointer) {
	m.forget(p)
	m.unwait(p)
	p.Input, p.Persist = nil, nil
}

// mayBranch reports why p cannot branch as its body says.
func (m *machine) mayBranch(p *instance.Pointer, in instance.Input) error {
	switch {
	case in.Result != instance.Branch:
		return nil
	case p.Role != instance.Forward:
		return errors.New("it branches, which a compensation cannot")
	case !m.Node(p).Branches(0):
		return errors.New("it branches, and has no block for that in this workflow")
	}
	return boundedItems("it branches into", in.Items)
}

// record applies a step's outputs and, inside a saga, notes how to undo it.
func (m *machine) record(p *instance.Pointer, in instance.Input) error {
	if err := bounded("its outputs are", len(in.Payload)); err != nil {
		return err
	}
	if err := m.applyOutputs(p, in); err != nil {
		return err
	}
	m.note(p, in.Payload, false)
	return nil
}
