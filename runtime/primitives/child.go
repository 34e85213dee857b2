package primitives

import "github.com/wfegen/wfe/runtime/instance"

// child starts an instance of another workflow and awaits its end, which engine
// takes. Its block is its compensation.
type child struct{}

var _ Container = child{}

func (child) Enter(m Machine, p *instance.Pointer) { m.Call(p) }

func (child) Ended(m Machine, p *instance.Pointer) { m.Compensated(p) }
