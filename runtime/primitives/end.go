package primitives

import "github.com/wfegen/wfe/runtime/instance"

// end ends the instance as Complete, wherever it stands; other pointers are cancelled.
type end struct{}

var _ Primitive = end{}

func (end) Enter(m Machine, _ *instance.Pointer) { m.End() }
