package engine

import (
	"fmt"

	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/instance"
)

// enterStep evaluates a step's inputs, once for all attempts, and has its body run.
func (m *machine) enterStep(p *instance.Pointer) {
	var in []byte
	err := guard(func() (err error) { in, err = m.Code.In(p.Node, m.scope(p)); return err })
	if err == nil && len(in) > MaxPayload {
		err = fmt.Errorf("its inputs are %d bytes; at most %d are allowed", len(in), MaxPayload)
	}
	m.fresh = append(m.fresh, p.ID)
	if err != nil {
		m.Fault(p, err)
		return
	}
	p.Input, p.Persist = in, nil
	p.Attempt = max(p.Attempt, 1)
	m.run(p)
}

// run has p's body run: a first, a further or a repeated time.
func (m *machine) run(p *instance.Pointer) {
	m.await(p, instance.Running, 0)
	m.emit(p)
}

func (m *machine) emit(p *instance.Pointer) {
	r := Run{Ptr: p.ID, Gen: p.Gen, Attempt: p.Attempt + p.Used, Node: p.Node,
		Compensation: p.Role != instance.Forward, Input: p.Input, Persist: p.Persist}
	if items := m.scope(p).Items; len(items) > 0 {
		last := items[len(items)-1]
		r.Item, r.Index = last.Value, last.Index
	}
	m.fx.Run = append(m.fx.Run, r)
}

// done takes the result of a body.
func (m *machine) done(p *instance.Pointer, in instance.Input) {
	switch in.Result {
	case instance.Persist:
		p.Persist, p.Attempt = in.Persist, 1
		m.run(p)
		return
	case instance.SleepUntil:
		if in.Persist != nil {
			p.Persist = in.Persist
		}
		p.Attempt = 1
		m.SleepUntil(p, in.Until)
		return
	}
	if p.Role != instance.Forward {
		m.compensated(p)
		return
	}
	if err := m.record(p, in.Payload); err != nil {
		m.Fault(p, err)
		return
	}
	if block := m.Node(p).Block(in.Outcome); in.Result == instance.Outcome && block != definition.None {
		m.forget(p)
		m.Open(p, block, 0)
		return
	}
	m.Leave(p)
}

// record applies a step's outputs and, inside a saga, notes how to undo it.
func (m *machine) record(p *instance.Pointer, value []byte) error {
	if len(value) > MaxPayload {
		return fmt.Errorf("its outputs are %d bytes; at most %d are allowed", len(value), MaxPayload)
	}
	if err := m.Apply(p, value); err != nil {
		return err
	}
	m.note(p, value, false)
	return nil
}

// note records that p's step may have to be undone.
func (m *machine) note(p *instance.Pointer, value []byte, inPart bool) {
	saga, _ := m.around(p)
	if saga == nil || !m.Node(p).HasCompensation() {
		return
	}
	m.keep(&instance.UndoEntry{Seq: m.sequence(), Ptr: p.ID, Node: p.Node, Saga: saga.ID,
		InPart: inPart, Value: value, Items: m.scope(p).Items})
}

func (m *machine) sequence() instance.Seq {
	m.s.NextSeq++
	return m.s.NextSeq
}
