package primitives

import "github.com/wfegen/wfe/runtime/instance"

// saga runs its body. When the body fails the engine rolls it back; what is here
// is the way without a failure, and the end of the saga's own compensation.
type saga struct{}

var _ Container = saga{}

// Enter takes the saga's place in the order of undoing before the steps inside
// take theirs, so that its own compensation comes after theirs.
func (saga) Enter(m Machine, p *instance.Pointer) {
	p.Mark = m.Sequence()
	m.Open(p, 0, 0)
}

func (saga) Ended(m Machine, p *instance.Pointer) {
	if p.Phase == instance.Compensating || p.Role == instance.Undoing {
		m.Compensated(p)
		return
	}
	m.Completed(p)
}
