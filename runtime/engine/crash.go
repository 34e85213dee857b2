package engine

import (
	"errors"
	"fmt"

	"github.com/wfegen/wfe/runtime/instance"
)

// A body that ends its process is run again by the next one, and so on for ever.
// docs/semantics.md, "Steps", says how crashes are counted.

// ErrCrashLoop begins the message of a failed attempt whose body was to blame for
// Env.MaxCrashes crashes in a row.
var ErrCrashLoop = errors.New("crash loop")

func (m *machine) crashLoop(p *instance.Pointer) *instance.StepError {
	return &instance.StepError{Message: fmt.Sprintf("%v: the process crashed %d times in a row while this body ran, and had stored nothing since it began", ErrCrashLoop, p.Crashes)}
}

// blame counts a crash for p's body, if that may have caused it; true when it has
// caused too many. Only one that happened while the body ran alone says so.
func (m *machine) blame(p *instance.Pointer, crashed bool) bool {
	if m.env.MaxCrashes == 0 || p.Crashes == 0 && !crashed {
		return false
	}
	m.fx.Changed = true
	m.touch(p)
	alone := p.Probing
	p.Probing = false
	if !crashed || m.suspect(p) && !alone {
		return false
	}
	p.Crashes++
	return alone && int(p.Crashes) >= m.env.MaxCrashes
}

// suspect reports whether p's body has half of the crashes that would make it fail:
// such ones run alone, one after the other, so that each further crash is that of one of them.
func (m *machine) suspect(p *instance.Pointer) bool {
	return m.env.MaxCrashes > 0 && p.Crashes > 0 && 2*int(p.Crashes) >= m.env.MaxCrashes
}

// probe notes that p's body is run alone, or that it is not to blame.
func (m *machine) probe(in instance.Input) {
	p := m.s.Pointer(in.Ptr)
	if p == nil || p.Gen != in.Gen || p.Status != instance.Running || p.Held || p.Crashes == 0 {
		return
	}
	switch {
	case in.Kind == instance.Survived:
		m.absolve(p)
	case m.s.Status == instance.Runnable:
		p.Probing = true
		m.emit(p)
	default:
		return
	}
	m.fx.Changed = true
	m.touch(p)
}

// unprobe ends p's trial, which may have been lost while its instance was suspended.
func (m *machine) unprobe(p *instance.Pointer) {
	if p.Probing {
		p.Probing = false
		m.touch(p)
	}
}

func (m *machine) absolve(p *instance.Pointer) { p.Crashes, p.Probing = 0, false }
