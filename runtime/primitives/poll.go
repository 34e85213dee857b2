package primitives

import (
	"fmt"

	"github.com/wfegen/wfe/runtime/instance"
)

// poll asks again and again until the answer is the one that is waited for. Its
// body makes one request: it is done when the answer is the one, and sleeps when it
// is not, with what it was like as persistence data. An error of the network is not
// the answer either. Between two requests there is a timer and nothing else.
type poll struct{}

var (
	_ Worker = poll{}
	_ Timed  = poll{}
)

func (poll) Enter(m Machine, p *instance.Pointer) {
	p.Round = m.Now().Add(m.Settings(p).Within)
	p.Persist, p.Started = nil, 1
	m.Begin(p)
}

func (poll) Returned(m Machine, p *instance.Pointer, in instance.Input) {
	switch {
	case in.Kind == instance.StepFailed && in.Err != nil && in.Err.Permanent:
		m.Fail(p, in.Err)
		return
	case in.Kind == instance.StepFailed && in.Err != nil:
		p.Persist = []byte(in.Err.Message)
	case in.Result == instance.SleepUntil:
		p.Persist = in.Persist
	default:
		if err := m.Apply(p, in.Payload); err != nil {
			m.Fault(p, err)
			return
		}
		m.Leave(p)
		return
	}
	if over(m, p) {
		return
	}
	m.SleepUntil(p, min(m.Now().Add(m.Settings(p).Delay), p.Round))
}

func (poll) Due(m Machine, p *instance.Pointer) {
	if !over(m, p) {
		p.Started++
		m.Again(p)
	}
}

// over fails p when its time is up.
func over(m Machine, p *instance.Pointer) bool {
	if m.Now() < p.Round {
		return false
	}
	m.Fail(p, &instance.StepError{Message: fmt.Sprintf("the answer did not come within %s and %d requests; the last one: %s", m.Settings(p).Within, p.Started, p.Persist)})
	return true
}
