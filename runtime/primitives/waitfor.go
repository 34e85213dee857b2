package primitives

import (
	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/instance"
)

// waitFor waits for an event and hands its payload to the data. When its time is
// up first it runs its timeout block instead.
type waitFor struct{}

var (
	_ Container = waitFor{}
	_ Timed     = waitFor{}
	_ Listener  = waitFor{}
)

func (waitFor) Enter(m Machine, p *instance.Pointer) {
	key, err := m.Key(p)
	if err != nil {
		m.Fault(p, err)
		return
	}
	if p.Since, err = m.Since(p); err != nil {
		m.Fault(p, err)
		return
	}
	var due instance.Instant
	if m.Node(p).Due {
		if due, err = m.Time(p); err != nil {
			m.Fault(p, err)
			return
		}
		due = max(due, 1)
	} else if d := m.Settings(p).Timeout; d > 0 {
		due = m.Now().Add(d)
	}
	m.Wait(p, m.Node(p).Event, key, due)
}

func (waitFor) Take(m Machine, p *instance.Pointer, payload []byte) error {
	if err := m.Apply(p, payload); err != nil {
		return err
	}
	m.Leave(p)
	return nil
}

func (waitFor) Due(m Machine, p *instance.Pointer) {
	if b := m.Node(p).Block(definition.BlockTimeout); b != definition.None {
		m.Open(p, b, 0)
		return
	}
	m.Leave(p)
}

func (waitFor) Ended(m Machine, p *instance.Pointer) { m.Leave(p) }
