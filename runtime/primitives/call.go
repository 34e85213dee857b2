package primitives

import "github.com/wfegen/wfe/runtime/instance"

// call runs its block.
type call struct{}

var _ Container = call{}

func (call) Enter(m Machine, p *instance.Pointer) { m.Open(p, 0, 0) }

func (call) Ended(m Machine, p *instance.Pointer) { m.Leave(p) }
