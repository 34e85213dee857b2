package primitives

import "github.com/wfegen/wfe/runtime/instance"

// delay sleeps for a fixed time, then goes on. It is never early.
type delay struct{}

var _ Timed = delay{}

func (delay) Enter(m Machine, p *instance.Pointer) {
	m.SleepUntil(p, m.Now().Add(m.Settings(p).Delay))
}

func (delay) Due(m Machine, p *instance.Pointer) { m.Leave(p) }
