package primitives

import "github.com/wfegen/wfe/runtime/instance"

// delay sleeps for a fixed time, or until the data say, then goes on. It is never early.
type delay struct{}

var _ Timed = delay{}

func (delay) Enter(m Machine, p *instance.Pointer) {
	due := m.Now().Add(m.Settings(p).Delay)
	if m.Node(p).Due {
		var err error
		if due, err = m.Time(p); err != nil {
			m.Fault(p, err)
			return
		}
	}
	m.SleepUntil(p, due)
}

func (delay) Due(m Machine, p *instance.Pointer) { m.Leave(p) }
