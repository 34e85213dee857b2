package primitives

import "github.com/wfegen/wfe/runtime/instance"

// recur runs its block in rounds until a condition holds: on entry and then each
// interval, or whenever a cron expression says. A round begins when the one before
// has ended; the rounds that were due meanwhile are one.
type recur struct{}

var (
	_ Container = recur{}
	_ Timed     = recur{}
)

func (r recur) Enter(m Machine, p *instance.Pointer) {
	switch {
	case p.Round != 0: // again, after a condition that failed
		r.next(m, p)
	case m.Node(p).Every == 0:
		p.Round = m.Now()
		r.next(m, p)
	case !r.stops(m, p):
		p.Round = m.Now()
		m.Open(p, 0, 0)
	}
}

func (r recur) Ended(m Machine, p *instance.Pointer) { r.next(m, p) }

func (r recur) Due(m Machine, p *instance.Pointer) { r.next(m, p) }

// next begins the next round, now or when it is due.
func (r recur) next(m Machine, p *instance.Pointer) {
	if r.stops(m, p) {
		return
	}
	due := after(m, p)
	if due > m.Now() {
		m.SleepUntil(p, due)
		return
	}
	p.Round = m.Now()
	if every := m.Node(p).Every; every > 0 {
		p.Round -= instance.Instant(p.Round.Sub(due) % every) // the last one that is due: the grid stays
	}
	m.Open(p, 0, 0)
}

// after returns when the round after the present one is due.
func after(m Machine, p *instance.Pointer) instance.Instant {
	if every := m.Node(p).Every; every > 0 {
		return p.Round.Add(every)
	}
	return m.Next(p, p.Round)
}

// stops ends p when its condition holds.
func (recur) stops(m Machine, p *instance.Pointer) bool {
	holds, err := m.Cond(p, 0)
	switch {
	case err != nil:
		m.Fault(p, err)
	case holds:
		m.Leave(p)
	}
	return err != nil || holds
}
