package primitives

import "github.com/wfegen/wfe/runtime/instance"

// forEach runs its block once for each element of a collection that is taken
// once, on entry, as a step does for those that it branches into.
type forEach struct{}

var _ Container = forEach{}

func (forEach) Enter(m Machine, p *instance.Pointer) {
	n, err := m.Collect(p)
	if err != nil {
		m.Fault(p, err)
		return
	}
	Branch(m, p, n)
}

func (forEach) Ended(m Machine, p *instance.Pointer) { Branched(m, p) }
