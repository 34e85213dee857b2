package wfe

import (
	"fmt"
	"time"

	"github.com/wfegen/wfe/runtime/definition"
)

// Rhythm says when the rounds of a Recur are due. See Every and Cron.
type Rhythm struct {
	every      time.Duration
	cron, zone string
}

// Every has the first round begin at once, and then one each d, counted from there.
func Every(d time.Duration) Rhythm { return Rhythm{every: d} }

// Cron has rounds begin by a cron expression: minute, hour, day of the month,
// month, day of the week, or a name such as @daily, on the clocks of a time zone,
// such as Europe/Berlin or UTC. Where clocks are put back, a round of a given hour
// runs once, and where they are put forward it runs after the gap; rounds of every
// hour follow the time that passes. A host must know the zone: one without a zone
// database imports time/tzdata.
func Cron(expr, zone string) Rhythm { return Rhythm{cron: expr, zone: zone} }

// Recur runs body in rounds until the condition holds: it is asked on entry, after
// each round and before the next. Rounds never overlap. Those that were due while
// one ran, or while no host was up, are run once, not once each; the others stay
// where they are.
func (b Block[D, B]) Recur(id string, rhythm Rhythm, until func(data *D) bool, body func(b B)) B {
	n := b.c.add(b.seq, id, definition.Node{Kind: definition.Recur, Every: rhythm.every, Cron: rhythm.cron, Zone: rhythm.zone})
	b.cond(n, until)
	if rhythm.cron != "" {
		next, err := rhythm.next()
		if err != nil {
			b.c.fail("node %q: %v", b.c.Nodes[n].ID, err)
		}
		b.c.code[n].next = next
	}
	b.block(n, "", body)
	return b.self()
}

// next returns the times of a cron expression in its zone.
func (r Rhythm) next() (func(after time.Time) time.Time, error) {
	cron, err := definition.ParseCron(r.cron)
	if err != nil {
		return nil, err
	}
	if r.zone == "" || r.zone == "Local" {
		return nil, fmt.Errorf("time zone %q is not the same everywhere: give one by its name, such as Europe/Berlin or UTC", r.zone)
	}
	zone, err := time.LoadLocation(r.zone)
	if err != nil {
		return nil, fmt.Errorf("this host does not know the time zone %q: check its name, or import time/tzdata where there is no zone database (%w)", r.zone, err)
	}
	return func(after time.Time) time.Time { return cron.Next(after, zone) }, nil
}
