package primitives

import "github.com/wfegen/wfe/runtime/instance"

// schedule runs its block at a time, then goes on. It is never early; a time that
// is over is now.
type schedule struct{}

var (
	_ Container = schedule{}
	_ Timed     = schedule{}
)

func (schedule) Enter(m Machine, p *instance.Pointer) {
	due := m.Now().Add(m.Settings(p).Delay)
	if !m.Node(p).After {
		var err error
		if due, err = m.Time(p); err != nil {
			m.Fault(p, err)
			return
		}
	}
	if due <= m.Now() {
		m.Open(p, 0, 0)
		return
	}
	m.SleepUntil(p, due)
}

func (schedule) Due(m Machine, p *instance.Pointer) { m.Open(p, 0, 0) }

func (schedule) Ended(m Machine, p *instance.Pointer) { m.Leave(p) }
