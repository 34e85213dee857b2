package primitives

import (
	"github.com/wfegen/wfe/runtime/instance"
)

// while runs its block as long as its condition holds: on entry and after each
// round. A round that has ended leaves nothing behind.
type while struct{}

var _ Container = while{}

func (w while) Enter(m Machine, p *instance.Pointer) { w.round(m, p) }

func (w while) Ended(m Machine, p *instance.Pointer) {
	if m.Turned(p) {
		w.round(m, p)
	}
}

func (while) round(m Machine, p *instance.Pointer) {
	holds, err := m.Cond(p, 0)
	switch {
	case err != nil:
		m.Fault(p, err)
	case holds:
		m.Open(p, 0, 0)
	default:
		m.Leave(p)
	}
}
