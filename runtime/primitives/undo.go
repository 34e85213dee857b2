package primitives

import "github.com/wfegen/wfe/runtime/instance"

// undo records that its block is to run if the saga around it is rolled back.
type undo struct{}

var _ Primitive = undo{}

func (undo) Enter(m Machine, p *instance.Pointer) {
	m.Register(p)
	m.Leave(p)
}
