package reference

import (
	"fmt"

	wfe "github.com/wfegen/wfe/runtime"
)

// steering is work that pauses, and has an outcome.
type steering struct {
	work
	Took int // events, set by the body
}

// steeringLasting cannot be undone.
type steeringLasting struct{ steering }

// kept is what a steering step keeps from run to run.
type kept struct{ Pauses, Took int }

func (s *steering) steer(ctx wfe.StepContext) (wfe.Result, error) {
	n := s.world.nodes[s.ID]
	var k kept
	if _, err := ctx.Persisted(&k); err != nil {
		return ctx.Next(), err
	}
	if err := s.run(ctx); err != nil {
		return ctx.Next(), err
	}
	switch ok, err := ctx.Event(&note{}); {
	case err != nil:
		return ctx.Next(), err
	case ok:
		k.Took++
	}
	if k.Pauses == len(n.pauses) {
		s.Took = k.Took
		return ctx.Outcome(n.outcome), nil
	}
	p, key := n.pauses[k.Pauses], pauseKey(s.name(), k.Pauses)
	k.Pauses++
	switch p.kind {
	case sleeps:
		return ctx.Sleep(p.d).Keep(k), nil
	case waits:
		return ctx.WaitFor(note{}, key).Within(p.d).Keep(k), nil
	}
	return ctx.Persist(k), nil
}

// pauseKey is the key of the event that a step waits for in a pause.
func pauseKey(name string, pause int) string { return fmt.Sprint(name, "/", pause) }

// took is the line that a steering step leaves.
func took(name string, events int) string { return fmt.Sprint(name, "+", events) }

func (b *builder) steer(n *node, items []*int) {
	set := func(d *data, s *steering) { s.ID, s.Items, s.Seen = n.id, d.at(items), len(d.Log) }
	out := func(d *data, s *steering) {
		d.Log, d.Keys = append(d.Log, took(s.name(), s.Took)), append(d.Keys, s.Key)
	}
	if n.undo {
		s := wfe.AddStep(b.Block, wfe.Use[data, steering]{Set: set, Out: out})
		s.Name(n.id)
		s.OnError(n.policy)
		for i, block := range n.blocks {
			s.When(i, func(b *builder) { b.nodes(block, items) })
		}
		return
	}
	s := wfe.AddStep(b.Block, wfe.Use[data, steeringLasting]{
		Set: func(d *data, s *steeringLasting) { set(d, &s.steering) }, Out: func(d *data, s *steeringLasting) { out(d, &s.steering) }})
	s.Name(n.id)
	s.OnError(n.policy)
	for i, block := range n.blocks {
		s.When(i, func(b *builder) { b.nodes(block, items) })
	}
}
