package primitives

import (
	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/instance"
)

// ifElse runs its first block when its condition holds on entry, else its second.
type ifElse struct{}

var _ Container = ifElse{}

func (ifElse) Enter(m Machine, p *instance.Pointer) {
	holds, err := m.Cond(p, 0)
	if err != nil {
		m.Fault(p, err)
		return
	}
	name := definition.BlockElse
	if holds {
		name = definition.BlockThen
	}
	if b := m.Node(p).Block(name); b != definition.None {
		m.Open(p, b, 0)
		return
	}
	m.Leave(p)
}

func (ifElse) Ended(m Machine, p *instance.Pointer) { m.Leave(p) }
