package primitives

import (
	"github.com/wfegen/wfe/runtime/definition"
	"github.com/wfegen/wfe/runtime/instance"
)

// Branch runs the first block of p once for each of n elements, which are stored:
// one after the other, or in parallel with a bounded number of live branches, where
// one that ended is replaced in the same transition. Without elements the flow goes on.
func Branch(m Machine, p *instance.Pointer, n int) {
	if n == 0 {
		m.Leave(p)
		return
	}
	p.Total, p.Started = n, 0
	for range min(n, window(m, p)) {
		next(m, p)
	}
}

// Branched is called when a branch of p has ended, or, of a step that has none, the
// block of its outcome.
func Branched(m Machine, p *instance.Pointer) {
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
