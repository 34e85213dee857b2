package primitives

import "github.com/wfegen/wfe/runtime/instance"

// parallel runs all its blocks at once and goes on when every one has ended.
type parallel struct{}

var _ Container = parallel{}

func (parallel) Enter(m Machine, p *instance.Pointer) {
	n := len(m.Node(p).Blocks)
	if n == 0 {
		m.Leave(p)
		return
	}
	for i := range n {
		m.Open(p, i, 0)
	}
}

func (parallel) Ended(m Machine, p *instance.Pointer) {
	if p.Pending == 0 {
		m.Leave(p)
	}
}
