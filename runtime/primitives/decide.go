package primitives

import (
	"errors"

	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/instance"
)

// decide runs the first of its cases that holds on entry, or all that do, each in
// a branch of its own; its default where none does.
type decide struct{}

var _ Container = decide{}

func (decide) Enter(m Machine, p *instance.Pointer) {
	n := m.Node(p)
	var holding []int
	for i := range n.Blocks {
		if n.Blocks[i].Name == definition.BlockDefault {
			continue
		}
		holds, err := m.Cond(p, i)
		if err != nil {
			m.Fault(p, err)
			return
		}
		if holds {
			if holding = append(holding, i); !n.All {
				break
			}
		}
	}
	if holding == nil {
		d := n.Block(definition.BlockDefault)
		if d == definition.None {
			m.Fault(p, errors.New("no case holds, and there is no default"))
			return
		}
		holding = []int{d}
	}
	for _, i := range holding {
		m.Open(p, i, 0)
	}
}

func (decide) Ended(m Machine, p *instance.Pointer) {
	if p.Pending == 0 {
		m.Leave(p)
	}
}
