package wfe

import (
	"time"

	"github.com/wfegen/wfe/runtime/definition"
)

// Schedule runs body at the time that at returns when the node is reached, at once
// if that is over, and goes on after it. It holds nothing meanwhile.
func (b Block[D, B]) Schedule(id string, at func(data *D) time.Time, body func(b B)) B {
	n := b.c.add(b.seq, id, definition.Node{Kind: definition.Schedule})
	b.c.needs(n, "time", at != nil)
	b.c.code[n].time = func(data any, _ time.Time) time.Time { return at(data.(*D)) }
	b.block(n, "", body)
	return b.self()
}

// ScheduleAfter runs body when d has passed since the node was reached, and goes
// on after it.
func (b Block[D, B]) ScheduleAfter(id string, d time.Duration, body func(b B)) B {
	n := b.c.add(b.seq, id, definition.Node{Kind: definition.Schedule, After: true})
	b.c.settings[n].Delay = d
	b.block(n, "", body)
	return b.self()
}
