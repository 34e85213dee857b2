package primitives

import "github.com/wfegen/wfe/runtime/instance"

// fail fails for good: the saga around it is rolled back, and with none the instance is
// terminated.
type fail struct{}

var _ Primitive = fail{}

func (fail) Enter(m Machine, p *instance.Pointer) { m.Doom(p) }
