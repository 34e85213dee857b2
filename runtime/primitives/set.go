package primitives

import "github.com/wfegen/wfe/runtime/instance"

// set changes the data, wholly or not at all, and goes on.
type set struct{}

var _ Primitive = set{}

func (set) Enter(m Machine, p *instance.Pointer) {
	if err := m.Apply(p, nil); err != nil {
		m.Fault(p, err)
		return
	}
	m.Leave(p)
}
