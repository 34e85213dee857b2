package primitives

import (
	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/instance"
)

// forEach runs its block once for each element of a collection that is taken
// once, on entry: one after the other, or in parallel with a bounded number of
// live branches, where one that ended is replaced in the same transition.
type forEach struct{}

var _ Container = forEach{}

func (forEach) Enter(m Machine, p *instance.Pointer) {
	n, err := m.Collect(p)
	if err != nil {
		m.Fault(p, err)
		return
	}
	if n == 0 {
		m.Leave(p)
		return
	}
	p.Total = n
	for range min(n, window(m, p)) {
		next(m, p)
	}
}

func (forEach) Ended(m Machine, p *instance.Pointer) {
	switch {
	case p.Started < p.Total:
		next(m, p)
	case p.Pending == 0:
		m.Leave(p)
	}
}

// window is how many branches are live at once.
func window(m Machine, p *instance.Pointer) int {
	limit := m.Settings(p).Limit
	switch {
	case m.Node(p).Sequential:
		return 1
	case limit < 1:
		return definition.DefaultLimit
	}
	return min(limit, definition.MaxLimit)
}

// next starts the branch of the next element.
func next(m Machine, p *instance.Pointer) {
	p.Started++
	m.Open(p, 0, p.Started-1)
}
